// What the platform knows and keeps about one terminal's keys, as the steps see it. The repositories in platform/ load
// and store these.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocols/rki/key_set.hpp"
#include "protocols/rki/suite.hpp"
#include "vault/vault.hpp"
#include "wire/dsn.hpp"

namespace tf::rki {

struct TerminalRecord {
  wire::Dsn dsn;
  std::string group;
  SuitePolicy policy;
  bool denied = false;
  bool proved_modern = false;  // has completed a modern download: classic would be a step back
  std::string device_key = {};  // fingerprint of the one it is remembered by; empty: of none yet
};

// DIK1 of the range that holds a DSN, for one suite.
struct Dik1Record {
  vault::SymmetricSpec spec;
  vault::RowId row;
  vault::Wrapped wrapped;
  [[nodiscard]] vault::WrappedRef ref() const { return {wrapped, spec, row}; }
};

enum class KeyStatus { pending, delivered, active, superseded };
std::string_view name_of(KeyStatus status);
Result<KeyStatus> parse_key_status(std::string_view name);

// One key of a terminal. (dsn, set, slot) is unique; at most one key of a slot is active.
struct KeyRecord {
  Slot slot = Slot::tmk;
  std::int64_t set = 0;
  std::int64_t part = 1;
  Suite suite = Suite::modern;
  vault::Wrapped wrapped;
  std::string kcv;
  KeyStatus status = KeyStatus::pending;
};
vault::SymmetricSpec spec_of(Suite suite, Slot slot);
vault::RowId row_of(const wire::Dsn& dsn, Slot slot, std::int64_t set);

// What a step is given to read.
struct Snapshot {
  std::optional<TerminalRecord> terminal;
  std::optional<Dik1Record> dik1;    // for the suite of the conversation
  std::vector<KeyRecord> keys;       // of the terminal's newest set
  KeySetPlan plan;                   // of the terminal's group
};

}  // namespace tf::rki
