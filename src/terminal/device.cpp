#include "terminal/device.hpp"

#include <algorithm>

namespace tf::terminal {

void Device::install(rki::Installation installation) {
  if (installation.set != set) parts_done = 0;
  set = installation.set;
  parts = installation.of;
  for (rki::InstallableKey& key : installation.keys) {
    std::erase_if(keys, [&](const StoredKey& old) { return old.slot == key.slot && (!old.confirmed || old.set == set); });
    keys.push_back({key.slot, installation.set, installation.part, key.header.usage, key.header.key_version, key.kcv, std::move(key.key), false});
  }
}

void Device::confirm(const rki::Finished& finished) {
  for (StoredKey& key : keys) {
    if (key.set == finished.set && key.part == finished.part) key.confirmed = true;
  }
  std::erase_if(keys, [&](const StoredKey& old) {
    return old.set != finished.set && std::ranges::any_of(keys, [&](const StoredKey& newer) {
             return newer.slot == old.slot && newer.set == finished.set && newer.confirmed;
           });
  });
  parts_done = std::max(parts_done, finished.part);
}

}  // namespace tf::terminal
