// The tables of cardsign. A card's SCP03 and OTA keys are sealed by the vault; an enrolment code is kept as its hash; what a card signed is
// kept whole, as evidence.
#pragma once
namespace tf::platform {

inline constexpr const char* kCardsignTables = R"sql(
CREATE TABLE cardsign_manufacturers (
  fingerprint TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  der BYTEA NOT NULL,
  added_ms BIGINT NOT NULL
);
CREATE TABLE cardsign_cards (
  serial TEXT NOT NULL PRIMARY KEY,
  factory BYTEA NOT NULL,
  channel BYTEA NOT NULL,
  preset BYTEA NOT NULL,
  scp03_kek TEXT NOT NULL,
  scp03 BYTEA NOT NULL,
  ota_kek TEXT NOT NULL,
  ota BYTEA NOT NULL,
  ota_counter BIGINT NOT NULL,
  payment_counter BIGINT NOT NULL,
  wrong_codes BIGINT NOT NULL,
  imported_ms BIGINT NOT NULL,
  withdrawn_ms BIGINT
);
CREATE TABLE cardsign_holders (
  serial TEXT NOT NULL,
  container INTEGER NOT NULL,
  user_id TEXT NOT NULL,
  state TEXT NOT NULL,
  code_hash BYTEA,
  code_ends_ms BIGINT NOT NULL,
  assigned_ms BIGINT NOT NULL,
  PRIMARY KEY (serial, container)
);
CREATE UNIQUE INDEX cardsign_holders_code ON cardsign_holders (code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX cardsign_holders_user ON cardsign_holders (user_id);
CREATE TABLE cardsign_certificates (
  serial TEXT NOT NULL,
  container INTEGER NOT NULL,
  slot TEXT NOT NULL,
  certificate_serial TEXT NOT NULL,
  der BYTEA NOT NULL,
  issued_ms BIGINT NOT NULL,
  stored_ms BIGINT,
  PRIMARY KEY (serial, container, slot)
);
CREATE TABLE cardsign_payments (
  id TEXT NOT NULL PRIMARY KEY,
  merchant TEXT NOT NULL,
  order_number TEXT NOT NULL,
  amount BIGINT NOT NULL,
  currency TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  expires_ms BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  state TEXT NOT NULL,
  signed_by TEXT NOT NULL,
  serial TEXT NOT NULL,
  container INTEGER NOT NULL,
  card_counter BIGINT NOT NULL,
  suite TEXT NOT NULL,
  signed BYTEA NOT NULL,
  signature BYTEA NOT NULL,
  certificate_serial TEXT NOT NULL,
  signed_ms BIGINT,
  UNIQUE (merchant, order_number)
);
CREATE INDEX cardsign_payments_open ON cardsign_payments (expires_ms) WHERE state = 'open';
CREATE TABLE cardsign_updates (
  id TEXT NOT NULL PRIMARY KEY,
  serial TEXT NOT NULL,
  container INTEGER NOT NULL,
  slot TEXT NOT NULL,
  certificate_serial TEXT NOT NULL,
  certificate BYTEA NOT NULL,
  replaces TEXT NOT NULL,
  state TEXT NOT NULL,
  queued_ms BIGINT NOT NULL,
  done_ms BIGINT
);
CREATE INDEX cardsign_updates_waiting ON cardsign_updates (serial) WHERE state = 'waiting';
CREATE TABLE cardsign_alarms (
  id TEXT NOT NULL PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  kind TEXT NOT NULL,
  serial TEXT NOT NULL,
  user_id TEXT NOT NULL,
  payment TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE UNIQUE INDEX cardsign_alarms_once ON cardsign_alarms (kind, serial, payment) WHERE state = 'open'
)sql";

// Containers that the platform makes on cards for further persons: "ordered", "intended" (a session was about to), "made". The PUK, sealed, until then.
inline constexpr const char* kCardsignContainers = R"sql(
CREATE TABLE cardsign_containers (
  serial TEXT NOT NULL,
  container INTEGER NOT NULL,
  state TEXT NOT NULL,
  puk_kek TEXT NOT NULL,
  puk BYTEA NOT NULL,
  ordered_ms BIGINT NOT NULL,
  made_ms BIGINT,
  PRIMARY KEY (serial, container)
)
)sql";

// What changes with every payment stands apart from the certificates and keys of the card, which are written once.
inline constexpr const char* kCardsignCounters = R"sql(
CREATE TABLE cardsign_counters (
  serial TEXT NOT NULL PRIMARY KEY,
  payments BIGINT NOT NULL
);
INSERT INTO cardsign_counters (serial, payments) SELECT serial, payment_counter FROM cardsign_cards;
ALTER TABLE cardsign_cards DROP COLUMN payment_counter
)sql";

}  // namespace tf::platform
