// JSON of the messages: what is written is read, and nothing else.
#include <fmt/format.h>

#include "protocols/cardsign/refusal.hpp"
#include "protocols/cardsign/routes.hpp"
#include "tests/cardsign/world.hpp"

namespace tf::cardsign::test {
namespace {

const std::string kId = "AAAAAAAAAAAAAAAAAAAAAA";

TEST(CardsignMessages, are_read_as_they_are_written) {
  const EnrolRequest enrol{std::string(26, 'A'), "TF-1"};
  EXPECT_EQ(encode(must(decode_enrol_request(encode(enrol)))), encode(enrol));
  const PayRequest pay{.payment = kId, .instrument = "card-1", .suite = Suite::classic, .container = 3};
  EXPECT_EQ(encode(must(decode_pay_request(encode(pay)))), encode(pay));
  const ProofRequest proof{"TF-1", {0x02, 0x71, 0x00, 0x01}};
  EXPECT_EQ(encode(must(decode_proof_request(encode(proof)))), encode(proof));
  EXPECT_EQ(must(decode_updated(encode(Updated{1}))).count, 1);
  const RelayRequest relay{.session = kId, .step = 3, .answers = {{0x90, 0x00}, {1, 2, 0x63, 0xC2}}, .pin_envelope = Bytes(100, 7), .removed = true};
  EXPECT_EQ(encode(must(decode_relay_request(encode(relay)))), encode(relay));
  for (const SessionReply& reply : {SessionReply{kId, 1, Commands{{{0, 0xA4, 4, 0}}}}, SessionReply{kId, 2, Display{"a.b.c", {{1}, {2}}, 2}},
                                    SessionReply{kId, 3, Done(Enrolled{"TF-1", {{Slot::payment, {1, 2}}}})}, SessionReply{kId, 4, Done(Paid{"a.b.c"})},
                                    SessionReply{kId, 5, Done(Updated{2})}})
    EXPECT_EQ(encode(must(decode_session_reply(encode(reply)))), encode(reply));
  const DisplayClaim display{.platform = "p", .user = "anna", .serial = "TF-1", .suite = Suite::classic, .payment = {1, 2, 3}, .card_nonce = {1}, .container = 2, .counter = 9};
  EXPECT_EQ(encode(must(decode_display_claim(encode(display)))), encode(display));
  const ResultClaim result{.platform = "p", .user = "anna", .serial = "TF-1", .digest = {}, .transaction = "1", .outcome = Outcome::declined, .amount = 5, .currency = "CNY", .time_ms = 9};
  EXPECT_EQ(encode(must(decode_result_claim(encode(result)))), encode(result));
  const OrderRequest order{.merchant = "SHOP1", .order = "A-1", .amount = 5, .currency = "CNY", .subject = "咖啡", .user = "anna", .expires_ms = 9};
  EXPECT_EQ(encode(must(decode_order_request(encode(order)))), encode(order));
}

TEST(CardsignMessages, with_members_more_or_less_are_malformed) {
  for (const std::string& body : {std::string("{}"), std::string("[]"), std::string(""), fmt::format(R"({{"session":"{}","step":1,"answers":[],"more":1}})", kId),
                                  fmt::format(R"({{"session":"{}","answers":[]}})", kId), fmt::format(R"({{"session":"{}","step":0,"answers":[]}})", kId),
                                  fmt::format(R"({{"session":"{}","step":1,"answers":["AA"]}})", kId), fmt::format(R"({{"session":"{}","step":1,"answers":["kAA="]}})", kId),
                                  fmt::format(R"({{"session":"{}","step":1,"step":1,"answers":[]}})", kId), fmt::format(R"({{"session":"{}x","step":1,"answers":[]}})", kId)})
    EXPECT_EQ(decode_relay_request(body).has_value(), false) << body;
  std::string many = R"({"session":")" + kId + R"(","step":1,"answers":["kAA")";
  for (std::size_t i = 0; i < kMaxCommands; ++i) many += R"(,"kAA")";
  EXPECT_FALSE(decode_relay_request(many + "]}").has_value());
}

TEST(CardsignMessages, of_proofs_are_of_a_card_and_bounded) {
  for (const char* body : {"{}", R"({"serial":"TF-1"})", R"({"serial":"TF-1","proof":""})", R"({"serial":"tf-1","proof":"AnEA"})", R"({"serial":"TF-1","proof":"AnEA","more":1})",
                           R"({"serial":"TF-1","proof":"AnEA="})"})
    EXPECT_FALSE(decode_proof_request(body).has_value()) << body;
  EXPECT_FALSE(decode_proof_request(encode(ProofRequest{"TF-1", Bytes(kMaxProof + 1, 2)})).has_value());
  for (const char* body : {"{}", R"({"updated":-1})", R"({"updated":1,"more":1})"}) EXPECT_FALSE(decode_updated(body).has_value()) << body;
}

TEST(CardsignNames, are_canonical) {
  for (const char* good : {"A", "TF-000001", "12345678901234567890"}) EXPECT_OK(parse_serial(good));
  for (const char* bad : {"", "tf-1", "A_1", "123456789012345678901", "A 1"}) EXPECT_REFUSED(parse_serial(bad), Code::malformed, "cardsign.serial");
  for (const char* good : {"a", "anna.b_c-1", "0"}) EXPECT_OK(parse_user(good));
  for (const char* bad : {"", "-a", ".a", "a/b", "a b", "ä"}) EXPECT_REFUSED(parse_user(bad), Code::malformed, "cardsign.user");
  EXPECT_REFUSED(parse_user(std::string(49, 'a')), Code::malformed, "cardsign.user");
  EXPECT_OK(parse_subject("Two coffees, 咖啡 ☕"));
  for (const char* bad : {"", "a\nb", "a\x7f", "\xC2\x80", "\xE2\x80\xAE" "drawkcab", "\xE2\x81\xA6x", "\xE2\x80\xA8", "\xFF", "\xC0\x80", "\xED\xA0\x80"})
    EXPECT_REFUSED(parse_subject(bad), Code::malformed, "cardsign.subject");
  EXPECT_REFUSED(parse_code(std::string(25, 'A')), Code::malformed, "cardsign.code");
  EXPECT_REFUSED(parse_code(std::string(26, '1')), Code::malformed, "cardsign.code");
}

TEST(CardsignRefusals, tell_the_peer_a_coarse_reason_and_no_other) {
  EXPECT_EQ(public_reason({Code::refused, "cardsign.attestation", "why"}), "card");
  EXPECT_EQ(public_reason({Code::refused, "cardsign.wrong_signature", "why"}), "signature");
  EXPECT_EQ(public_reason({Code::refused, "pki.revoked", "why"}), "refused");
  EXPECT_EQ(refusal_body({Code::refused, "cardsign.counter", "secret detail"}).find("detail"), std::string::npos);
}

TEST(CardsignRoutes, are_those_of_the_page) {
  wire::HttpRequest request;
  request.method = "POST";
  request.content_type = "application/json";
  for (const char* route : {"enrol", "pay", "update", "proof", "relay", "orders"}) {
    request.path = std::string("/cardsign/v1/") + route;
    EXPECT_EQ(must(route_of(request)), route);
  }
  request.path = "/cardsign/v1/other";
  EXPECT_REFUSED(route_of(request), Code::not_found, "cardsign.no_such_route");
  request = {};
  request.method = "GET";
  request.path = "/cardsign/v1/keys";
  EXPECT_EQ(must(route_of(request)), "keys");
}

}  // namespace
}  // namespace tf::cardsign::test
