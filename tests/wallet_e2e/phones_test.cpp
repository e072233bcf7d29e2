// The whole way by command line, a process for each act: both suites, both makers of keys; what openssl says to the certificate; a
// phone of somebody else's making.
#include <fmt/format.h>

#include <filesystem>

#include "protocols/wallet/password.hpp"
#include "tests/wallet_e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Way {
  const char* suite;
  const char* key;
};

class WalletPhones : public testing::TestWithParam<Way> {
 protected:
  WalletScene& scene = WalletScene::get();
};

std::string outcome(wire::JsonObject answer) { return answer.text("outcome").value(); }

TEST_P(WalletPhones, register_activate_log_in_pay_ask_and_get_back) {
  const Way way = GetParam();
  const Owner owner = scene.ready(way.suite, way.key);
  EXPECT_EQ(scene.sql("SELECT state FROM wallet_registrations WHERE id = '" + owner.registration + "'"), "active");
  EXPECT_EQ(outcome(scene.phone_must(owner, scene.order(owner, "A-1", "12.50"))), "approved");
  EXPECT_EQ(outcome(scene.phone_must(owner, scene.order(owner, "A-2", "1500.00", {"--critical"}))), "approved");
  auto asked = scene.phone_must(owner, {"query", "--order", "A-1"});
  EXPECT_EQ(asked.integer("amount", 0, 1'000'000).value(), 1250);
  EXPECT_EQ(outcome(std::move(asked)), "approved");
  EXPECT_EQ(outcome(scene.phone_must(owner, {"refund", "--order", "A-1", "--refund", "A-1R", "--amount", "2.50"})), "refunded");
  EXPECT_EQ(scene.phone_must(owner, {"query", "--order", "A-1"}).integer("refunded", 0, 1'000'000).value(), 250);
  EXPECT_EQ(outcome(scene.phone_must(owner, {"query", "--order", "never"})), "unknown_order");
  EXPECT_NE(scene.phone(owner, scene.order(owner, "A-3", "1500.00")).exit_code, 0) << "so much is sent sealed";
}

INSTANTIATE_TEST_SUITE_P(Ways, WalletPhones, testing::Values(Way{"modern", "phone"}, Way{"classic", "phone"}, Way{"modern", "platform"}, Way{"classic", "platform"}),
                         [](const auto& info) { return std::string(info.param.suite) + "_key_of_" + info.param.key; });

class WalletCertificates : public testing::Test {
 protected:
  WalletScene& scene = WalletScene::get();
  static const Owner& first_owner() {
    static const Owner owner = WalletScene::get().ready();
    return owner;
  }
  const Owner owner = first_owner();
  std::string file = owner.directory + "/" + owner.number + ".p12";
  std::string certificate = owner.directory + "/user.pem";
  std::string issuer = owner.directory + "/issuer.pem";

  [[nodiscard]] std::string file_password() const {
    const wallet::Subscriber subscriber{owner.number, owner.imei, owner.iccid};
    const auto passwords = wallet::own_passwords(wallet::info3_key(subscriber, SecretBytes(as_bytes(owner.password))), owner.number);
    return std::string(as_text(passwords.encryption.reveal()));
  }
  void take_certificate() {
    ASSERT_EQ(run({"openssl", "pkcs12", "-in", file, "-nomacver", "-nokeys", "-passin", "pass:" + file_password(), "-out", certificate}).exit_code, 0);
    const CurlAnswer der = curl({.url = scene.pki_url() + "/ca/users.crt", .method = "GET", .root = {}});
    ASSERT_EQ(der.status, 200);
    write_text(owner.directory + "/issuer.der", der.body);
    ASSERT_EQ(run({"openssl", "x509", "-inform", "DER", "-in", owner.directory + "/issuer.der", "-out", issuer}).exit_code, 0);
  }
  // By the revocation list, as the platform publishes it now.
  Finished verified() {
    const std::string list = owner.directory + "/users.crl";
    EXPECT_EQ(trustferry({"pki", "crl", "users", "--directory", scene.platform(), "--out", list}).exit_code, 0);
    return run({"openssl", "verify", "-x509_strict", "-crl_check", "-CAfile", scene.root(), "-untrusted", issuer, "-CRLfile", list, certificate});
  }
  std::string responder() {
    const Finished done = run({"openssl", "ocsp", "-sha256", "-issuer", issuer, "-cert", certificate, "-url", scene.pki_url() + "/ocsp", "-CAfile", scene.root(), "-verify_other", issuer});
    return done.out + done.err;
  }
};

