#include "sms/sender.hpp"

#include <algorithm>

#include "sms/text.hpp"

namespace tf::sms {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool of_a_name(char c) {
  return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

Status check_user_data(const Message& message) {
  const auto bad = [](const char* what) { return Error{Code::invalid, "sms.user_data", what}; };
  if (!message.text.empty()) return bad("a message is a text or octets, not both");
  if (message.user_data.size() > kMaxUserDataParts) return bad("more than 64 short messages");
  for (const Bytes& each : message.user_data)
    if (each.empty() || each[0] == 0 || each[0] >= each.size() || each.size() > kMaxUserData) return bad("user data is a header and what follows it, 140 octets at most");
  return {};
}

}  // namespace

Status check(const Message& message) {
  const std::string& to = message.to;
  if (to.size() < 7 || to.size() > 15 || to[0] == '0' || !std::ranges::all_of(to, digit))
    return Error{Code::invalid, "sms.number", "a number is 7 to 15 digits and begins with the country code"};
  const std::string& reference = message.reference;
  if (reference.empty() || reference.size() > 64 || !std::ranges::all_of(reference, of_a_name))
    return Error{Code::invalid, "sms.reference", "a reference is 1 to 64 of A-Z a-z 0-9 . _ -"};
  if (!message.user_data.empty()) return check_user_data(message);
  return TF_TRY(encode_text(message.text)).parts() <= kMaxParts
             ? Status()
             : Status(Error{Code::invalid, "sms.text", "the text is longer than ten short messages"});
}

std::string_view name_of(DeliveryState state) {
  switch (state) {
    case DeliveryState::underway: return "underway";
    case DeliveryState::delivered: return "delivered";
    case DeliveryState::expired: return "expired";
    case DeliveryState::deleted: return "deleted";
    case DeliveryState::undeliverable: return "undeliverable";
    case DeliveryState::accepted: return "accepted";
    case DeliveryState::unknown: return "unknown";
    case DeliveryState::rejected: return "rejected";
  }
  return "";
}

}  // namespace tf::sms
