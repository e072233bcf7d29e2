// The registration server's table: which operator waits for which device. A device has one registration; the nonce lies sealed.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "protocols/onboard/registration.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::platform::registration {

inline constexpr const char* kComponent = "onboard_registration";
inline constexpr store::Migration kMigrations[] = {
    {1, "registrations",
     "CREATE TABLE onboard_registrations ("
     " dsim_id TEXT NOT NULL PRIMARY KEY, operator TEXT NOT NULL, route TEXT NOT NULL, kek TEXT NOT NULL, nonce BYTEA NOT NULL,"
     " expires_ms BIGINT NOT NULL);"
     "CREATE INDEX onboard_registrations_expiry ON onboard_registrations (expires_ms);"},
};

// As the row keeps it: registered.nonce is empty, the sealed one beside it.
struct Registration {
  onboard::RegisteredDevice registered;
  vault::Wrapped nonce;
};

// The row that seals a device's nonce.
vault::RowId nonce_row(const std::string& dsim_id);

Result<std::optional<Registration>> load(store::Session& session, const std::string& dsim_id);
Status put(store::Session& session, const onboard::RegisteredDevice& row, const vault::Wrapped& nonce);
Status remove(store::Session& session, const std::string& dsim_id);
Result<std::int64_t> remove_expired(store::Session& session, std::int64_t now_ms);

}  // namespace tf::platform::registration
