// terminal onboard as a program: the factory's two visits, run, show, reset; what it prints and how it ends.
#include <gmock/gmock.h>

#include <signal.h>

#include <atomic>
#include <filesystem>

#include "tests/support/local.hpp"
#include "tests/support/process.hpp"
#include "tests/terminal_onboard/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::terminal::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using tf::test::Finished;
using tf::test::json_of;
using tf::test::must;

class Program : public Scene {
 protected:
  Finished command(const char* what, std::vector<std::string> words = {}) const {
    std::vector<std::string> all = {"terminal", "onboard", what, "--directory", directory};
    all.insert(all.end(), words.begin(), words.end());
    return tf::test::trustferry(all);
  }
  Finished make() {
    const std::string root = place.file("root.crt");
    tf::test::write_text(root, pki.root.certificate.to_pem());
    return command("make", {"--dsim-id", kDevice, "--root", root, "--registration", "reg-1=" + registrar.url(), "--phlr", phlr.url(), "--ocsp", ocsp.url() + "/ocsp",
                            "--authenticate", hss.url(), "--json"});
  }
  Finished certify() {
    const auto key_of = [&](const char* file) {
      return must(pki::CertificateRequest::from_pem(tf::test::read_text(directory + "/" + file))).public_key();
    };
    tf::test::write_text(place.file("signing.crt"), pki::to_pem(pki.module("onboard-module", kDevice, key_of("signing.csr"))));
    tf::test::write_text(place.file("decryption.crt"), pki::to_pem(pki.module("onboard-module-decryption", kDevice, key_of("decryption.csr"))));
    const auto& key = preliminary.key();
    tf::test::write_text(place.file("preliminary.json"), R"({"pimsi": "999990000000001", "k": ")" + wire::hex_lower(key.k()) + R"(", "opc": ")" +
                                                             wire::hex_lower(key.opc()) + R"("})");
    return command("certify", {"--signing", place.file("signing.crt"), "--decryption", place.file("decryption.crt"), "--preliminary", place.file("preliminary.json")});
  }
};

TEST_F(Program, brings_a_device_from_the_factory_to_its_subscription) {
  const auto made = make();
  ASSERT_EQ(made.exit_code, 0) << made.err;
  auto requests = json_of(made.out);
  EXPECT_THAT(must(requests.text("signing")), HasSubstr("BEGIN CERTIFICATE REQUEST"));
  EXPECT_EQ(make().exit_code, 8);
  EXPECT_EQ(command("run").exit_code, 4);
  const auto certified = certify();
  ASSERT_EQ(certified.exit_code, 0) << certified.err;

  const auto ran = command("run", {"--seconds", "20"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  for (const char* step : {"access", "referred", "ready", "session", "ocsp", "stored", "subscribed", "used"}) EXPECT_THAT(ran.err, HasSubstr(step));
  for (const ByteView secret : {operators.key().k(), operators.key().opc(), preliminary.key().k()})
    EXPECT_THAT(ran.out + ran.err, Not(HasSubstr(wire::hex_lower(secret))));

  auto shown = json_of(command("show", {"--json"}).out);
  EXPECT_EQ(must(shown.text("state")), "subscribed");
  EXPECT_EQ(must(shown.text("imsi")), kImsi);
  EXPECT_EQ(must(shown.text("operator")), "op-1");
  EXPECT_TRUE(must(shown.boolean("authenticated")));

  EXPECT_EQ(command("reset").exit_code, 3);
  EXPECT_EQ(command("reset", {"--yes"}).exit_code, 0);
  const auto again = command("run", {"--seconds", "20", "--json"});
  EXPECT_EQ(again.exit_code, 5);
  EXPECT_EQ(again.out, "");
  EXPECT_EQ(must(must(json_of(again.err).object("error")).text("reason")), "terminal.onboard_used");

  EXPECT_EQ(command("retire").exit_code, 3);
  EXPECT_EQ(command("show").exit_code, 0);
  EXPECT_THAT(command("retire", {"--yes"}).out, HasSubstr("retired"));
  EXPECT_EQ(command("show").exit_code, 4);
  EXPECT_EQ(command("retire", {"--yes"}).exit_code, 4);
  EXPECT_EQ(make().exit_code, 0);
}

TEST_F(Program, that_is_killed_at_any_moment_goes_on_to_the_one_credential) {
  ASSERT_EQ(make().exit_code, 0);
  ASSERT_EQ(certify().exit_code, 0);
  // Killed while a server works on a message of it: each message in turn.
  std::atomic<pid_t> running = 0;
  std::atomic<int> messages = 0, kill_at = 0;
  const auto strike = [&](const std::string&, int) -> std::optional<wire::HttpResponse> {
    if (messages++ != kill_at) return std::nullopt;
    if (const pid_t pid = running.exchange(0); pid > 0) ::kill(pid, SIGKILL);
    return std::nullopt;
  };
  for (Site* site : {&phlr, &registrar, &credentialing, &provisioning, &ocsp, &hss}) site->after = strike;
  int code = -1;
  for (; kill_at < 40 && code != 0; ++kill_at) {
    messages = 0;
    auto process = tf::test::Process::start({tf::test::trustferry_program(), "terminal", "onboard", "run", "--directory", directory, "--seconds", "20"}, place.file("log"));
    running = process.pid();
    code = process.wait();
    EXPECT_TRUE(code == 0 || code == 128 + SIGKILL) << tf::test::read_text(place.file("log"));
    running = 0;
  }
  EXPECT_EQ(code, 0);
  EXPECT_GE(kill_at, 3);
  EXPECT_EQ(sides.envelopes, 1);
  EXPECT_EQ(sides.registered->state, onboard::RegistrationState::closed);
  EXPECT_EQ(must(json_of(command("show", {"--json"}).out).text("imsi")), kImsi);
}

TEST_F(Program, tells_by_its_exit_code_who_has_to_act) {
  EXPECT_EQ(command("show").exit_code, 4);
  ASSERT_EQ(make().exit_code, 0);
  ASSERT_EQ(certify().exit_code, 0);
  registrar.before = [](const std::string&, int) { return busy(); };
  const auto silent = command("run", {"--seconds", "1"});
  EXPECT_EQ(silent.exit_code, 6);
  EXPECT_THAT(silent.err, HasSubstr("the same later"));
  registrar.before = {};
  sides.withdraw();
  EXPECT_EQ(command("run", {"--seconds", "5"}).exit_code, 5);
  tf::test::write_text(directory + "/device.json", "{}");
  EXPECT_EQ(command("run").exit_code, 3);
}

}  // namespace
}  // namespace tf::terminal::test
