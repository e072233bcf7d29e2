// The keys a terminal downloads: slots, what each is in the language of key blocks, and how a set is cut into parts.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/banking/key_block.hpp"
#include "crypto/block_cipher.hpp"
#include "protocols/rki/suite.hpp"

namespace tf::rki {

enum class Slot { tmk, pin, mac, data };
std::string_view name_of(Slot slot);
Result<Slot> parse_slot(std::string_view name);  // Code::malformed "rki.unknown_slot"
constexpr bool is_working_key(Slot slot) { return slot != Slot::tmk; }

// What a slot's key is made of under a suite: classic TDES 24 bytes, modern AES 32 bytes.
struct KeyShape {
  crypto::BlockCipher cipher;
  std::size_t size;
};
KeyShape shape_of(Suite suite);

// The version of a set as the two characters of a header: base 36, 01 to ZZ. Code::refused when the set's number is
// beyond that.
Result<std::string> key_version_text(std::int64_t set);
// The header of a slot's block: usage K1, P0, M3 or M6, D0; exportability N.
Result<crypto::KeyBlockHeader> header_of(Suite suite, Slot slot, std::int64_t set);

// Which slots make a set, and how many keys one pass carries (row 16: a set that takes several passes).
struct KeySetPlan {
  std::vector<Slot> slots = {Slot::tmk, Slot::pin, Slot::mac, Slot::data};
  std::int64_t keys_per_part = 8;

  static Result<KeySetPlan> make(const std::vector<std::string>& slots, std::int64_t keys_per_part);  // Code::invalid
  // The part (from 1) in which the n-th slot (from 0) travels.
  [[nodiscard]] std::int64_t part_of(std::size_t index) const { return static_cast<std::int64_t>(index) / keys_per_part + 1; }
};

}  // namespace tf::rki
