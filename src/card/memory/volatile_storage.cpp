#include "card/memory/volatile_storage.hpp"

namespace tf::card {

Result<Records> VolatileStorage::load() {
  Records out;
  for (const auto& [name, value] : records_) out.emplace(name, value.clone());
  return out;
}

Status VolatileStorage::commit(const Changes& changes) {
  const Error gone{Code::unavailable, "card.store", "the power is gone"};
  ++commits_;
  const bool cut = cut_in_ != 0 && --cut_in_ == 0;
  if (cut && cut_ == Cut::before) return gone;
  for (const auto& [name, value] : changes) {
    if (value) records_.insert_or_assign(name, value->clone());
    else records_.erase(name);
  }
  if (cut) return gone;
  return {};
}

}  // namespace tf::card
