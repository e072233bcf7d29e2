// The tables of the certificate authority, component "platform" version 4; portable SQL.
#pragma once

namespace tf::ca {

// The serial number is the primary key: 127 random bits are unique across authorities. Revoking touches one row of the register, one of
// the lists, and the partial index out of which a shard is built; nothing scans.
inline constexpr const char* kSchema = R"sql(
CREATE TABLE pki_authorities (
  name TEXT NOT NULL PRIMARY KEY,
  shards BIGINT NOT NULL,
  crl_pattern TEXT NOT NULL
);
CREATE TABLE pki_certificates (
  serial TEXT NOT NULL PRIMARY KEY,
  authority TEXT NOT NULL,
  profile TEXT NOT NULL,
  holder TEXT NOT NULL,
  subject TEXT NOT NULL,
  spki_hash BYTEA NOT NULL,
  tbs_hash BYTEA NOT NULL,
  state TEXT NOT NULL,
  shard BIGINT NOT NULL,
  intended_ms BIGINT NOT NULL,
  not_before_ms BIGINT NOT NULL,
  not_after_ms BIGINT NOT NULL,
  renews TEXT NOT NULL,
  der BYTEA,
  revoked_ms BIGINT,
  reason BIGINT
);
CREATE INDEX pki_certificates_holder ON pki_certificates (holder, serial);
CREATE INDEX pki_certificates_revoked ON pki_certificates (authority, shard, serial) WHERE state = 'revoked';
CREATE INDEX pki_certificates_intended ON pki_certificates (intended_ms) WHERE state = 'intended';
CREATE TABLE pki_lists (
  authority TEXT NOT NULL,
  shard BIGINT NOT NULL,
  number BIGINT NOT NULL,
  this_update_ms BIGINT NOT NULL,
  next_update_ms BIGINT NOT NULL,
  changes BIGINT NOT NULL,
  listed BIGINT NOT NULL,
  der BYTEA NOT NULL,
  PRIMARY KEY (authority, shard)
);
CREATE TABLE pki_delegates (
  serial TEXT NOT NULL PRIMARY KEY,
  authority TEXT NOT NULL,
  key_name TEXT NOT NULL,
  not_before_ms BIGINT NOT NULL,
  not_after_ms BIGINT NOT NULL,
  der BYTEA NOT NULL
)
)sql";

}  // namespace tf::ca
