// The keys shared with an acquirer: the zone key (ZMK) that custodians brought as components, and under it the working keys
// the acquirer hands out: ZPK for PIN blocks, ZAK for MACs. Where they are kept is the platform's matter; here is the port.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "vault/vault.hpp"

namespace tf::frontends::card {

struct StoredKey {
  vault::Wrapped wrapped;
  vault::SymmetricSpec spec;
  vault::RowId row;
  std::string kcv;
  [[nodiscard]] vault::WrappedRef ref() const { return {wrapped, spec, row}; }
};

// ZPK and ZAK of one exchange.
struct WorkingKeys {
  std::int64_t generation = 0;  // 1, 2, …: also the version of both rows
  std::int64_t made_ms = 0;     // when they came
  StoredKey pin;
  StoredKey mac;
};

// Called on the front end's threads.
class Keys {
 public:
  virtual ~Keys() = default;
  // Code::not_found while its components are not all there.
  virtual Result<StoredKey> zone() = 0;
  // Newest first; the newest two are looked at. Empty before the first exchange.
  virtual Result<std::vector<WorkingKeys>> working() = 0;
  // Durable when it returns; only then are they used.
  virtual Status keep(const WorkingKeys& keys) = 0;
};

// Where they are wrapped for: rows (table, name of the front end + ".pin" or ".mac", generation).
inline constexpr const char* kKeyTable = "card_keys";

}  // namespace tf::frontends::card
