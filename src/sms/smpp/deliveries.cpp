#include "sms/smpp/deliveries.hpp"

namespace tf::sms::smpp {

void Deliveries::tell(Delivery delivery, std::vector<Call>& calls) const {
  if (on_delivery_) calls.push_back([tell = on_delivery_, delivery = std::move(delivery)] { tell(delivery); });
}

void Deliveries::learn(const std::string& network_id, const std::string& reference, std::vector<Call>& calls) {
  if (network_id.empty()) return;
  if (references_.insert_or_assign(network_id, reference).second) ids_.push_back(network_id);
  if (ids_.size() > kKept) {
    references_.erase(ids_.front());
    ids_.pop_front();
  }
  for (auto it = early_.begin(); it != early_.end();) {
    if (it->network_id != network_id) {
      ++it;
      continue;
    }
    it->reference = reference;
    tell(std::move(*it), calls);
    it = early_.erase(it);
  }
}

void Deliveries::arrived(Delivery delivery, bool wait, std::vector<Call>& calls) {
  const auto known = references_.find(delivery.network_id);
  if (known != references_.end()) delivery.reference = known->second;
  else if (wait && early_.size() < kEarly) return early_.push_back(std::move(delivery));
  tell(std::move(delivery), calls);
}

void Deliveries::settle(std::vector<Call>& calls) {
  for (Delivery& each : early_) tell(std::move(each), calls);
  early_.clear();
}

}  // namespace tf::sms::smpp
