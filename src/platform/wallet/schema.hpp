// The tables of wallet. A registration's person, password verifier and keys are sealed; evidence is what users signed.
#pragma once
namespace tf::platform {

inline constexpr const char* kWalletTables = R"sql(
CREATE TABLE wallet_registrations (
  id TEXT NOT NULL PRIMARY KEY,
  suite TEXT NOT NULL,
  key_maker TEXT NOT NULL,
  number TEXT NOT NULL,
  imei TEXT NOT NULL,
  iccid TEXT NOT NULL,
  person_kek TEXT NOT NULL,
  person BYTEA NOT NULL,
  spki BYTEA NOT NULL,
  csr BYTEA NOT NULL,
  codes_kek TEXT NOT NULL,
  codes BYTEA NOT NULL,
  info3_kek TEXT NOT NULL,
  info3 BYTEA NOT NULL,
  state TEXT NOT NULL,
  approved INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL,
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  certificate BYTEA NOT NULL,
  thumbprint BYTEA NOT NULL,
  file BYTEA NOT NULL,
  used INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  locked_until_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX wallet_registrations_one_active ON wallet_registrations (number) WHERE state = 'active';
CREATE INDEX wallet_registrations_lately ON wallet_registrations (number, created_ms);
CREATE INDEX wallet_registrations_open ON wallet_registrations (ends_ms) WHERE state IN ('codes_sent', 'waiting', 'proved', 'preparing');
CREATE TABLE wallet_used (
  id BYTEA NOT NULL PRIMARY KEY,
  ends_ms BIGINT NOT NULL
);
CREATE INDEX wallet_used_ends ON wallet_used (ends_ms);
CREATE TABLE wallet_evidence (
  registration TEXT NOT NULL,
  order_number TEXT NOT NULL,
  refund TEXT NOT NULL,
  request BYTEA NOT NULL,
  evidence TEXT NOT NULL,
  content TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (registration, order_number, refund)
);
CREATE TABLE wallet_alarms (
  id TEXT NOT NULL PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  kind TEXT NOT NULL,
  registration TEXT NOT NULL,
  number TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE UNIQUE INDEX wallet_alarms_once ON wallet_alarms (kind, registration) WHERE state = 'open';
CREATE TABLE wallet_keys (
  name TEXT NOT NULL PRIMARY KEY,
  kek TEXT NOT NULL,
  wrapped BYTEA NOT NULL
);
CREATE TABLE card_keys (
  front_end TEXT NOT NULL,
  generation BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  pin_algorithm TEXT NOT NULL,
  pin_size BIGINT NOT NULL,
  pin_kek TEXT NOT NULL,
  pin BYTEA NOT NULL,
  pin_kcv TEXT NOT NULL,
  mac_algorithm TEXT NOT NULL,
  mac_size BIGINT NOT NULL,
  mac_kek TEXT NOT NULL,
  mac BYTEA NOT NULL,
  mac_kcv TEXT NOT NULL,
  PRIMARY KEY (front_end, generation)
);
CREATE TABLE wallet_instruments (
  token TEXT NOT NULL PRIMARY KEY,
  registration TEXT NOT NULL,
  kind TEXT NOT NULL,
  masked TEXT NOT NULL,
  prefix TEXT NOT NULL,
  wallet TEXT NOT NULL,
  has_pin INTEGER NOT NULL,
  fingerprint BYTEA NOT NULL,
  kek TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  added_ms BIGINT NOT NULL,
  closed_ms BIGINT
);
CREATE UNIQUE INDEX wallet_instruments_once ON wallet_instruments (registration, fingerprint) WHERE closed_ms IS NULL
)sql";

// A contradicted decision is an alarm by itself, whose id is the transaction's; of the other kinds a registration has one that is open.
inline constexpr const char* kWalletAlarms = R"sql(
DROP INDEX wallet_alarms_once;
CREATE UNIQUE INDEX wallet_alarms_once ON wallet_alarms (kind, registration) WHERE state = 'open' AND kind <> 'decision_contradicted'
)sql";

}  // namespace tf::platform
