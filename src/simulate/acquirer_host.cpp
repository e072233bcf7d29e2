#include "simulate/acquirer_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "frontends/card/currency.hpp"
#include "frontends/card/replies.hpp"

namespace tf::simulate::acquirer {
namespace {

namespace card = frontends::card;
namespace f = frontends::card::f;

std::int64_t number_of(std::string_view digits) {
  std::int64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

// What makes a request the same one, and how field 90 names it: trace, transmission time, acquiring institution; and the terminal.
std::string key_of(const Message& request) {
  return fmt::format("{}{}{:0>11}-{}", request.text(f::trace), request.text(f::transmission), request.text(f::acquirer), request.text(f::terminal));
}
std::string original_key_of(const Message& request) {
  return fmt::format("{}-{}", request.text(f::original).substr(4, 27), request.text(f::terminal));
}

Message reply_to(const Message& request, std::string_view code) {
  Message out(card::reply_type(request.mti()));
  for (const int number : {f::processing_code, f::amount, f::transmission, f::trace, f::local_time, f::local_date, f::acquirer, f::reference, f::terminal,
                           f::merchant, f::currency, f::own_number, f::network_code, f::original})
    if (request.has(number)) out.set(number, request.bytes(number));
  out.set(f::response, code);
  return out;
}

bool complete(const Message& request, std::initializer_list<int> fields) {
  return std::ranges::all_of(fields, [&](int number) { return request.has(number); });
}

bool is_transaction(std::string_view text) {
  return text.size() == 20 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool expired(std::string_view yymm, std::int64_t now_ms) {
  using namespace std::chrono;
  const year_month_day today(floor<days>(sys_time<milliseconds>(milliseconds(now_ms))));
  return yymm < fmt::format("{:02}{:02}", static_cast<int>(today.year()) % 100, static_cast<unsigned>(today.month()));
}

std::string approval_of(const std::string& key) { return fmt::format("{:06}", std::hash<std::string>()(key) % 1'000'000); }

}  // namespace

Result<std::optional<Message>> Host::answer(const Message& request, std::size_t which, bool decline) {
  if (request.mti() == "0800") return std::optional(TF_TRY(network(request)));
  if (request.mti() == "0200") return std::optional(TF_TRY(financial(request, which, decline)));
  const std::string& mti = request.mti();
  if (mti == "0400" || mti == "0401" || mti == "0420" || mti == "0421") return std::optional(TF_TRY(reversal(request)));
  return std::optional<Message>();
}

Result<Message> Host::network(const Message& request) {
  const std::string_view code = request.text(f::network_code);
  if (code != "001" && code != "002" && code != "161" && code != "301") return reply_to(request, "12");
  Message out = reply_to(request, "00");
  if (code != "161") return out;
  const std::string field_48 = TF_TRY(keys_.renew());
  TF_CHECK(books_.keep_keys(field_48));
  out.set(f::additional, field_48);
  return out;
}

Result<Message> Host::financial(const Message& request, std::size_t which, bool decline) {
  if (!complete(request, {f::pan, f::processing_code, f::amount, f::transmission, f::trace, f::acquirer, f::reference, f::terminal, f::currency, f::own_number}) ||
      !is_transaction(request.text(f::own_number)) || card::currency_letters(request.text(f::currency)).empty())
    return reply_to(request, "30");
  const bool refund = request.text(f::processing_code).starts_with("20");
  Posting made;
  made.key = key_of(request);
  made.transaction = request.text(f::own_number);
  made.reference = request.text(f::reference);
  made.card = keys_.fingerprint(request.bytes(f::pan));
  made.type = refund ? "refund" : "payment";
  made.amount = number_of(request.text(f::amount));
  made.currency = card::currency_letters(request.text(f::currency));
  if (refund && request.has(f::original)) made.original = original_key_of(request);
  if (const Posting* known = books_.find(made.key)) {
    const bool same = known->transaction == made.transaction && known->card == made.card && known->type == made.type && known->amount == made.amount;
    // One that was undone meanwhile is not approved again.
    Message out = reply_to(request, !same ? "94" : known->state == "reversed" ? "12" : known->code);
    if (same && known->state != "reversed" && !known->approval.empty()) out.set(f::approval, known->approval);
    return out;
  }
  made.code = decline ? "05" : TF_TRY(judge(request, made, which));
  const bool approved = made.code == "00";
  made.state = !approved ? "declined" : refund ? "done" : "captured";
  if (approved) made.approval = approval_of(made.key);
  TF_CHECK(books_.post(made));
  Message out = reply_to(request, made.code);
  if (approved) out.set(f::approval, made.approval);
  return out;
}

Result<std::string> Host::judge(const Message& request, const Posting& posting, std::size_t which) {
  if (books_.barred(posting.key)) return std::string("12");
  if (posting.amount == 0) return std::string("13");
  const std::string_view processing = request.text(f::processing_code).substr(0, 2);
  if (processing != "00" && processing != "20") return std::string("12");
  if (request.has(f::expiry) && expired(request.text(f::expiry), clock_.now_ms())) return std::string("54");
  if (posting.type == "refund") return judge_refund(posting);
  if (request.has(f::pin))
    if (const std::string code = TF_TRY(judge_pin(request, posting, which)); code != "00") return code;
  return std::string(books_.balance(posting.card) < posting.amount ? "51" : "00");
}

Result<std::string> Host::judge_pin(const Message& request, const Posting& posting, std::size_t which) {
  const int wrong = books_.wrong_pins(posting.card);
  if (wrong >= options_.pin_tries) return std::string("75");
  const SecretBytes pan(request.bytes(f::pan));
  const std::string expected = options_.pin.empty() ? test_pin(pan.reveal()) : options_.pin;
  const bool right = keys_.is_pin(which, request.bytes(f::pin), pan, expected);
  TF_CHECK(books_.count_pin(posting.card, right ? 0 : wrong + 1));
  return std::string(right ? "00" : "55");
}

std::string Host::judge_refund(const Posting& posting) const {
  const Posting* original = books_.find(posting.original);
  if (original == nullptr || original->type != "payment") return "25";
  if (original->state != "captured" || original->card != posting.card || original->currency != posting.currency) return "12";
  return original->refunded + posting.amount > original->amount ? "61" : "00";
}

Result<Message> Host::reversal(const Message& request) {
  if (!complete(request, {f::amount, f::original, f::terminal, f::transmission, f::trace, f::reference})) return reply_to(request, "30");
  const std::string key = original_key_of(request);
  const Posting* original = books_.find(key);
  if (original == nullptr) {
    TF_CHECK(books_.bar(key));
    return reply_to(request, "25");
  }
  if (original->amount != number_of(request.text(f::amount))) return reply_to(request, "64");
  if (original->type != "payment" || original->refunded > 0) return reply_to(request, "21");
  if (original->state == "captured") TF_CHECK(books_.undo(key));
  return reply_to(request, "00");
}

}  // namespace tf::simulate::acquirer
