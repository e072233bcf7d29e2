// The tables of the audit trail; component "audit" of the database's migrations.
#pragma once
#include "store/database.hpp"

namespace tf::audit {

inline constexpr const char* kComponent = "audit";
inline constexpr store::Migration kMigrations[] = {
    {1, "chains and checkpoints",
     "CREATE TABLE audit_entries ("
     " node TEXT NOT NULL, seq BIGINT NOT NULL, at_ms BIGINT NOT NULL,"
     " actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,"
     " outcome TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,"
     " hash BYTEA NOT NULL, PRIMARY KEY (node, seq));"
     "CREATE TABLE audit_checkpoints ("
     " node TEXT NOT NULL, seq BIGINT NOT NULL, at_ms BIGINT NOT NULL, hash BYTEA NOT NULL,"
     " key_id TEXT NOT NULL, signature BYTEA NOT NULL, PRIMARY KEY (node, seq));"},
};

}  // namespace tf::audit
