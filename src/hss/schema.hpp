// The authentication centre's tables; component "hss" of its database's migrations.
#pragma once
#include "store/database.hpp"

namespace tf::hss {

inline constexpr const char* kComponent = "hss";
// wrapped: K ‖ OPc, or K ‖ TOPc (vault, purpose subscription), as algorithm says. next_seq: the first SEQ that is reserved by nobody; it grows, and falls
// only to where a USIM proved to stand (AuthenticationCentre::resync).
inline constexpr store::Migration kMigrations[] = {
    {1, "subscribers",
     "CREATE TABLE hss_subscribers ("
     " imsi TEXT NOT NULL PRIMARY KEY, amf BIGINT NOT NULL, kek TEXT NOT NULL, wrapped BYTEA NOT NULL, next_seq BIGINT NOT NULL);"},
    {2, "TUAK beside Milenage", "ALTER TABLE hss_subscribers ADD COLUMN algorithm TEXT NOT NULL DEFAULT 'milenage';"},
};

}  // namespace tf::hss
