// What a merchant is told: the end of an order, or of a refund. Written to the outbox in the transaction of the end
// (webhooks.hpp delivers it).
#pragma once
#include <functional>
#include <string>

#include "payment/order.hpp"

namespace tf::payment {

struct Notice {
  std::int64_t payment = 0;   // the order's number
  std::int64_t sequence = 0;  // 1, 2, … within the order
  std::string merchant{};
  std::string body{};         // JSON
};

// Whether a merchant wants to be told. Called inside transactions: quick, and from any thread.
using Subscribes = std::function<bool(const std::string& merchant)>;

std::string event_id(std::int64_t payment, std::int64_t sequence);  // "20261121000000000001-1"
Notice notice_of(const Order& order, std::int64_t sequence);
Notice notice_of(const Order& order, const RefundOrder& refund, std::int64_t sequence);

}  // namespace tf::payment
