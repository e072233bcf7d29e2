// What requests carry, which replies belong to them, and what response codes mean.
#include "frontends/card/currency.hpp"
#include "frontends/card/replies.hpp"
#include "frontends/card/requests.hpp"
#include "tests/support/expect.hpp"

namespace tf::frontends::card {
namespace {

Payment payment() {
  Payment out;
  out.transaction = "20261121000000000017";
  out.trace = 17;
  out.at_ms = 1'795'253'400'000;  // 2026-11-21T09:30:00Z
  out.amount = {1234, "CNY"};
  out.merchant = "M100";
  out.terminal = "T1";
  out.instrument = "card-1";
  return out;
}
Instruments::Card card() { return {SecretBytes(as_bytes("6212345678901232")), "4912"}; }
Profile profile() {
  Profile out;
  out.utc_offset_minutes = 480;
  return out;
}
Message request() { return purchase(payment(), card(), std::nullopt, profile()).value(); }
Message reply_to(const Message& request) {
  Message out(reply_type(request.mti()));
  for (const int number : {3, 4, 7, 11, 32, 37, 41, 49, 70, 90})
    if (request.has(number)) out.set(number, request.bytes(number));
  return std::move(out.set(39, "00"));
}
std::string misfit_of(const Message& request, const Message& reply) { return std::string(misfit(expected_of(request), reply).value_or("none")); }

TEST(CardRequests, a_payment_fills_the_fields_of_a_0200) {
  const Message message = purchase(payment(), card(), ByteArray<8>{1, 2, 3, 4, 5, 6, 7, 8}, profile()).value();
  const std::vector<std::pair<int, std::string>> expected = {
      {2, "6212345678901232"}, {3, "000000"}, {4, "000000001234"}, {7, "1121093000"}, {11, "000017"}, {12, "173000"}, {13, "1121"}, {14, "4912"},
      {18, "5999"}, {22, "101"}, {25, "59"}, {32, "00000001"}, {37, "000000000017"}, {41, "T1      "}, {42, "M100           "}, {49, "156"},
      {52, "\1\2\3\4\5\6\7\10"}, {62, "20261121000000000017"}};
  EXPECT_EQ(message.mti(), "0200");
  EXPECT_EQ(message.fields().size(), expected.size());
  for (const auto& [number, value] : expected) EXPECT_EQ(message.text(number), value) << number;
  EXPECT_OK(encode(message, {}));
}

TEST(CardRequests, a_reversal_names_the_original_and_keeps_its_trace) {
  const Instruments::Card of = card();
  const Message message = reversal("0400", payment(), &of, profile()).value();
  EXPECT_EQ(message.text(90), "020000001711210930000000000000100000000000");
  EXPECT_EQ(message.text(11), "000017");
  EXPECT_FALSE(message.has(52));
  const Message without = reversal("0421", payment(), nullptr, profile()).value();
  EXPECT_FALSE(without.has(2));
  EXPECT_OK(encode(without, {}));
  EXPECT_EQ(match_key(message), match_key(without));
}

TEST(CardRequests, a_refund_names_the_original_and_has_numbers_of_its_own) {
  const Refund refund_of{"20261122000000000018", 18, 1'795'253'500'000, {400, "CNY"}, payment(), "000000000017"};
  const Message message = refund(refund_of, card(), profile()).value();
  EXPECT_EQ(message.mti(), "0200");
  EXPECT_EQ(message.text(3), "200000");
  EXPECT_EQ(message.text(4), "000000000400");
  EXPECT_EQ(message.text(37), "000000000018");
  EXPECT_EQ(message.text(90), "020000001711210930000000000000100000000000");
  Refund other = refund_of;
  other.amount.currency = "USD";
  EXPECT_REFUSED(refund(other, card(), profile()), Code::invalid, "card.payment");
}

TEST(CardRequests, the_same_payment_is_the_same_message_a_day_later) {
  EXPECT_EQ(encode(request(), {})->reveal().size(), encode(request(), {})->reveal().size());
  EXPECT_TRUE(encode(request(), {}).value() == encode(request(), {}).value());
}

TEST(CardRequests, what_does_not_fit_a_field_is_refused) {
  const auto refused = [](auto change) {
    Payment wrong = payment();
    change(wrong);
    EXPECT_REFUSED(purchase(wrong, card(), std::nullopt, profile()), Code::invalid, "card.payment");
  };
  refused([](Payment& of) { of.trace = 0; });
  refused([](Payment& of) { of.trace = 1'000'000; });
  refused([](Payment& of) { of.amount.minor = 0; });
  refused([](Payment& of) { of.amount.minor = -1; });
  refused([](Payment& of) { of.amount.minor = 1'000'000'000'000; });
  refused([](Payment& of) { of.amount.currency = "XXX"; });
  refused([](Payment& of) { of.transaction = "2026112100000000001"; });
  refused([](Payment& of) { of.transaction = "2026112100000000001x"; });
  refused([](Payment& of) { of.merchant = std::string(16, 'M'); });
  refused([](Payment& of) { of.terminal.clear(); });
  EXPECT_REFUSED(purchase(payment(), {SecretBytes(as_bytes("62123x")), ""}, std::nullopt, profile()), Code::invalid, "card.payment");
  EXPECT_REFUSED(purchase(payment(), {SecretBytes(as_bytes("6212345678901232")), "49/1"}, std::nullopt, profile()), Code::invalid, "card.payment");
}

TEST(CardRequests, currencies_have_their_digits_and_back) {
  EXPECT_EQ(numeric_currency("CNY"), "156");
  EXPECT_EQ(currency_letters("978"), "EUR");
  EXPECT_EQ(numeric_currency("cny"), "");
}

TEST(CardReplies, a_reply_is_matched_by_five_fields_each) {
  const Message asked = request();
  EXPECT_EQ(match_key(asked), match_key(reply_to(asked)));
  for (const auto& [number, value] : std::vector<std::pair<int, std::string>>{
           {7, "1121093001"}, {11, "000018"}, {32, "00000002"}, {37, "000000000018"}, {41, "T2      "}})
    EXPECT_NE(match_key(asked), match_key(std::move(reply_to(asked).set(number, value)))) << number;
  Message other_class = reply_to(asked);
  other_class.set_mti("0410");
  EXPECT_NE(match_key(asked), match_key(other_class));
}

TEST(CardReplies, a_reply_that_says_something_else_is_found_out) {
  const Message asked = request();
  EXPECT_EQ(misfit_of(asked, reply_to(asked)), "none");
  EXPECT_EQ(misfit_of(asked, std::move(reply_to(asked).set(4, "000000001235"))), "amount");
  EXPECT_EQ(misfit_of(asked, std::move(reply_to(asked).set(49, "840"))), "currency");
  for (const int number : {4, 39, 49}) {
    Message missing = reply_to(asked);
    missing.erase(number);
    EXPECT_EQ(misfit_of(asked, missing), number == 4 ? "amount" : number == 39 ? "response" : "currency");
  }
  Message type = reply_to(asked);
  type.set_mti("0212");
  EXPECT_EQ(misfit_of(asked, type), "type");
  const Message undo = reversal("0400", payment(), nullptr, profile()).value();
  EXPECT_EQ(misfit_of(undo, reply_to(undo)), "none");
  EXPECT_EQ(misfit_of(undo, std::move(reply_to(undo).set(90, std::string(42, '1')))), "original");
  const Message echo = network_management("301", 1, 0, profile());
  EXPECT_EQ(misfit_of(echo, std::move(reply_to(echo).set(70, "001"))), "network_code");
}

TEST(CardReplies, request_types_have_their_reply) {
  EXPECT_EQ(reply_type("0200"), "0210");
  EXPECT_EQ(reply_type("0401"), "0410");
  EXPECT_EQ(reply_type("0421"), "0430");
  EXPECT_EQ(reply_type("0800"), "0810");
  EXPECT_EQ(reply_type("0210"), "");
}

TEST(CardReplies, only_codes_of_the_table_decide) {
  EXPECT_EQ(payment_verdict("00"), Verdict::done);
  for (const char* code : {"05", "51", "54", "55", "61", "65", "75"}) EXPECT_EQ(payment_verdict(code), Verdict::declined) << code;
  for (const char* code : {"06", "10", "68", "91", "94", "96", "99", "ZZ", ""}) EXPECT_EQ(payment_verdict(code), Verdict::unknown) << code;
  EXPECT_EQ(reversal_verdict("00"), Verdict::done);
  EXPECT_EQ(reversal_verdict("25"), Verdict::done);
  EXPECT_EQ(reversal_verdict("21"), Verdict::declined);
  for (const char* code : {"05", "51", "64", "91", "96"}) EXPECT_EQ(reversal_verdict(code), Verdict::unknown) << code;
}

TEST(CardProfile, settings_that_cannot_work_are_named) {
  EXPECT_OK(check(Profile{}));
  Profile wrong;
  wrong.institution = "123456789012";
  EXPECT_REFUSED(check(wrong), Code::invalid, "card.profile");
  wrong = {};
  wrong.echo = wrong.sign_on;
  EXPECT_REFUSED(check(wrong), Code::invalid, "card.profile");
  wrong = {};
  wrong.reply_timeout = {};
  EXPECT_REFUSED(check(wrong), Code::invalid, "card.profile");
  wrong = {};
  wrong.framing.length_size = 3;
  EXPECT_REFUSED(check(wrong), Code::invalid, "link.framing");
}

}  // namespace
}  // namespace tf::frontends::card
