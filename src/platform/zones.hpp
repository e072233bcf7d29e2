// Zones: keys shared with an acquirer's host, made of components that different custodians bring (dual control, split
// knowledge; PCI PIN 8-1, 8-2, 21-2), and the terminal keys that go out and come in under them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/context.hpp"
#include "protocols/rki/records.hpp"

namespace tf::platform {

struct ZoneRecord {
  std::string name;
  vault::SymmetricSpec spec;
  std::int64_t components = 2;                 // so many make the key
  std::vector<std::string> custodians;         // who has brought one so far
  std::optional<vault::Wrapped> wrapped;       // once complete
  std::string kcv;
};

vault::RowId zone_row(const std::string& zone);  // where a zone's key is wrapped for

struct ComponentInput {
  std::string zone;
  crypto::BlockCipher cipher = crypto::BlockCipher::aes;
  std::int64_t of = 2;
  SecretBytes component;
  std::string kcv;                             // what the custodian expects, confirmed against the component
};
// Takes one component from one custodian; the last one makes the key and its KCV. Code::invalid "zones.kcv" when the KCV is
// another; Code::conflict when that custodian has brought one already or the zone is complete.
Result<ZoneRecord> add_component(Context& context, const std::string& custodian, ComponentInput input);
Result<std::vector<ZoneRecord>> list_zones(Context& context);
Result<ZoneRecord> find_zone(Context& context, const std::string& name);

struct ExportedKey {
  rki::Slot slot;
  std::int64_t set;
  rki::KeyStatus status;
  std::string kcv;
  std::string block;
};
// The terminal's active and delivered keys (of one slot, or all) as X9.143 blocks under the zone's key.
Result<std::vector<ExportedKey>> export_keys(Context& context, const std::string& actor, const wire::Dsn& dsn,
                                             const std::string& zone, std::optional<rki::Slot> slot);
// A new set for the terminal in which the imported key takes the slot; the other slots get fresh keys.
Result<ExportedKey> import_key(Context& context, const std::string& actor, const wire::Dsn& dsn, const std::string& zone,
                               rki::Slot slot, const std::string& block);
// A new set of fresh keys, to be downloaded next time. Gives its number.
Result<std::int64_t> renew_keys(Context& context, const std::string& actor, const wire::Dsn& dsn);

}  // namespace tf::platform
