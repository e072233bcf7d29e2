// Which reference a network's id belongs to, for the delivery receipts. In memory and bounded: the oldest are forgotten.
#pragma once
#include <deque>
#include <map>

#include "sms/sender.hpp"
#include "sms/smpp/submissions.hpp"

namespace tf::sms::smpp {

class Deliveries {
 public:
  explicit Deliveries(OnDelivery on_delivery) : on_delivery_(std::move(on_delivery)) {}

  // A part was taken under this id; a receipt that overtook the answer is told now.
  void learn(const std::string& network_id, const std::string& reference, std::vector<Call>& calls);
  // wait: an answer is still to come that may explain an id nobody knows.
  void arrived(Delivery delivery, bool wait, std::vector<Call>& calls);
  // No answer is to come any more: what waited is told without a reference.
  void settle(std::vector<Call>& calls);

 private:
  static constexpr std::size_t kKept = 100'000;
  static constexpr std::size_t kEarly = 1000;
  void tell(Delivery delivery, std::vector<Call>& calls) const;

  const OnDelivery on_delivery_;
  std::map<std::string, std::string> references_;
  std::deque<std::string> ids_;  // in the order they came
  std::deque<Delivery> early_;
};

}  // namespace tf::sms::smpp
