// A device as its secure store holds it: what the factory gave it and the keys it downloaded.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "protocols/rki/terminal.hpp"

namespace tf::terminal {

struct StoredKey {
  rki::Slot slot = rki::Slot::tmk;
  std::int64_t set = 0;
  std::int64_t part = 0;  // of the set, in which it came
  std::string usage;    // of the key block's header
  std::string version;
  std::string kcv;
  SecretBytes key;
  bool confirmed = false;  // the platform acknowledged our receipt; until then the key before it stays in use too
};

struct Device {
  rki::Identity identity;
  std::vector<StoredKey> keys;
  std::int64_t set = 0;          // the set being downloaded or downloaded
  std::int64_t parts_done = 0;   // acknowledged parts of it …
  std::int64_t parts = 0;        // … of so many

  [[nodiscard]] bool complete() const { return parts != 0 && parts_done == parts; }
  // S321: takes the keys of a delivery; keys of the same slot and set are replaced, older confirmed ones stay.
  void install(rki::Installation installation);
  // The receipt was acknowledged: the keys of that part are in use, older ones of their slots are erased.
  void confirm(const rki::Finished& finished);
};

}  // namespace tf::terminal
