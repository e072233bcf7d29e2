// Books in memory, for simulations: what is durable is a Ledger that outlives the program's lives; a commit takes its time,
// may fail, and may fail after it was made. Keeps the contract of books_contract.cpp.
#pragma once
#include <map>

#include "payment/books/books.hpp"
#include "payment/notices/notice.hpp"
#include "tests/payment/virtual_time.hpp"

namespace tf::payment::test {

struct Ledger {
  std::map<std::int64_t, Order> orders;
  std::map<std::int64_t, RefundOrder> refunds;
  std::map<std::string, Usage> usage;  // by scope, who, currency
  std::vector<Notice> notices;
  std::map<std::int64_t, std::int64_t> events;  // by order
  std::map<std::int64_t, int> ends;             // how often each order and refund was written as ended
  std::map<std::int64_t, std::string> contradictions;
};

struct CommitWeather {
  std::int64_t longest_ms = 0;
  int fails_percent = 0;
  int lies_percent = 0;  // made, and reported as failed
};

class MemoryBooks final : public Books {
 public:
  MemoryBooks(Ledger& ledger, VirtualTime& time, const Life& life, Dice& dice, Limits limits, Subscribes subscribes, CommitWeather weather = {})
      : ledger_(ledger), time_(time), alive_(life.alive()), dice_(dice), limits_(std::move(limits)), subscribes_(std::move(subscribes)), weather_(weather) {}

  void book(Order order, Booked done) override;
  void write(const Order& order, State from, Written done) override;
  void contradicted(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, Written done) override;
  void book_refund(RefundOrder refund, RefundBooked done) override;
  void write_refund(const RefundOrder& refund, Written done) override;
  Result<std::optional<Order>> find(const std::string& user, const std::string& order_number) override;
  Result<std::optional<Order>> find(std::int64_t number) override;
  Result<std::optional<RefundBooking>> find_refund(std::int64_t order, const std::string& refund_number) override;
  Result<Opening> load() override;
  void set_weather(CommitWeather weather) { weather_ = weather; }

 private:
  template <class T, class Fn, class Done>
  void commit(Fn fn, Done done);
  Order* find_order(const std::string& user, const std::string& order_number);
  Usage& usage(Of of, const Order& order);
  void take_limits(Order& order);
  void ended(const Order& order);
  Result<Booking> book_now(Order order);
  Status write_now(const Order& order, State from);
  Result<RefundBooking> book_refund_now(RefundOrder refund);
  Status write_refund_now(const RefundOrder& refund);

  Ledger& ledger_;
  VirtualTime& time_;
  std::shared_ptr<const bool> alive_;
  Dice& dice_;
  const Limits limits_;
  const Subscribes subscribes_;
  CommitWeather weather_;
};

}  // namespace tf::payment::test
