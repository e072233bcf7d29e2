#include "audit/entry.hpp"

#include "crypto/digest.hpp"
#include "wire/fields.hpp"

namespace tf::audit {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::accepted: return "accepted";
    case Outcome::refused: return "refused";
    case Outcome::failed: return "failed";
  }
  return "failed";
}

Hash256 chain_hash(const Hash256& previous, const Chained& entry) {
  wire::FieldWriter writer;
  writer.field("trustferry/audit/1").field(previous).field(entry.node);
  writer.number(static_cast<std::uint64_t>(entry.seq)).number(static_cast<std::uint64_t>(entry.at_ms));
  writer.field(entry.actor).field(entry.action).field(entry.subject);
  writer.field(entry.outcome).field(entry.reason).field(entry.detail);
  return crypto::sha256(writer.bytes());
}

Bytes signed_bytes(const Checkpoint& checkpoint) {
  wire::FieldWriter writer;
  writer.field("trustferry/audit-checkpoint/1").field(checkpoint.node);
  writer.number(static_cast<std::uint64_t>(checkpoint.seq)).number(static_cast<std::uint64_t>(checkpoint.at_ms));
  writer.field(checkpoint.hash).field(checkpoint.key_id);
  return writer.take();
}

}  // namespace tf::audit
