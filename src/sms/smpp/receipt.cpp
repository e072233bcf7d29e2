#include "sms/smpp/receipt.hpp"

#include <algorithm>
#include <array>

#include "sms/smpp/octets.hpp"

namespace tf::sms::smpp {
namespace {

constexpr unsigned kTypeBits = 0x3c;
constexpr unsigned kReceipt = 0x04;
constexpr unsigned kIntermediate = 0x20;
constexpr std::size_t kMaxId = 64;

struct State {
  std::string_view word;  // appendix B, the first seven characters
  std::uint8_t number;    // §5.2.28
  DeliveryState state;
};
constexpr std::array<State, 8> kStates = {{{"ENROUTE", 1, DeliveryState::underway},
                                           {"DELIVRD", 2, DeliveryState::delivered},
                                           {"EXPIRED", 3, DeliveryState::expired},
                                           {"DELETED", 4, DeliveryState::deleted},
                                           {"UNDELIV", 5, DeliveryState::undeliverable},
                                           {"ACCEPTD", 6, DeliveryState::accepted},
                                           {"UNKNOWN", 7, DeliveryState::unknown},
                                           {"REJECTD", 8, DeliveryState::rejected}}};

std::string_view receipt_text(const ShortMessage& message) {
  const Tlv* payload = find(message.tlvs, tag::message_payload);
  return as_text(payload != nullptr ? ByteView(payload->value) : ByteView(message.text));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// The word after "name:", where name begins the text or follows a blank. The text: field is the phone's and comes last.
std::string_view word_after(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at + name.size() < text.size(); ++at) {
    const bool begins = at == 0 || text[at - 1] == ' ';
    const auto is = [&](std::string_view word) {
      return text.size() - at > word.size() && text[at + word.size()] == ':' && std::ranges::equal(text.substr(at, word.size()), word, {}, lower);
    };
    if (!begins) continue;
    if (is(name)) {
      const std::string_view value = text.substr(at + name.size() + 1);
      return value.substr(0, value.find(' '));
    }
    if (is("text")) break;
  }
  return {};
}

std::string message_id(const ShortMessage& message, std::string_view text) {
  if (const Tlv* id = find(message.tlvs, tag::receipted_message_id)) {
    const auto end = std::ranges::find(id->value, 0);
    return {id->value.begin(), end};
  }
  return std::string(word_after(text, "id"));
}

const State* state_of(const ShortMessage& message, std::string_view text) {
  if (const Tlv* state = find(message.tlvs, tag::message_state)) {
    const auto found = state->value.size() == 1 ? std::ranges::find(kStates, state->value[0], &State::number) : kStates.end();
    return found == kStates.end() ? nullptr : &*found;
  }
  const auto found = std::ranges::find(kStates, word_after(text, "stat"), &State::word);
  return found == kStates.end() ? nullptr : &*found;
}

}  // namespace

bool is_receipt(const ShortMessage& message) {
  const unsigned type = message.esm_class & kTypeBits;
  return type == kReceipt || type == kIntermediate;
}

Result<Delivery> read_receipt(const ShortMessage& message) {
  const std::string_view text = receipt_text(message);
  std::string id = message_id(message, text);
  const State* state = state_of(message, text);
  const bool bad_id = id.empty() || id.size() > kMaxId || !std::ranges::all_of(as_bytes(id), printable);
  if (bad_id || state == nullptr) return Error{Code::malformed, "sms.receipt", "a receipt that names no message or no state"};
  const std::string_view error = word_after(text, "err");
  const bool plain = error.size() <= 16 && std::ranges::all_of(as_bytes(error), printable);
  return Delivery{{}, std::move(id), state->state, plain ? std::string(error) : ""};
}

}  // namespace tf::sms::smpp
