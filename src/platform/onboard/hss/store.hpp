// The table of the HSS role: which credential was made for which registration, and its envelope. The key lies sealed until it is in
// the HLR.
#pragma once
#include <optional>
#include <string>

#include "protocols/onboard/messages_servers.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::platform::hss_role {

inline constexpr const char* kComponent = "onboard_hss";
inline constexpr store::Migration kMigrations[] = {
    {1, "credentials",
     "CREATE TABLE onboard_credentials ("
     " dsim_id TEXT NOT NULL, nonce_hash BYTEA NOT NULL, device_hash BYTEA NOT NULL, imsi TEXT NOT NULL UNIQUE, iccid TEXT NOT NULL UNIQUE, plan TEXT NOT NULL,"
     " kek TEXT, secret BYTEA, envelope BYTEA NOT NULL, imsi_hash BYTEA NOT NULL, state TEXT NOT NULL, made_ms BIGINT NOT NULL, used_ms BIGINT,"
     " PRIMARY KEY (dsim_id, nonce_hash));"
     "CREATE TABLE onboard_numbers (name TEXT NOT NULL PRIMARY KEY, next BIGINT NOT NULL);"},
    {2, "ended registrations",
     "CREATE TABLE onboard_ended (dsim_id TEXT NOT NULL, nonce_hash BYTEA NOT NULL, ended_ms BIGINT NOT NULL, PRIMARY KEY (dsim_id, nonce_hash));"
     "CREATE INDEX onboard_ended_at ON onboard_ended (ended_ms);"},
};

// made → created (in the HLR; the secret is there now) → suspended; made → suspended (the secret stays until the HLR was asked);
// suspended → removed (nothing of it is in the HLR: who has its number there is somebody else)
namespace state {
inline constexpr std::string_view made = "made", created = "created", suspended = "suspended", removed = "removed";
}

struct Credential {
  std::string dsim_id;
  Hash256 nonce_hash{}, device_hash{};
  std::string imsi, iccid, plan, state;
  std::optional<vault::Wrapped> secret;  // crypto::AkaKey's octets, while nobody knows that the HLR has it
  Bytes envelope;
  Hash256 imsi_hash{};
};
vault::RowId secret_row(const std::string& imsi);

Result<std::optional<Credential>> load(store::Session& session, std::string_view dsim_id, const Hash256& nonce_hash);
// Code::conflict (store.conflict) when the registration has one already.
Status insert(store::Session& session, const Credential& credential, std::int64_t now_ms);
Status set_created(store::Session& session, const Credential& credential);
Status set_suspended(store::Session& session, const Credential& credential);
Status set_removed(store::Session& session, const Credential& credential);
// Code::conflict "onboard.not_made" when it is in the HLR, or suspended.
Status remove_made(store::Session& session, const Credential& credential);
// Registrations that were suspended before anything was made for them: a request that was under way then makes nothing.
Status note_ended(store::Session& session, std::string_view dsim_id, const Hash256& nonce_hash, std::int64_t now_ms);
Result<bool> is_ended(store::Session& session, std::string_view dsim_id, const Hash256& nonce_hash);
Status forget_ended(store::Session& session, std::int64_t before_ms);
// False: no credential of ours, or suspended.
Result<bool> is_subscriber(store::Session& session, std::string_view imsi);
Status note_used(store::Session& session, std::string_view imsi, std::int64_t now_ms);
// The first of so many numbers that are the caller's from now on.
Result<std::int64_t> reserve(store::Session& session, std::int64_t first, std::int64_t count);

}  // namespace tf::platform::hss_role
