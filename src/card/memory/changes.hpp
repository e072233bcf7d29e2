// How a transaction is written. Private to card/memory; fuzzed.
#pragma once
#include "card/memory/storage.hpp"

namespace tf::card {

inline constexpr std::size_t kMaxRecord = 65536;
inline constexpr std::size_t kMaxRecords = 4096;

SecretBytes encode_changes(const Changes& changes);
// Code::malformed; records are then in any state.
Status apply_changes(ByteView octets, Records& records);

}  // namespace tf::card
