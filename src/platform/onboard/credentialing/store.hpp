// The credentialing server's tables: registrations (protocols/onboard/records.hpp), what other servers are still to be told, alarms.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/onboard/records.hpp"
#include "store/database.hpp"
#include "vault/vault.hpp"

namespace tf::platform::credentialing {

inline constexpr const char* kComponent = "onboard_credentialing";
inline constexpr store::Migration kMigrations[] = {
    {1, "subscriptions, placements, deliveries, chains, alarms",
     "CREATE TABLE onboard_subscriptions ("
     " id TEXT NOT NULL PRIMARY KEY, dsim_id TEXT NOT NULL, newest INTEGER NOT NULL, owner TEXT NOT NULL, plan TEXT NOT NULL,"
     " kek TEXT NOT NULL, nonce BYTEA NOT NULL, pinned BYTEA, state TEXT NOT NULL, version BIGINT NOT NULL,"
     " created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL,"
     " device BYTEA, envelope_hash BYTEA, envelope BYTEA, signing BYTEA, transcripts BYTEA);"
     "CREATE UNIQUE INDEX onboard_subscriptions_newest ON onboard_subscriptions (dsim_id) WHERE newest = 1;"
     "CREATE INDEX onboard_subscriptions_expiry ON onboard_subscriptions (expires_ms) WHERE state IN ('registered', 'released');"
     "CREATE TABLE onboard_placements ("
     " server TEXT NOT NULL, id TEXT NOT NULL, dsim_id TEXT NOT NULL, action TEXT NOT NULL, nonce_hash BYTEA NOT NULL, due_ms BIGINT NOT NULL, tries BIGINT NOT NULL,"
     " PRIMARY KEY (server, id));"
     "CREATE INDEX onboard_placements_due ON onboard_placements (server, due_ms);"
     "CREATE TABLE onboard_told (delivery TEXT NOT NULL, server TEXT NOT NULL, PRIMARY KEY (delivery, server));"
     "CREATE TABLE onboard_suspensions (dsim_id TEXT NOT NULL, nonce_hash BYTEA NOT NULL PRIMARY KEY, due_ms BIGINT NOT NULL);"
     "CREATE TABLE onboard_chains ("
     " dsim_id TEXT NOT NULL PRIMARY KEY, signing BYTEA NOT NULL, decryption BYTEA NOT NULL, checked_ms BIGINT, verdict TEXT);"
     "CREATE TABLE onboard_alarms ("
     " id TEXT NOT NULL PRIMARY KEY, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, dsim_id TEXT NOT NULL, detail TEXT NOT NULL);"
     "CREATE INDEX onboard_alarms_time ON onboard_alarms (at_ms);"},
    {2, "an alarm is one row, however often it is raised",
     "ALTER TABLE onboard_alarms ADD COLUMN registration TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE onboard_alarms ADD COLUMN device TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE onboard_alarms ADD COLUMN times BIGINT NOT NULL DEFAULT 1;"
     "ALTER TABLE onboard_alarms ADD COLUMN last_ms BIGINT NOT NULL DEFAULT 0;"
     "UPDATE onboard_alarms SET registration = id, last_ms = at_ms;"
     "CREATE UNIQUE INDEX onboard_alarms_one ON onboard_alarms (registration, kind, device);"
     "CREATE INDEX onboard_alarms_last ON onboard_alarms (last_ms);"},
    {3, "suspensions by device", "CREATE INDEX onboard_suspensions_device ON onboard_suspensions (dsim_id);"},
};

vault::RowId nonce_row(const std::string& registration_id);
// A registration as its row keeps it: value.nonce is empty, the sealed one beside it.
struct Kept {
  onboard::Registration value;
  vault::Wrapped nonce;
  std::int64_t changed_ms = 0;
};
Result<std::optional<Kept>> load(store::Session& session, std::string_view id);
Result<std::optional<Kept>> load_newest(store::Session& session, std::string_view dsim_id);
// In a state, or in any when it is empty; in the order of DSIM_IDs, behind after, each device's newest.
Result<std::vector<Kept>> list(store::Session& session, std::string_view in_state, std::string_view after, std::int64_t limit);
Result<std::vector<Kept>> overdue(store::Session& session, std::int64_t now_ms, std::int64_t limit);
Result<std::vector<std::pair<std::string, std::int64_t>>> count(store::Session& session);  // by state

// Code::conflict (store.conflict) while the device's newest one is live.
Status insert(store::Session& session, const onboard::Registration& made, const vault::Wrapped& nonce);
// Code::conflict "onboard.changed" when the version is another by now.
Status update(store::Session& session, const onboard::Update& change, std::int64_t now_ms);

// Which provisioning servers have a delivery, or are just given it.
Status forget_told(store::Session& session, std::string_view delivery, std::string_view server);
Status note_told(store::Session& session, std::string_view delivery, std::string_view server);
Result<bool> is_told(store::Session& session, std::string_view delivery, std::string_view server);

// Credentials of withdrawn registrations, until the HSS took it.
Status want_suspension(store::Session& session, const onboard::SuspendRequest& request, std::int64_t due_ms);
Result<std::vector<onboard::SuspendRequest>> suspensions(store::Session& session, std::int64_t now_ms, std::int64_t limit);
Result<std::vector<onboard::SuspendRequest>> suspensions_of(store::Session& session, std::string_view dsim_id);  // due or not
Status suspended(store::Session& session, const onboard::SuspendRequest& request);

// --- what registration servers are to be told ---
struct Placement {
  std::string id;  // of the registration
  std::string dsim_id;
  bool remove = false;
  Hash256 nonce_hash{};
  std::int64_t tries = 0;
};
// Takes the place of what this server was to be told about the registration before.
Status place(store::Session& session, std::string_view server, const Placement& placement, std::int64_t due_ms);
Result<std::vector<Placement>> due(store::Session& session, std::string_view server, bool remove, std::int64_t now_ms, std::int64_t limit);
Status placed(store::Session& session, std::string_view server, const Placement& placement);
Status postpone(store::Session& session, std::string_view server, const Placement& placement, std::int64_t due_ms);
Result<std::int64_t> unplaced(store::Session& session);

// --- pinned chains, judged in batches ---
struct Pinned {
  std::string dsim_id;
  onboard::Chain signing, decryption;
  std::int64_t checked_ms = 0;
  std::string verdict;
};
struct Verdict {
  std::string verdict;
  std::int64_t checked_ms = 0;
};
Status keep_chains(store::Session& session, const onboard::Subscription& row);
Result<std::vector<Pinned>> chains_behind(store::Session& session, std::string_view after, std::int64_t limit);
Result<std::optional<Verdict>> verdict_of(store::Session& session, std::string_view dsim_id);
Status note_verdict(store::Session& session, std::string_view dsim_id, std::string_view verdict, std::int64_t now_ms);

// --- alarms ---
struct Alarm {
  std::string id, kind, dsim_id, detail;
  std::string registration, device;  // device: hash of who raised it, hex; with the kind they say which alarm it is
  std::int64_t at_ms = 0;            // first
  std::int64_t last_ms = 0, times = 1;
};
// True for a new one; else there is one more of the one that is there.
Result<bool> raise(store::Session& session, const Alarm& alarm);
Result<std::vector<Alarm>> alarms(store::Session& session, std::int64_t limit);  // those raised last first

}  // namespace tf::platform::credentialing