TEST_F(WalletCertificates, come_in_a_file_that_openssl_opens_with_the_derived_password_alone) {
  const Finished opened = run({"openssl", "pkcs12", "-in", file, "-nomacver", "-nodes", "-passin", "pass:" + file_password()});
  EXPECT_THAT(opened.out, HasSubstr("BEGIN PRIVATE KEY"));
  EXPECT_THAT(opened.out, HasSubstr("CN = " + owner.number));
  EXPECT_THAT(run({"openssl", "pkcs12", "-in", file, "-nomacver", "-nodes", "-passin", "pass:" + owner.password}).out, Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(WalletCertificates, are_good_until_the_wallet_is_closed_and_revoked_from_then_on) {
  take_certificate();
  const Finished before = verified();
  EXPECT_EQ(before.exit_code, 0) << before.err;
  EXPECT_THAT(responder(), AllOf(HasSubstr("Response verify OK"), HasSubstr(": good")));
  ASSERT_EQ(scene.operate({"wallet", "close", owner.registration}).exit_code, 0);
  std::string said;
  EXPECT_TRUE(eventually([&] { return (said = responder()).find(": revoked") != std::string::npos; })) << said;
  Finished after;
  EXPECT_TRUE(eventually([&] { return (after = verified()).exit_code != 0; }));
  EXPECT_THAT(after.err, HasSubstr("certificate revoked"));
  EXPECT_THAT(scene.phone(owner, {"query", "--order", "A-1"}).err, HasSubstr("wallet.refused_session"));
  EXPECT_EQ(scene.phone(owner, {"login"}).exit_code, 5) << "nobody can log in with it any more";
}

// tests/clients/wallet.mjs is written from docs/protocols/wallet.md with libraries of others.
TEST(WalletStockClient, registers_and_pays_and_our_phone_opens_the_file_it_made) {
  WalletScene& scene = WalletScene::get();
  const Owner owner = scene.owner();
  const std::string file = owner.directory + "/node.p12";
  const std::string what = fmt::format(
      R"({{"url":"{}","root":"{}","platform":"trustferry","spool":"{}","number":"{}","imei":"{}","iccid":"{}","password":"{}","card":"{}","pin":"{}","account":"agreement-node","file":"{}",
          "gateway":"network","gateway_url":"{}","gateway_root":"{}"}})",
      scene.url(), std::filesystem::absolute(scene.root()).string(), scene.platform() + "/sms.jsonl", owner.number, owner.imei, owner.iccid, owner.password, owner.card, owner.pin, file, scene.network_url(), std::filesystem::absolute(scene.network_root()).string());
  const Finished done = run({"node", std::string(TRUSTFERRY_SOURCE_DIR) + "/tests/clients/wallet.mjs", what});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err << scene.log();
  std::vector<std::string> results;
  auto answer = json_of(done.out);
  for (auto& each : answer.objects("results", 10).value()) results.push_back(each.text("result").value());
  EXPECT_THAT(results, testing::ElementsAre("approved", "approved", "approved", "refunded", "approved", "unknown_order", "approved"));
  auto phone = scene.line();
  const std::string bytes = read_text(file);
  const auto opened = phone.open(as_bytes(bytes), {owner.number, owner.imei, owner.iccid}, SecretBytes(as_bytes(owner.password)));
  ASSERT_OK(opened);
  EXPECT_OK(phone.login(wallet::Suite::modern, {owner.number, owner.imei, owner.iccid}, *opened, SecretBytes(as_bytes(owner.password))));
}

}  // namespace
}  // namespace tf::test
