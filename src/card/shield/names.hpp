// Where the shield keeps its things in the card's memory. What is the card's own is in card/personalise.hpp. Private to card/shield.
#pragma once
#include "apdu/shield.hpp"
#include "card/personalise.hpp"
#include "card/piv/names.hpp"

namespace tf::card::shield {

using apdu::shield::Slot;

inline constexpr std::uint8_t kOwner = 0;  // the container that PIV shares
inline constexpr std::string_view kCounterRecord = "shield/counter";  // 8 octets; outlives every owner
inline constexpr std::uint64_t kRecords = 16;                         // payments the card remembers

constexpr bool is_piv(Slot slot) { return slot != Slot::payment && slot != Slot::hash; }
constexpr std::uint32_t number_of(std::uint8_t container, Slot slot) { return static_cast<std::uint32_t>(container) << 8 | static_cast<std::uint32_t>(slot); }

inline KeyId key_of(std::uint8_t container, Slot slot) { return {key_container(container), static_cast<std::uint8_t>(slot)}; }
inline KeyId card_key(std::uint8_t reference) { return {std::string(kCardKeys), reference}; }
// A PIV slot of the owner has PIV's object.
inline FileId certificate_file(std::uint8_t container, Slot slot) {
  if (container == kOwner && is_piv(slot)) return {piv::kFiles, piv::certificate_tag(static_cast<std::uint8_t>(slot))};
  return {"shield", number_of(container, slot)};
}
// The enrolment nonce a key was made for, and the key's fingerprint.
inline FileId made_file(std::uint8_t container, Slot slot) { return {"made", number_of(container, slot)}; }
inline FileId payment_file(std::uint64_t counter) { return {"payments", static_cast<std::uint32_t>(counter % kRecords)}; }

}  // namespace tf::card::shield
