// VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (SP 800-73-4 part 2, 3.2).
#include <algorithm>

#include "card/piv/pins.hpp"
#include "card/piv/session.hpp"

namespace tf::card::piv {
namespace {

constexpr std::uint8_t kForget = 0xFF;

}  // namespace

bool valid_pin(ByteView value) {
  if (value.size() != kPinSize) return false;
  const auto padding = std::ranges::find(value, kPadding);
  const auto digits = std::ranges::subrange(value.begin(), padding);
  return padding - value.begin() >= kMinPin && std::ranges::all_of(digits, [](std::uint8_t c) { return c >= '0' && c <= '9'; }) &&
         std::ranges::all_of(padding, value.end(), [](std::uint8_t c) { return c == kPadding; });
}

bool valid_puk(ByteView value) {
  if (value.size() != kPinSize) return false;
  const auto padding = std::ranges::find(value, kPadding);
  return padding - value.begin() >= kMinPin && std::ranges::all_of(padding, value.end(), [](std::uint8_t c) { return c == kPadding; });
}

Done PivSession::verify(const Command& command) {
  if (command.p2 != kPinReference) return StatusWord::reference_not_found;
  if (command.p1 == kForget && command.data.empty()) {
    pin_ = false;
    return {};
  }
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (command.data.empty()) {
    if (pin_) return {};
    const unsigned left = TF_TRY(services_.pins.tries_left(kPin));
    return left == 0 ? StatusWord::blocked : apdu::tries_left(left);
  }
  // What can not be a PIN costs no try.
  if (!valid_pin(command.data)) return StatusWord::wrong_data;
  pin_ = false;
  TF_CHECK(services_.pins.verify(kPin, command.data));
  pin_ = true;
  return {};
}

Done PivSession::change_reference_data(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (command.p2 != kPinReference && command.p2 != kPukReference) return StatusWord::reference_not_found;
  if (command.data.size() != 2 * kPinSize) return StatusWord::wrong_data;
  const ByteView old = ByteView(command.data).first(kPinSize);
  const ByteView fresh = ByteView(command.data).last(kPinSize);
  const bool pin = command.p2 == kPinReference;
  if (pin ? !valid_pin(old) || !valid_pin(fresh) : !valid_puk(fresh)) return StatusWord::wrong_data;
  return services_.pins.change(pin ? kPin : kPuk, old, fresh);
}

Done PivSession::reset_retry_counter(const Command& command) {
  if (command.p1 != 0) return StatusWord::wrong_p1_p2;
  if (command.p2 != kPinReference) return StatusWord::reference_not_found;
  if (command.data.size() != 2 * kPinSize) return StatusWord::wrong_data;
  const ByteView fresh = ByteView(command.data).last(kPinSize);
  if (!valid_pin(fresh)) return StatusWord::wrong_data;
  return services_.pins.unblock(kPin, kPuk, ByteView(command.data).first(kPinSize), fresh);
}

// Yubico's FA, P1 for the PIN and P2 for the PUK. Unlike there the values stay as they are.
Done PivSession::set_retries(const Command& command) {
  if (!command.data.empty()) return StatusWord::wrong_length;
  if (!administrator_ || !pin_) return StatusWord::security_status;
  if (command.p1 < 1 || command.p1 > 15 || command.p2 < 1 || command.p2 > 15) return StatusWord::wrong_p1_p2;
  Memory::Batch both(services_.memory);
  TF_CHECK(services_.pins.set_tries(kPin, command.p1));
  TF_CHECK(services_.pins.set_tries(kPuk, command.p2));
  TF_CHECK(both.commit());
  return {};
}

}  // namespace tf::card::piv
