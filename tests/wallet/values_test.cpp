// Names at the edge, passwords, routes, and what a phone is told.
#include "protocols/wallet/refusal.hpp"
#include "protocols/wallet/routes.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {
namespace {

TEST(WalletNames, are_taken_in_one_spelling_only) {
  EXPECT_OK(parse_number("8613800000001"));
  for (const char* wrong : {"", "1234", "+8613800000001", "0613800000001", "86138 0000", "1234567890123456"})
    EXPECT_FALSE(parse_number(wrong).has_value()) << wrong;
  EXPECT_OK(parse_imei("490154203237518"));
  for (const char* wrong : {"490154203237517", "49015420323751", "49015420323751a"}) EXPECT_FALSE(parse_imei(wrong).has_value()) << wrong;
  EXPECT_OK(parse_iccid("89860000000000000019"));
  EXPECT_OK(parse_iccid("898600000000000000"));
  for (const char* wrong : {"89860000000000000018", "89860000000000000", "898600000000000000199"}) EXPECT_FALSE(parse_iccid(wrong).has_value()) << wrong;
  EXPECT_OK(parse_name("\xe7\x8e\x8b\xe4\xb8\xbd"));
  for (const char* wrong : {"", "a\nb", "\xc0\x80", "\xed\xa0\x80", "\xe7\x8e", "\x7f", "\xc2\x85", "\xf5\x80\x80\x80"})
    EXPECT_FALSE(parse_name(wrong).has_value());
  EXPECT_OK(parse_order("A-1_b.2"));
  for (const char* wrong : {"", "a b", "a/b", "..\\", "123456789012345678901234567890123"}) EXPECT_FALSE(parse_order(wrong).has_value()) << wrong;
  for (const char* wrong : {"", "cny", "CN", "CNYY"}) EXPECT_FALSE(parse_currency(wrong).has_value()) << wrong;
}

TEST(WalletPasswords, are_verified_by_their_scrypt) {
  tf::test::DeterministicRandom random("passwords");
  const SecretBytes password(as_bytes("correct horse"));
  const Verifier verifier = must(make_verifier(password, kQuick, random));
  EXPECT_TRUE(must(verifies(verifier, password, kQuick)));
  EXPECT_FALSE(must(verifies(verifier, SecretBytes(as_bytes("correct horsf")), kQuick)));
  EXPECT_REFUSED(make_verifier(SecretBytes(as_bytes("seven77")), kQuick, random), Code::invalid, "wallet.password");
  EXPECT_REFUSED(make_verifier(SecretBytes(65), kQuick, random), Code::invalid, "wallet.password");
}

TEST(WalletPasswords, codes_are_stretched_together_and_apart) {
  const auto key = [](std::string_view registration, std::string_view a, std::string_view b) {
    return to_bytes(must(codes_key(kPlatform, registration, SecretBytes(as_bytes(a)), SecretBytes(as_bytes(b)), kQuick)).reveal());
  };
  const auto first = key("R", "AB", "12");
  EXPECT_EQ(first, key("R", "AB", "12"));
  EXPECT_NE(first, key("R", "A", "B12"));
  EXPECT_NE(first, key("R", "12", "AB"));
  EXPECT_NE(first, key("S", "AB", "12"));
}

TEST(WalletRoutes, are_those_of_the_page) {
  const auto at = [](const char* method, const char* path, const char* type = "application/json") {
    return route_of({.method = method, .path = path, .query = {}, .content_type = type, .body = {}, .peer_address = {}, .client_certificate = {}});
  };
  for (const char* name : {"challenge", "register", "activate", "registration", "login", "pay", "query", "refund"})
    EXPECT_EQ(must(at("POST", (std::string(kPathPrefix) + name).c_str())), name);
  EXPECT_EQ(must(at("GET", "/wallet/v1/keys", "")), "keys");
  EXPECT_REFUSED(at("GET", "/wallet/v1/pay"), Code::invalid, "wallet.method");
  EXPECT_REFUSED(at("POST", "/wallet/v1/keys"), Code::invalid, "wallet.method");
  EXPECT_REFUSED(at("POST", "/wallet/v1/pay", "text/plain"), Code::invalid, "wallet.content_type");
  EXPECT_REFUSED(at("POST", "/wallet/v1/settle"), Code::not_found, "wallet.no_such_route");
  EXPECT_REFUSED(at("POST", "/wallet/v1/"), Code::not_found, "wallet.no_such_route");
  EXPECT_REFUSED(at("POST", "/access/v1/challenge"), Code::not_found, "wallet.no_such_route");
}

TEST(WalletRefusals, tell_a_closed_list_of_reasons) {
  EXPECT_EQ(public_reason({Code::refused, "wallet.wrong_codes", ""}), "codes");
  EXPECT_EQ(public_reason({Code::refused, "wallet.order_differs", ""}), "order");
  EXPECT_EQ(public_reason({Code::refused, "crypto.aead", ""}), "refused");
  EXPECT_EQ(public_reason({Code::refused, "wallet.wrong_signature", ""}), "refused");
  EXPECT_NE(refusal_body({Code::refused, "wallet.wrong_password", "secret detail"}).find("\"reason\":\"password\""), std::string::npos);
  EXPECT_EQ(refusal_body({Code::refused, "wallet.wrong_password", "secret detail"}).find("secret detail"), std::string::npos);
}

}  // namespace
}  // namespace tf::wallet::test
