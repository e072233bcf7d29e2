// One entry of the audit trail, and the hash that chains it to the one before.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace tf::audit {

enum class Outcome {
  accepted,  // done as asked
  refused,   // a peer or policy said no; reason tells which
  failed,    // we could not: database, vault, network
};
std::string_view name_of(Outcome outcome);

// All text is UTF-8. detail is a JSON object (or empty) and never holds a secret.
struct Entry {
  std::int64_t at_ms = 0;  // milliseconds since 1970, UTC
  std::string actor;       // who: "operator:anna", "terminal:AB-1234", "system"
  std::string action;      // what: "rki.deliver", "vault.unseal"
  std::string subject;     // to whom or what: a serial number, a key id
  Outcome outcome = Outcome::accepted;
  std::string reason;  // the Error's reason when not accepted
  std::string detail;
};

// An entry is at most this long, all its texts together.
inline constexpr std::size_t kMaxEntrySize = 64 * 1024;

// What an entry's hash covers, besides the hash of the entry before.
struct Chained {
  std::string_view node;  // which chain
  std::int64_t seq = 0;   // from 1, without gaps
  std::int64_t at_ms = 0;
  std::string_view actor, action, subject, outcome, reason, detail;
};
// SHA-256 over the length-prefixed fields "trustferry/audit/1", previous, node, seq, at, actor, action, subject,
// outcome, reason, detail. The previous hash of the first entry is 32 zero bytes.
Hash256 chain_hash(const Hash256& previous, const Chained& entry);

// A signed statement that the chain of node, up to and including seq, ends in hash.
struct Checkpoint {
  std::string node;
  std::int64_t seq = 0;
  std::int64_t at_ms = 0;
  Hash256 hash{};
  std::string key_id;
  Bytes signature;
};
// The bytes that are signed: length-prefixed "trustferry/audit-checkpoint/1", node, seq, at, hash, key id.
Bytes signed_bytes(const Checkpoint& checkpoint);

}  // namespace tf::audit
