#include "card/memory/changes.hpp"

#include "wire/fields.hpp"

namespace tf::card {

SecretBytes encode_changes(const Changes& changes) {
  wire::FieldWriter out;
  out.number(changes.size());
  for (const auto& [name, value] : changes) {
    out.field(name).number(value ? 1 : 0);
    if (value) out.field(value->reveal());
  }
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

Status apply_changes(ByteView octets, Records& records) {
  wire::FieldReader in(octets);
  const std::uint64_t count = TF_TRY(in.number());
  if (count > kMaxRecords) return Error{Code::malformed, "card.state", "too many records"};
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string name(as_text(TF_TRY(in.field(128))));
    const std::uint64_t there = TF_TRY(in.number());
    if (there > 1) return Error{Code::malformed, "card.state", "neither a value nor none"};
    if (there == 1) records.insert_or_assign(std::move(name), SecretBytes(TF_TRY(in.field(kMaxRecord))));
    else records.erase(name);
  }
  return in.finish();
}

}  // namespace tf::card
