// Messages of both kinds against what Node's crypto module made and the openssl command verifies.
#include "frontends/ewallet/messages.hpp"

#include <cstdlib>

#include "base/file.hpp"
#include "crypto/jose/rs256.hpp"
#include "frontends/acp/messages.hpp"
#include "frontends/amount.hpp"
#include "tests/frontends/ewallet_support.hpp"
#include "wire/encoding.hpp"

namespace tf::frontends::test {
namespace {

using ewallet::open_notification;
using ewallet::open_response;

struct NodeVectors {
  NodeVectors() : json(tf::test::must(wire::JsonObject::parse(as_text(text)))) {}
  std::string operator[](std::string_view name) { return tf::test::must(json.text(name, 8192)); }
  crypto::PublicKey key() { return tf::test::must(crypto::PublicKey::from_spki(tf::test::must(wire::from_base64((*this)["spki"])))); }
  ewallet::Settings settings(bool with_type) {
    return {.app_id = kAppId, .key = kEwalletKey, .gateway_key = key(), .base_url = "https://gateway", .notification_signs_type = with_type};
  }
  Bytes text = tf::test::must(read_file(TRUSTFERRY_SOURCE_DIR "/vectors/ewallet/node.json", 1 << 20));
  wire::JsonObject json;
};

// openssl dgst -sha256 -verify
bool openssl_verifies(const crypto::PublicKey& key, std::string_view text, ByteView signature) {
  const tf::test::TemporaryDirectory directory;
  tf::test::must(write_file_atomic(directory.file("spki"), key.spki(), 0600));
  tf::test::must(write_file_atomic(directory.file("text"), as_bytes(text), 0600));
  tf::test::must(write_file_atomic(directory.file("signature"), signature, 0600));
  const std::string command = "cd " + directory.file(".") + " && openssl dgst -sha256 -verify spki -keyform DER -signature signature text >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

TEST(EwalletMessages, notifications_of_another_implementation_verify_with_the_type_signed_or_not) {
  NodeVectors node;
  auto fields = tf::test::must(open_notification(node["notification_body"], node.settings(false)));
  EXPECT_EQ(value_of(fields, "subject"), "Tea & cakes = 茶");
  EXPECT_EQ(ewallet::signed_text(fields, false), node["notification_text"]);
  EXPECT_EQ(ewallet::signed_text(fields, true), node["notification_text_with_type"]);
  EXPECT_OK(open_notification(node["notification_body_with_type"], node.settings(true)));
  EXPECT_REFUSED(open_notification(node["notification_body"], node.settings(true)), Code::refused, "ewallet.signature");
}

TEST(EwalletMessages, responses_of_another_implementation_are_read_in_the_order_they_come) {
  NodeVectors node;
  for (const std::string& response : tf::test::must(node.json.texts("responses", 8, 8192))) {
    auto opened = open_response(response, "alipay.trade.pay", node.key());
    ASSERT_OK(opened);
    EXPECT_EQ(tf::test::must(opened->text("total_amount")), "12.34");
    EXPECT_EQ(tf::test::must(opened->text("note")), "a \"quoted\" } and , \"sign\":\"x");
    EXPECT_REFUSED(open_response(response, "alipay.trade.query", node.key()), Code::malformed, "ewallet.response");
  }
}

TEST(EwalletMessages, a_response_altered_anywhere_is_not_believed) {
  NodeVectors node;
  const std::string good = tf::test::must(node.json.texts("responses", 8, 8192)).front();
  const auto key = node.key();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(open_response(bad, "alipay.trade.pay", key)) << bad;
  }
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(open_response(good.substr(0, i), "alipay.trade.pay", key));
  std::string spaced = good;
  spaced.insert(1, " ");
  EXPECT_REFUSED(open_response(spaced, "alipay.trade.pay", key), Code::malformed, "ewallet.response");
}

TEST(EwalletMessages, a_second_node_cannot_be_slipped_in_beside_the_signed_one) {
  NodeVectors node;
  const std::string good = tf::test::must(node.json.texts("responses", 8, 8192)).front();
  const std::string name = "\"alipay_trade_pay_response\":";
  std::string doubled = good;
  doubled.insert(1, name + R"({"code":"10000"},)");
  EXPECT_REFUSED(open_response(doubled, "alipay.trade.pay", node.key()), Code::refused, "ewallet.signature");
}

TEST(EwalletMessages, our_requests_verify_with_the_openssl_command) {
  NodeVectors node;
  auto settings = node.settings(false);
  settings.notify_url = "https://us/notify";
  auto& side = our_side();
  const ewallet::Sign sign = [&](ByteView data) { return side.vault->sign_rs256(kEwalletKey, data); };
  const auto key = tf::test::must(side.vault->public_key(kEwalletKey));
  for (const bool with_type : {true, false}) {
    settings.request_signs_type = with_type;
    const auto fields = tf::test::must(make_request(settings, "alipay.trade.pay", R"({"out_trade_no":"1"})", 1'793'491'200'000, true, sign));
    EXPECT_EQ(value_of(fields, "timestamp"), "2026-11-01 08:00:00");
    const auto again = tf::test::must(parse_form(encode_form(fields)));
    EXPECT_EQ(again, fields);
    const Bytes signature = tf::test::must(wire::from_base64(value_of(fields, "sign")));
    EXPECT_TRUE(openssl_verifies(key, ewallet::signed_text(again, with_type), signature));
    EXPECT_FALSE(openssl_verifies(key, ewallet::signed_text(again, !with_type), signature));
  }
}

TEST(AcpMessages, what_is_signed_is_the_digest_that_another_implementation_has) {
  NodeVectors node;
  const auto fields = tf::test::must(parse_form(node["acp_body"]));
  EXPECT_EQ(acp::signed_digest(fields), node["acp_digest"]);
  EXPECT_TRUE(crypto::verify_rs256(node.key(), as_bytes(node["acp_digest"]), tf::test::must(wire::from_base64(node["acp_signature"]))));
}

TEST(AcpMessages, our_requests_verify_with_the_openssl_command) {
  auto& side = our_side();
  const acp::Sign sign = [&](ByteView data) { return side.vault->sign_rs256(kAcpKey, data); };
  const auto fields = tf::test::must(acp::sign_fields({{"txnType", "01"}, {"orderDesc", ""}, {"merId", kMerchant}}, kCertId, sign));
  EXPECT_FALSE(fields.contains("orderDesc"));
  EXPECT_EQ(value_of(fields, "certId"), kCertId);
  EXPECT_TRUE(openssl_verifies(tf::test::must(side.vault->public_key(kAcpKey)), acp::signed_digest(fields),
                               tf::test::must(wire::from_base64(value_of(fields, "signature")))));
}

TEST(SignedForm, refuses_what_could_be_read_in_two_ways) {
  for (const char* bad : {"a=1&a=2", "a", "=1", "a=1&", "&a=1", "a=%4", "a=%zz", "a=%"})
    EXPECT_REFUSED(parse_form(bad), Code::malformed, "frontends.form");
  for (const char* bad : {"a=1&a=2", "a=1&", "a={b=1&c=2", "a=}"}) EXPECT_REFUSED(parse_plain_form(bad), Code::malformed, "frontends.form");
  const auto fields = tf::test::must(parse_plain_form("a={b=1&c=2}&d=e+f=="));
  EXPECT_EQ(value_of(fields, "a"), "{b=1&c=2}");
  EXPECT_EQ(value_of(fields, "d"), "e+f==");
  std::string many;
  for (int i = 0; i < 129; ++i) many += (i != 0 ? "&f" : "f") + std::to_string(i) + "=";
  EXPECT_REFUSED(parse_form(many), Code::malformed, "frontends.form");
}

TEST(Amounts, are_read_strictly) {
  EXPECT_EQ(minor_of("12.34"), 1234);
  EXPECT_EQ(minor_of("12.3"), 1230);
  EXPECT_EQ(minor_of("0.01"), 1);
  for (const char* bad : {"", "12.345", "12.", ".5", "-1", "+1", "012", "1e3", "12,34", " 1", "1234567890123"}) EXPECT_FALSE(minor_of(bad)) << bad;
  for (const char* bad : {"", "01", "-1", "1.0", "1234567890123456"}) EXPECT_FALSE(whole_minor_of(bad)) << bad;
  EXPECT_EQ(decimal(5), "0.05");
  EXPECT_EQ(china_digits(1'793'491'200'000), "20261101080000");
}

}  // namespace
}  // namespace tf::frontends::test
