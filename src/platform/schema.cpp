#include "platform/schema.hpp"

#include "payment/books/schema.hpp"
#include "platform/cardsign/schema.hpp"
#include "platform/cardsign/schema_air.hpp"
#include "platform/wallet/schema.hpp"

#include "ca/est/codes.hpp"
#include "ca/schema.hpp"

namespace tf::platform {
namespace {

constexpr const char* kGround = R"sql(
CREATE TABLE terminals (
  dsn TEXT NOT NULL PRIMARY KEY,
  model TEXT NOT NULL,
  grp TEXT NOT NULL,
  suites TEXT NOT NULL,
  denied INTEGER NOT NULL DEFAULT 0,
  proved_modern INTEGER NOT NULL DEFAULT 0,
  personalised_at_ms BIGINT,
  completed_set BIGINT NOT NULL DEFAULT 0,
  completed_at_ms BIGINT,
  imported_at_ms BIGINT NOT NULL
);
CREATE TABLE operators (
  fingerprint TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE certificates (
  kind TEXT NOT NULL,
  serial TEXT NOT NULL PRIMARY KEY,
  key_name TEXT NOT NULL,
  der BYTEA NOT NULL,
  not_before_ms BIGINT NOT NULL,
  not_after_ms BIGINT NOT NULL
);
CREATE TABLE crls (
  number BIGINT NOT NULL PRIMARY KEY,
  der BYTEA NOT NULL
);
CREATE TABLE zones (
  name TEXT NOT NULL PRIMARY KEY,
  cipher TEXT NOT NULL,
  size INTEGER NOT NULL,
  components INTEGER NOT NULL,
  kek TEXT,
  wrapped BYTEA,
  kcv TEXT
);
CREATE TABLE zone_components (
  zone TEXT NOT NULL,
  custodian TEXT NOT NULL,
  number INTEGER NOT NULL,
  kek TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  kcv TEXT NOT NULL,
  PRIMARY KEY (zone, custodian),
  UNIQUE (zone, number)
)
)sql";

constexpr const char* kRki = R"sql(
CREATE TABLE rki_batches (
  id TEXT NOT NULL PRIMARY KEY,
  dsn_from TEXT NOT NULL,
  dsn_to TEXT NOT NULL,
  dsn_size INTEGER NOT NULL,
  loader TEXT NOT NULL,
  log_key BYTEA NOT NULL,
  issued_at_ms BIGINT NOT NULL
);
CREATE TABLE rki_dik1 (
  batch TEXT NOT NULL,
  suite TEXT NOT NULL,
  kek TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  kcv TEXT NOT NULL,
  PRIMARY KEY (batch, suite)
);
CREATE INDEX rki_batches_range ON rki_batches (dsn_size, dsn_from);
CREATE TABLE rki_keys (
  dsn TEXT NOT NULL,
  set_no BIGINT NOT NULL,
  slot TEXT NOT NULL,
  part INTEGER NOT NULL,
  suite TEXT NOT NULL,
  kek TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  kcv TEXT NOT NULL,
  status TEXT NOT NULL,
  grace_until_ms BIGINT,
  PRIMARY KEY (dsn, set_no, slot)
);
CREATE UNIQUE INDEX rki_keys_one_active ON rki_keys (dsn, slot) WHERE status = 'active'
)sql";

constexpr const char* kAccess = R"sql(
CREATE TABLE access_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  did TEXT NOT NULL,
  msisdn TEXT,
  suite TEXT NOT NULL,
  kek TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  created_ms BIGINT NOT NULL,
  ends_ms BIGINT NOT NULL,
  authenticated_ms BIGINT,
  info TEXT NOT NULL,
  proved INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  status TEXT NOT NULL
);
CREATE UNIQUE INDEX access_keys_one_did ON access_keys (service, did) WHERE status = 'active';
CREATE UNIQUE INDEX access_keys_one_number ON access_keys (service, msisdn) WHERE status = 'active' AND msisdn IS NOT NULL;
CREATE TABLE access_used (
  id BYTEA NOT NULL PRIMARY KEY,
  ends_ms BIGINT NOT NULL
);
CREATE INDEX access_used_ends ON access_used (ends_ms);
CREATE TABLE access_codes (
  hash BYTEA NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  did TEXT NOT NULL,
  msisdn TEXT NOT NULL,
  ends_ms BIGINT NOT NULL,
  used_ms BIGINT
);
CREATE TABLE access_code_tries (
  did TEXT NOT NULL PRIMARY KEY,
  wrong BIGINT NOT NULL,
  locked_until_ms BIGINT NOT NULL
);
CREATE TABLE access_alarms (
  id TEXT NOT NULL PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  kind TEXT NOT NULL,
  service TEXT NOT NULL,
  did TEXT NOT NULL,
  msisdn TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE UNIQUE INDEX access_alarms_once ON access_alarms (kind, service, did, msisdn) WHERE state = 'open';
CREATE INDEX access_alarms_approved ON access_alarms (service, did, msisdn) WHERE state = 'approved';
CREATE TABLE peers (
  fingerprint TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
)
)sql";

// A certificate that an operator asked for in place of his own, until it is first used.
constexpr const char* kOperatorRenewals = R"sql(
CREATE TABLE operator_renewals (
  name TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE
)
)sql";

// Of terminals that are there none is remembered: the next modern download of each does it.
constexpr const char* kDeviceKeys = R"sql(
ALTER TABLE terminals ADD COLUMN device_key TEXT;
CREATE TABLE rki_alarms (
  id TEXT NOT NULL PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  kind TEXT NOT NULL,
  dsn TEXT NOT NULL,
  device_key TEXT NOT NULL,
  remembered TEXT NOT NULL,
  state TEXT NOT NULL
);
CREATE UNIQUE INDEX rki_alarms_once ON rki_alarms (kind, dsn) WHERE state = 'open'
)sql";

constexpr store::Migration kMigrations[] = {{1, "ground", kGround}, {2, "rki", kRki}, {3, "access", kAccess}, {4, "pki", ca::kSchema},
                                             {5, "payment", payment::kSchema}, {6, "wallet", kWalletTables}, {7, "est", ca::kEstSchema}, {8, "payment direct", payment::kDirectSchema},
                                             {9, "operators", kOperatorRenewals}, {10, "cardsign", kCardsignTables},
                                             {11, "cardsign containers", kCardsignContainers}, {12, "cardsign air", kCardsignAirTables},
                                             {13, "wallet alarms", kWalletAlarms}, {14, "payment open", payment::kOpenOrders},
                                             {15, "cardsign counters", kCardsignCounters}, {16, "rki device keys", kDeviceKeys}};

}  // namespace

std::span<const store::Migration> migrations() { return kMigrations; }

}  // namespace tf::platform
