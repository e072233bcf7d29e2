// Loads what the steps of rki read and performs what they want written. SQL of the rki_ tables lives here.
#pragma once
#include <optional>
#include <vector>

#include "protocols/rki/platform.hpp"
#include "store/database.hpp"

namespace tf::platform {

Result<std::optional<rki::TerminalRecord>> load_terminal(store::Session& session, const wire::Dsn& dsn);
Result<std::optional<rki::Dik1Record>> load_dik1(store::Session& session, const wire::Dsn& dsn, rki::Suite suite);
// The keys of the terminal's newest set, TMK first; empty when it has none yet.
Result<std::vector<rki::KeyRecord>> load_newest_keys(store::Session& session, const wire::Dsn& dsn);
// The terminal and its newest keys, in one statement when it has none: what the steps read.
Result<rki::Snapshot> load_snapshot(store::Session& session, const wire::Dsn& dsn);
// The terminal and its newest keys still stand as the snapshot has them; Code::conflict when not.
Status check_unchanged(store::Session& session, const wire::Dsn& dsn, const rki::Snapshot& snapshot);
// All keys of a terminal, newest set first.
Result<std::vector<rki::KeyRecord>> load_keys(store::Session& session, const wire::Dsn& dsn);

vault::SymmetricSpec dik1_spec(rki::Suite suite);
vault::RowId dik1_row(std::string_view batch, rki::Suite suite);

// Code::conflict when a key of that set and slot exists already.
Status insert_key(store::Session& session, const wire::Dsn& dsn, const rki::KeyRecord& key);
// The writes of one step, without the audit entry. Code::conflict when the snapshot was overtaken.
Status perform(store::Session& session, const wire::Dsn& dsn, const rki::Writes& writes, std::int64_t now_ms,
               std::int64_t grace_ms);

}  // namespace tf::platform
