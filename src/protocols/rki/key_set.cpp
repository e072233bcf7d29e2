#include "protocols/rki/key_set.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace tf::rki {

std::string_view name_of(Slot slot) {
  switch (slot) {
    case Slot::tmk: return "tmk";
    case Slot::pin: return "pin";
    case Slot::mac: return "mac";
    case Slot::data: return "data";
  }
  return "";
}

Result<Slot> parse_slot(std::string_view name) {
  for (const Slot slot : {Slot::tmk, Slot::pin, Slot::mac, Slot::data})
    if (name == name_of(slot)) return slot;
  return Error{Code::malformed, "rki.unknown_slot", log::quoted(name) + " is no slot: tmk, pin, mac, data"};
}

KeyShape shape_of(Suite suite) {
  if (suite == Suite::classic) return {crypto::BlockCipher::tdes, 24};
  return {crypto::BlockCipher::aes, 32};
}

Result<std::string> key_version_text(std::int64_t set) {
  static constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (set < 1 || set >= 36 * 36)
    return Error{Code::refused, "rki.versions_exhausted", "a terminal can have at most 1295 key sets"};
  return std::string{digits[static_cast<std::size_t>(set / 36)], digits[static_cast<std::size_t>(set % 36)]};
}

Result<crypto::KeyBlockHeader> header_of(Suite suite, Slot slot, std::int64_t set) {
  crypto::KeyBlockHeader header;
  header.version = suite == Suite::classic ? 'B' : 'D';
  header.algorithm = suite == Suite::classic ? 'T' : 'A';
  header.exportability = 'N';
  header.key_version = TF_TRY(key_version_text(set));
  switch (slot) {
    case Slot::tmk: header.usage = "K1"; header.mode = 'D'; break;
    case Slot::pin: header.usage = "P0"; header.mode = 'E'; break;
    case Slot::mac: header.usage = suite == Suite::classic ? "M3" : "M6"; header.mode = 'C'; break;
    case Slot::data: header.usage = "D0"; header.mode = 'B'; break;
  }
  return header;
}

Result<KeySetPlan> KeySetPlan::make(const std::vector<std::string>& slots, std::int64_t keys_per_part) {
  KeySetPlan plan;
  plan.slots.clear();
  for (const std::string& name : slots) {
    const Slot slot = TF_TRY(parse_slot(name));
    if (std::ranges::find(plan.slots, slot) != plan.slots.end())
      return Error{Code::invalid, "rki.key_set", "slot " + name + " is named twice"};
    plan.slots.push_back(slot);
  }
  std::ranges::sort(plan.slots);  // TMK first: the working keys of the same pass travel under it
  if (plan.slots.empty() || keys_per_part < 1 || keys_per_part > 8)
    return Error{Code::invalid, "rki.key_set", "a set has at least one slot, a pass carries 1 to 8 keys"};
  plan.keys_per_part = keys_per_part;
  return plan;
}

}  // namespace tf::rki
