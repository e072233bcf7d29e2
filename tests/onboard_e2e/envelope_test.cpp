// Envelopes on their way: fetched as a provisioning server does, judged and opened by the stock xmlsec1, carried by a stock OMA DM client.
#include <algorithm>

#include "crypto/digest.hpp"
#include "protocols/onboard/certificates.hpp"
#include "tests/onboard_e2e/hand.hpp"
#include "tests/support/deterministic.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

struct OnboardEnvelope : testing::Test {
  Finished verify(const std::string& file) const {
    return run({"xmlsec1", "--verify", "--id-attr:Id", "urn:trustferry:onboard:1:Envelope", "--enabled-key-data", "x509", "--enabled-reference-uris", "same-doc", "--trusted-pem", scene.root(), file});
  }
  OnboardScene& scene = OnboardScene::get();
};

TEST_F(OnboardEnvelope, xmlsec1_verifies_what_a_carrier_fetched_and_finds_every_change) {
  const auto devices = scene.manufacture("EA-", 1);
  scene.subscribe(devices);
  const Process carrier = scene.carrier();
  Hand hand(scene, devices[0]);
  hand.refer();
  scene.signal("prov-1", SIGSTOP);  // so that the carrier takes it
  hand.ready(hand.hello());
  scene.signal("prov-1", SIGCONT);
  const CurlAnswer fetched = scene.call("cred-1", "envelope", onboard::encode_envelope_request(hand.got->state.delivery), "carrier");
  ASSERT_EQ(fetched.status, 200) << fetched.body;
  const Bytes envelope = must(onboard::decode_envelope(fetched.body));
  EXPECT_THAT(read_text(scene.in("kept.json")), HasSubstr(hand.got->state.delivery));
  EXPECT_EQ(hand.got->provisioning.size(), 1U);
  EXPECT_EQ(crypto::sha256(envelope), hand.got->state.envelope_hash);
  std::string text(as_text(envelope));
  write_text(scene.in("carried.xml"), text);
  const Finished good = verify(scene.in("carried.xml"));
  EXPECT_EQ(good.exit_code, 0) << good.err;
  const std::size_t at = text.find("op-1");
  ASSERT_NE(at, std::string::npos);
  write_text(scene.in("altered.xml"), text.replace(at, 4, "op-2"));
  EXPECT_NE(verify(scene.in("altered.xml")).exit_code, 0);
}

// A module whose decryption key openssl made, so that xmlsec1 can have it; the HSS is asked as the credentialing server asks it.
TEST_F(OnboardEnvelope, xmlsec1_opens_what_the_hss_made_for_a_modules_key) {
  scene.certificate("module-rsa", "onboard-module-decryption", "serialNumber=EB-000001", "RSA");
  const auto chain = must(pki::certificates_from_pem(read_text(scene.in("module-rsa.crt"))));
  onboard::CredentialsRequest request{"EB-000001", {}, {}, onboard::chain_of(chain), "standard", SystemClock().now_ms() + 3'600'000};
  std::ranges::fill(request.device_hash, 0xd1);
  std::ranges::fill(request.nonce_hash, 0x4e);
  EXPECT_EQ(scene.call("hss-1", "credentials", onboard::encode(request), "carrier").status, 403) << "a stranger to the HSS";
  ASSERT_EQ(trustferry({"onboard", "peer", "--directory", scene.in("hss-1"), "--role", "credentialing", "--name", "test", "--operator", "op-1", "--certificate", scene.in("carrier.crt")}).exit_code, 0);
  scene.stop_server("hss-1");
  scene.serve("hss-1");
  const CurlAnswer answer = scene.call("hss-1", "credentials", onboard::encode(request), "carrier");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto made = must(onboard::decode_credentials_answer(answer.body));
  write_text(scene.in("made.xml"), as_text(made.envelope));
  EXPECT_EQ(verify(scene.in("made.xml")).exit_code, 0);
  const Finished opened = run({"xmlsec1", "--decrypt", "--privkey-pem", scene.in("module-rsa.key"), "--output", scene.in("plain.xml"), scene.in("made.xml")});
  ASSERT_EQ(opened.exit_code, 0) << opened.err;
  const std::string plain = read_text(scene.in("plain.xml"));
  const std::string imsi = scene.sql("hss-1", "SELECT imsi FROM onboard_credentials WHERE dsim_id = 'EB-000001'");
  EXPECT_THAT(plain, HasSubstr("<Imsi>" + imsi + "</Imsi>"));
  EXPECT_EQ(made.imsi_hash, onboard::imsi_hash(request.nonce_hash, imsi));
  // The same question, the same answer; another module's hash, none.
  EXPECT_EQ(scene.call("hss-1", "credentials", onboard::encode(request), "carrier").body, answer.body);
  request.device_hash[0] ^= 1;
  EXPECT_EQ(scene.call("hss-1", "credentials", onboard::encode(request), "carrier").status, 403);
}

TEST_F(OnboardEnvelope, a_stock_dm_client_is_given_the_envelope_by_the_provisioning_server) {
  const auto devices = scene.manufacture("EC-", 1);
  scene.subscribe(devices);
  Hand hand(scene, devices[0]);
  hand.refer();
  hand.ready(hand.hello());
  const onboard::Account& account = hand.got->provisioning.front().account;
  wire::JsonWriter settings;
  settings.begin_object().member("url", scene.url("prov-1") + "/onboard/v1/dm").member("server_uri", "prov-1").member("device_uri", devices[0]).member("name", account.user);
  settings.member("password", as_text(account.password.reveal())).member("server_name", "prov-1").member("server_password", as_text(account.server_password.reveal()));
  settings.member("session", "1").member("nonce_send", wire::hex_lower(account.client_nonce)).member("nonce_expect", wire::hex_lower(account.server_nonce));
  settings.member("max_message", 2048).member("ca", scene.root()).end_object();
  const Finished done = run({"python3", TRUSTFERRY_SOURCE_DIR "/tests/clients/dm_client.py"}, settings.text());
  ASSERT_EQ(done.exit_code, 0) << done.err;
  auto outcome = must(wire::JsonObject::parse(done.out, {.size = 1 << 20, .depth = 8}));
  EXPECT_TRUE(outcome.boolean("ok").value()) << done.out << scene.log("prov-1");
  EXPECT_GT(outcome.integer("messages", 0, 1000).value(), 3) << "a large object goes in several messages";
  auto tree = outcome.object("tree").value();
  const std::string envelope = tree.text("./Vendor/Trustferry/Onboard/Envelope", 65536).value();
  EXPECT_EQ(crypto::sha256(as_bytes(envelope)), hand.got->state.envelope_hash);
  EXPECT_EQ(scene.state_of(devices[0]), "released") << "what it gave as a receipt is none";
}

}  // namespace
}  // namespace tf::test
