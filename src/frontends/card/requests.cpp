#include "frontends/card/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "frontends/card/currency.hpp"

namespace tf::frontends::card {
namespace {

using namespace std::chrono;

Error unfit(const char* what) { return {Code::invalid, "card.payment", what}; }

struct Moment {
  std::string date, time;  // MMDD, hhmmss
};
Moment moment(std::int64_t at_ms, int offset_minutes) {
  const sys_seconds at = floor<seconds>(sys_time<milliseconds>(milliseconds(at_ms))) + minutes(offset_minutes);
  const sys_days day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  return {fmt::format("{:02}{:02}", static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())),
          fmt::format("{:02}{:02}{:02}", time.hours().count(), time.minutes().count(), time.seconds().count())};
}

std::string transmission(std::int64_t at_ms) {
  const Moment at = moment(at_ms, 0);
  return at.date + at.time;
}

Status padded(Message& message, int number, const std::string& value, const char* what) {
  const std::size_t size = field(number)->size;
  if (value.empty() || value.size() > size) return unfit(what);
  message.set(number, fmt::format("{:<{}}", value, size));
  return {};
}

// What the requests of one payment have in common; they differ in message type and processing code.
struct Common {
  std::string transaction;
  std::uint32_t trace;
  std::int64_t at_ms;
  const payment::Money& amount;
  const std::string& merchant;
  const std::string& terminal;
};

Result<Message> begin(std::string_view mti, std::string_view processing_code, const Common& of, const Profile& profile) {
  if (of.trace < 1 || of.trace > 999'999) return unfit("trace");
  if (of.amount.minor < 1 || of.amount.minor > 999'999'999'999) return unfit("amount");
  const std::string_view currency = numeric_currency(of.amount.currency);
  if (currency.empty()) return unfit("currency");
  const Moment local = moment(of.at_ms, profile.utc_offset_minutes);
  Message out(mti);
  out.set(f::processing_code, processing_code).set(f::amount, fmt::format("{:012}", of.amount.minor));
  out.set(f::transmission, transmission(of.at_ms)).set(f::trace, fmt::format("{:06}", of.trace));
  out.set(f::local_time, local.time).set(f::local_date, local.date).set(f::merchant_type, profile.merchant_type);
  out.set(f::condition, profile.condition).set(f::acquirer, profile.institution);
  out.set(f::reference, TF_TRY(reference_of(of.transaction))).set(f::currency, currency).set(f::own_number, of.transaction);
  TF_CHECK(padded(out, f::terminal, of.terminal, "terminal"));
  TF_CHECK(padded(out, f::merchant, of.merchant, "merchant"));
  return out;
}

Status add_card(Message& message, const Instruments::Card& card, bool with_pin, const Profile& profile) {
  if (!fits(*field(f::pan), card.pan.reveal())) return unfit("card number");
  message.set(f::pan, card.pan.reveal());
  if (!card.expiry.empty()) {
    if (!fits(*field(f::expiry), as_bytes(card.expiry))) return unfit("expiry");
    message.set(f::expiry, card.expiry);
  }
  message.set(f::entry_mode, profile.entry_mode + (with_pin ? "1" : "2"));
  return {};
}

Common common(const Payment& payment) {
  return {payment.transaction, payment.trace, payment.at_ms, payment.amount, payment.merchant, payment.terminal};
}

}  // namespace

Result<std::string> reference_of(const std::string& transaction) {
  const bool digits = std::ranges::all_of(transaction, [](char c) { return c >= '0' && c <= '9'; });
  if (transaction.size() != 20 || !digits) return unfit("transaction number");
  return transaction.substr(8);
}

std::string original_elements(std::string_view mti, std::uint32_t trace, std::int64_t at_ms, const Profile& profile) {
  return fmt::format("{}{:06}{}{:0>11}{:011}", mti, trace, transmission(at_ms), profile.institution, 0);
}

Result<Message> purchase(const Payment& payment, const Instruments::Card& card, std::optional<ByteArray<8>> pin, const Profile& profile) {
  Message out = TF_TRY(begin("0200", "000000", common(payment), profile));
  TF_CHECK(add_card(out, card, pin.has_value(), profile));
  if (pin) out.set(f::pin, *pin);
  return out;
}

Result<Message> reversal(std::string_view mti, const Payment& payment, const Instruments::Card* card, const Profile& profile) {
  Message out = TF_TRY(begin(mti, "000000", common(payment), profile));
  if (card != nullptr) TF_CHECK(add_card(out, *card, false, profile));
  out.set(f::original, original_elements("0200", payment.trace, payment.at_ms, profile));
  return out;
}

Result<Message> refund(const Refund& refund, const Instruments::Card& card, const Profile& profile) {
  const Payment& original = refund.original;
  if (refund.amount.currency != original.amount.currency) return unfit("currency");
  Message out = TF_TRY(
      begin("0200", "200000", {refund.transaction, refund.trace, refund.at_ms, refund.amount, original.merchant, original.terminal}, profile));
  TF_CHECK(add_card(out, card, false, profile));
  out.set(f::original, original_elements("0200", original.trace, original.at_ms, profile));
  return out;
}

Message network_management(std::string_view code, std::uint32_t trace, std::int64_t at_ms, const Profile& profile) {
  Message out("0800");
  out.set(f::transmission, transmission(at_ms)).set(f::trace, fmt::format("{:06}", trace));
  out.set(f::acquirer, profile.institution).set(f::network_code, code);
  return out;
}

}  // namespace tf::frontends::card
