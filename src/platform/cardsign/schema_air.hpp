// The tables of renewal by short messages: a card's number, and the one packet that is under way to it.
#pragma once
namespace tf::platform {

inline constexpr const char* kCardsignAirTables = R"sql(
CREATE TABLE cardsign_numbers (
  serial TEXT NOT NULL PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  set_ms BIGINT NOT NULL
);
CREATE TABLE cardsign_packets (
  serial TEXT NOT NULL PRIMARY KEY,
  update_id TEXT NOT NULL,
  counter BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  next_ms BIGINT NOT NULL,
  proved BIGINT NOT NULL
)
)sql";

}  // namespace tf::platform
