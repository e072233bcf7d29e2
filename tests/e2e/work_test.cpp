// Work certificates renewed by the offline root while terminals are served.
#include <gmock/gmock.h>

#include <set>

#include "pki/crl/crl.hpp"
#include "pki/ocsp/verify.hpp"
#include "tests/e2e/conversation.hpp"
#include "tests/e2e/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

using testing::Contains;

struct Offered {
  std::string serial;  // of the work certificate
  std::vector<std::string> revoked;
  std::string staple;  // "good", or what is wrong with it
};

std::string verdict_on(const rki::ServerHello& hello, const pki::Certificate& root, const std::string& serial) {
  if (!hello.ocsp) return "none";
  const auto said = pki::ocsp::verify(*hello.ocsp, {.issuer = root, .serial_hex = serial, .now_ms = SystemClock().now_ms()});
  return said ? std::string(pki::ocsp::name_of(said->status)) : describe(said.error());
}

// What a terminal is offered now, as another client sees it.
Offered offered_to(const Fleet& fleet, const std::string& serial) {
  const CurlAnswer answer = Scene::get().post("/rki/v1/hello", hello_of(fleet.device(serial).identity));
  EXPECT_EQ(answer.status, 200) << answer.body;
  const auto hello = rki::decode_server_hello(answer.body).value().hello;
  Offered out{pki::Certificate::from_der(hello.chain.front()).value().serial_hex(), {}, {}};
  out.staple = verdict_on(hello, fleet.device(serial).identity.root, out.serial);
  for (const auto& revoked : pki::Crl::from_der(hello.crl).value().revoked()) out.revoked.push_back(revoked.serial_hex);
  return out;
}

void renew(const std::string& name, const std::vector<std::string>& revoke) {
  Scene& scene = Scene::get();
  const std::string request = scene.in(name + ".request"), answer = scene.in(name + ".answer");
  scene.ask({"work", "request", "--out", request});
  std::vector<std::string> sign{"root", "sign", request, "--root-key", scene.in("offline/root.key"), "--root", scene.platform() + "/root.crt",
                                "--out", answer, "--passphrase-file", scene.in("root-passphrase"), "--json"};
  for (const std::string& serial : revoke) sign.insert(sign.end(), {"--revoke", serial});
  const Finished signed_one = trustferry(sign);
  ASSERT_EQ(signed_one.exit_code, 0) << signed_one.err;
  const Finished installed = scene.on_platform({"work", "install", answer});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
}

TEST(WorkCertificates, renewed_while_serving_reach_terminals_and_conversations_under_the_old_ones_end_well) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(3, 3);
  const std::string modern = fleet.modern[0], classic = fleet.classic[0];
  const Offered modern_before = offered_to(fleet, modern), classic_before = offered_to(fleet, classic);
  Conversation under_old_modern(fleet, fleet.modern[1]), under_old_classic(fleet, fleet.classic[1]);
  under_old_modern.step();
  under_old_classic.step();

  renew("renewal", {});
  const Offered modern_after = offered_to(fleet, modern), classic_after = offered_to(fleet, classic);
  EXPECT_NE(modern_after.serial, modern_before.serial);
  EXPECT_NE(classic_after.serial, classic_before.serial);
  EXPECT_THAT(modern_after.revoked, testing::Not(Contains(modern_before.serial)));
  for (const Offered& offered : {modern_before, classic_before, modern_after, classic_after}) EXPECT_EQ(offered.staple, "good");
  under_old_modern.finish();
  under_old_classic.finish();
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  scene.expect_complete(fleet);

  renew("revocation", {modern_before.serial, classic_before.serial});
  for (const std::string& serial : {modern, classic})
    EXPECT_THAT(offered_to(fleet, serial).revoked, testing::IsSupersetOf({modern_before.serial, classic_before.serial}));
  ASSERT_EQ(scene.download(fleet, {"--again"}).exit_code, 0);
  EXPECT_EQ(scene.stop(), 0);
  scene.serve();
  EXPECT_THAT(offered_to(fleet, modern).revoked, Contains(modern_before.serial)) << "a restart forgets neither certificate nor CRL";
  EXPECT_EQ(offered_to(fleet, modern).staple, "good");
  EXPECT_EQ(sql_number(scene.database(), "SELECT COUNT(*) FROM audit_entries WHERE action = 'work.install' AND outcome = 'accepted'"), 2);
}

TEST(WorkCertificates, may_be_requested_twice_at_once) {
  Scene& scene = Scene::get();
  scene.serve();
  std::set<std::string> requests;
  for (int i = 0; i < 3; ++i) {
    scene.ask({"work", "request", "--out", scene.in("twice.request")});
    requests.insert(read_text(scene.in("twice.request")));
  }
  EXPECT_EQ(requests.size(), 3U);
}

TEST(WorkCertificates, of_another_root_are_refused) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(1, 0);
  const Offered before = offered_to(fleet, fleet.modern[0]);
  const std::string request = scene.in("foreign.request"), answer = scene.in("foreign.answer"), other = scene.in("foreign");
  ASSERT_EQ(trustferry({"init", "--directory", other, "--root-key", other + "-root.key", "--range", "TF000000..TF999999", "--passphrase-file",
                        scene.passphrase_file(), "--root-passphrase-file", scene.in("root-passphrase")}).exit_code, 0);
  scene.ask({"work", "request", "--out", request});
  const auto sign = [&] {
    return trustferry({"root", "sign", request, "--root-key", other + "-root.key", "--root", other + "/root.crt", "--out", answer, "--passphrase-file",
                       scene.in("root-passphrase")});
  };
  EXPECT_EQ(sign().exit_code, 5) << "the revocation list in the request is of another root";
  // With its own list the other root signs what it is shown; the platform still does not take it.
  std::string text = read_text(request);
  const std::size_t at = text.find("\"crl\":\"") + 7;
  const std::string crl = sql_rows(other + "/trustferry.db", "SELECT hex(der) FROM crls")[0][0];
  text.replace(at, text.find('"', at) - at, wire::base64(wire::from_hex(crl).value()));
  write_text(request, text);
  const Finished signed_one = sign();
  ASSERT_EQ(signed_one.exit_code, 0) << signed_one.err;
  const Finished installed = scene.on_platform({"work", "install", answer});
  EXPECT_EQ(installed.exit_code, 5) << installed.err;
  EXPECT_EQ(offered_to(fleet, fleet.modern[0]).serial, before.serial);
  scene.ask({"work", "request", "--out", request});
  const Finished wrong = trustferry({"root", "sign", request, "--root-key", scene.in("offline/root.key"), "--root", scene.platform() + "/root.crt", "--out", answer,
                                     "--passphrase-file", "-"}, "not the passphrase\n");
  EXPECT_EQ(wrong.exit_code, 7) << wrong.err;
}

}  // namespace
}  // namespace tf::test
