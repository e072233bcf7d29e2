// The books of the simulated gateways: orders and refunds, each change a line of JSON at the end of a file, read back at the
// next start. A line that a crash cut off is dropped. One ledger for both dialects; any thread.
// It survives the end of the program, not of the machine: nothing is synced to disk.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "net/local/stream.hpp"

namespace tf::simulate::ewallet {

enum class State { waiting, paid, declined, closed, reversed };
std::string_view name_of(State state);

struct Order {
  std::string dialect;   // "ewallet" or "acp"
  std::string number;    // out_trade_no, orderId
  std::string merchant{};  // app_id, merId
  std::int64_t amount = 0;
  std::string currency = "CNY";
  std::string account{};
  State state = State::waiting;
  std::string code{};       // why it was declined
  std::string reference{};  // the gateway's own number
  std::int64_t at_ms = 0;   // when it was paid, declined or closed
  std::string time{};       // txnTime
  std::string tn{};         // of an order that a phone pays
  std::string until{};      // and its payTimeout
  std::int64_t returned = 0;  // sum of refunds
  std::string notify_url{};
  bool told = false;        // its notification was answered as it should be
};
struct Return {
  std::string dialect, order, number;
  std::int64_t amount = 0;  // 0: the whole order was undone
  std::string reference{};
  std::int64_t at_ms = 0;
  std::string time{};
};

class Ledger {
 public:
  // balance: of every account at the beginning, minor units. Code::unavailable "simulate.journal", Code::integrity for a
  // damaged line before the last.
  static Result<std::unique_ptr<Ledger>> open(const std::string& path, std::int64_t balance);

  [[nodiscard]] std::optional<Order> find(const std::string& dialect, const std::string& number) const;
  [[nodiscard]] std::optional<Order> find_tn(const std::string& tn) const;
  [[nodiscard]] std::optional<Return> find_return(const std::string& dialect, const std::string& number) const;

  struct Booked {
    Order order;
    bool fresh;  // false: it was there before; nothing has changed
  };
  // Pays at once from the account, or declines: with decline when it is given, for want of money otherwise. A wanted order
  // in state waiting is booked so, for complete().
  Booked book(Order wanted, const std::string& decline, std::int64_t now_ms);
  // A waiting order paid from this account, or still waiting where there is not the money; nothing when it is not waiting, or the phone
  // comes too late.
  std::optional<Order> complete(const std::string& dialect, const std::string& number, const std::string& account, std::int64_t now_ms);
  // waiting → closed, paid → reversed when paid_too; an order never seen becomes one that can never be paid (closed).
  // Gives the state before; nothing: never seen.
  std::optional<State> cancel(const std::string& dialect, const std::string& number, bool paid_too, std::int64_t now_ms);
  enum class Refunding { done, repeated, other_amount, not_paid, too_much };
  Refunding refund(Return wanted, std::int64_t now_ms);  // wanted.order is the number of the order; unique by dialect and number
  // paid → reversed, by an order of its own. not_paid also when a part was given back already.
  Refunding undo(Return wanted, std::int64_t now_ms);
  [[nodiscard]] std::optional<Order> find_reference(const std::string& dialect, const std::string& reference) const;
  void told(const std::string& dialect, const std::string& number);

  [[nodiscard]] std::uint64_t revision() const;  // rises with every change
  [[nodiscard]] std::vector<Order> orders() const;
  [[nodiscard]] std::vector<Return> returns() const;

 private:
  using Key = std::pair<std::string, std::string>;
  Ledger(net::Descriptor file, std::int64_t balance) : file_(std::move(file)), balance_(balance) {}

  Status read_back(std::string_view text);
  Status take(std::string_view line);
  void put(const Order& order);
  void put(const Return& back);
  void write(const std::string& line);
  void settle(Order& order, const std::string& decline, std::int64_t now_ms);
  std::string next_reference(std::int64_t now_ms);

  mutable std::mutex mutex_;
  net::Descriptor file_;
  const std::int64_t balance_;
  std::int64_t references_ = 0;
  std::uint64_t revision_ = 1;
  std::map<Key, Order> orders_;
  std::map<Key, Return> returns_;
  std::map<std::string, std::int64_t> spent_;
  std::map<std::string, Key> by_tn_;
};

}  // namespace tf::simulate::ewallet
