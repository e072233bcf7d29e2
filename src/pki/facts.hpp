// What a certificate says, read once and strictly; the rules (rules.hpp) look at nothing else. Private to pki.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/handles.hpp"
#include "crypto/keys.hpp"
#include "pki/usage.hpp"
#include "wire/dsn.hpp"

namespace tf::pki {

struct Facts {
  std::string serial_hex;
  std::string common_name;
  std::string subject_serial_number;
  std::int64_t not_before_ms = 0;
  std::int64_t not_after_ms = 0;
  bool self_issued = false;     // the subject's name is the issuer's
  std::optional<crypto::PublicKey> key;  // none: not an acceptable one (algorithms.hpp)
  bool acceptable_signature = false;
  bool is_ca = false;
  std::optional<std::int64_t> path_length;
  std::uint32_t key_usage = 0;  // KU_… bits; 0 when there is no such extension
  UsageSet usages;
  bool foreign_usage = false;     // an extended key usage we do not know
  bool foreign_critical = false;  // a critical extension neither OpenSSL nor we know
  bool has_dsn_ranges = false;
  Result<std::vector<wire::DsnRange>> dsn_ranges{std::vector<wire::DsnRange>{}};
  std::optional<Bytes> statement;  // of an attestation (attestation.hpp)
  Bytes subject_key_id;
  Bytes authority_key_id;
};

// Code::malformed "pki.certificate": not version 3, an extension twice, one of those above that does not parse.
Result<Facts> read_facts(const X509* certificate);

// Known to OpenSSL's path validation, or the DSN ranges.
bool understood(X509_EXTENSION* extension);
const ASN1_OBJECT* object_of(Usage usage);

}  // namespace tf::pki
