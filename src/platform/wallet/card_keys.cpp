#include "platform/wallet/card_keys.hpp"

#include "platform/zones.hpp"
#include "wire/json.hpp"

namespace tf::platform {

using frontends::card::StoredKey;
using frontends::card::WorkingKeys;
using std::string_view;

namespace {

vault::RowId row_of(const std::string& front_end, const char* which, std::int64_t generation) {
  return {frontends::card::kKeyTable, front_end + which, generation};
}

Result<StoredKey> read_key(const store::Row& row, std::size_t from, vault::SymmetricPurpose purpose, vault::RowId id) {
  return StoredKey{.wrapped = {row.text(from + 2), row.bytes(from + 3)},
                   .spec = {TF_TRY(vault::parse_symmetric_algorithm(row.text_view(from))), static_cast<std::size_t>(row.integer(from + 1)), purpose}, .row = std::move(id), .kcv = row.text(from + 4)};
}

}  // namespace

Result<StoredKey> CardKeys::zone() {
  ZoneRecord zone = TF_TRY(find_zone(context_, zone_));
  if (!zone.wrapped) return Error{Code::not_found, "zones.incomplete", "the key of zone " + zone_ + " waits for its components: trustferry keys zone add"};
  return StoredKey{std::move(*zone.wrapped), zone.spec, zone_row(zone.name), zone.kcv};
}

Result<std::vector<WorkingKeys>> CardKeys::working() {
  std::vector<WorkingKeys> out;
  TF_CHECK(context_.database.read([&](store::Session& session) {
    out.clear();
    return session.query("SELECT generation, made_ms, pin_algorithm, pin_size, pin_kek, pin, pin_kcv, mac_algorithm, mac_size, mac_kek, mac, mac_kcv FROM card_keys "
                         "WHERE front_end = $1 ORDER BY generation DESC LIMIT 2", {string_view(front_end_)}, [&](const store::Row& row) -> Status {
      const std::int64_t generation = row.integer(0);
      out.push_back({.generation = generation, .made_ms = row.integer(1),
                     .pin = TF_TRY(read_key(row, 2, vault::SymmetricPurpose::zone_pin, row_of(front_end_, ".pin", generation))),
                     .mac = TF_TRY(read_key(row, 7, vault::SymmetricPurpose::zone_mac, row_of(front_end_, ".mac", generation)))});
      return {};
    });
  }));
  return out;
}

Status CardKeys::keep(const WorkingKeys& keys) {
  wire::JsonWriter detail;
  detail.begin_object().member("generation", keys.generation).member("pin_kcv", keys.pin.kcv).member("mac_kcv", keys.mac.kcv).end_object();
  return perform_act(context_, {"front-end:" + front_end_, "wallet.card_keys", front_end_, std::string(detail.text())}, [&](store::Session& session) -> Status {
    TF_TRY(session.execute("INSERT INTO card_keys (front_end, generation, made_ms, pin_algorithm, pin_size, pin_kek, pin, pin_kcv, mac_algorithm, mac_size, mac_kek, mac, mac_kcv) "
                           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                           {string_view(front_end_), keys.generation, keys.made_ms, name_of(keys.pin.spec.algorithm), static_cast<std::int64_t>(keys.pin.spec.size),
                            string_view(keys.pin.wrapped.kek), ByteView(keys.pin.wrapped.blob), string_view(keys.pin.kcv), name_of(keys.mac.spec.algorithm),
                            static_cast<std::int64_t>(keys.mac.spec.size), string_view(keys.mac.wrapped.kek), ByteView(keys.mac.wrapped.blob), string_view(keys.mac.kcv)}));
    TF_TRY(session.execute("DELETE FROM card_keys WHERE front_end = $1 AND generation < $2", {string_view(front_end_), keys.generation - 2}));
    return {};
  });
}

}  // namespace tf::platform
