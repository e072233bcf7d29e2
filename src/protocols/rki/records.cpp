#include "protocols/rki/records.hpp"

namespace tf::rki {

std::string_view name_of(KeyStatus status) {
  switch (status) {
    case KeyStatus::pending: return "pending";
    case KeyStatus::delivered: return "delivered";
    case KeyStatus::active: return "active";
    case KeyStatus::superseded: return "superseded";
  }
  return "";
}

Result<KeyStatus> parse_key_status(std::string_view name) {
  for (const KeyStatus status : {KeyStatus::pending, KeyStatus::delivered, KeyStatus::active, KeyStatus::superseded})
    if (name == name_of(status)) return status;
  return Error{Code::integrity, "rki.key_status", "a stored key has an unknown status"};
}

vault::SymmetricSpec spec_of(Suite suite, Slot slot) {
  const KeyShape shape = shape_of(suite);
  return {shape.cipher, shape.size, is_working_key(slot) ? vault::SymmetricPurpose::data : vault::SymmetricPurpose::key_encryption};
}

vault::RowId row_of(const wire::Dsn& dsn, Slot slot, std::int64_t set) {
  return {"rki_keys", dsn.text() + "/" + std::string(name_of(slot)), set};
}

}  // namespace tf::rki
