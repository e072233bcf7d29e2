// An order: one payment of one user, from its booking to its one end. And refunds of it. What the books keep of both.
// docs/payment.md has the states.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "payment/front_end.hpp"

namespace tf::store {
class Session;
}

namespace tf::payment {

enum class State {
  created,    // not in the books yet
  sent,       // in the books; the front end may have it
  offered,    // direct: made at the network's own gateway, where the phone may pay it
  unknown,    // no answer that can be believed; the front end is being asked
  reversing,  // the same; it is being undone
  captured,
  declined,
  reversed,
};
std::string_view name_of(State state);
Result<State> parse_state(std::string_view name);  // Code::integrity "payment.state"
inline bool has_ended(State state) { return state >= State::captured; }

// What the asker wants written in the transaction that books it, and in no other; it may run more than once. Its error is the booking's.
using Along = std::function<Status(store::Session&)>;

// What is asked for, by a user whom the caller has authenticated.
struct OrderRequest {
  std::string user{};          // 1 to 64 characters
  std::string order_number{};  // the user's own, 1 to 64 characters; (user, order_number) is one payment
  Hash256 content_hash{};      // of all that must not change under that number
  Money amount{};              // more than 0
  std::string merchant{};      // as in front_end.hpp, from here on
  std::string terminal{};
  std::string subject{};
  std::string instrument{};
  std::string prefix{};        // the card number's first digits, at most 11; empty for a wallet
  std::string wallet{};        // the kind of e-wallet ("alipay"); empty for a card
  // The phone's direct path, past the routes: the front end at whose network the phone pays by itself. No instrument then.
  std::string gateway{};
  std::int64_t until_ms = 0;   // direct: the phone may pay until then; not kept
  Along along{};
  [[nodiscard]] bool is_direct() const { return !gateway.empty(); }
};
Status check(const OrderRequest& request);  // Code::invalid "payment.order"

struct Order {
  std::int64_t number = 0;  // its place in the books, from which the transaction number follows
  OrderRequest asked{};     // without prefix and wallet when read from the books
  std::string front_end{};
  std::int64_t at_ms = 0;   // booked
  State state = State::created;
  bool resolved = false;    // its end came by query or reversal
  std::string code{};       // the front end's, or ours: "limit_sum", "timeout"
  std::string reference{};  // the front end's number
  std::string offer{};      // direct: the order's number at the gateway, for the phone
  std::int64_t changed_ms = 0;
  std::int64_t refunded = 0;  // minor units given back or about to be

  [[nodiscard]] std::string transaction() const;
  [[nodiscard]] Payment payment() const;
};

enum class RefundState { pending, done, declined };
std::string_view name_of(RefundState state);
Result<RefundState> parse_refund_state(std::string_view name);  // Code::integrity "payment.state"

struct RefundRequest {
  std::string transaction{};    // of the payment
  std::string refund_number{};  // 1 to 64 characters; one refund of that payment
  Money amount{};               // more than 0, in the payment's currency
  Along along{};
};

struct RefundOrder {
  std::int64_t number = 0;
  std::int64_t order = 0;  // number of the payment
  std::string refund_number{};
  Money amount{};
  std::string front_end{};
  std::int64_t at_ms = 0;
  RefundState state = RefundState::pending;
  std::string code{};
  std::string reference{};
  std::int64_t changed_ms = 0;
  Along along{};

  [[nodiscard]] std::string transaction() const;
  [[nodiscard]] Refund refund(const Order& original) const;
};

// The code of an order, or of a refund, whose end operators decided.
inline constexpr std::string_view kDecided = "decided";

// A number in the books is YYYYMMDD × 10^10 + a count; the transaction number has the count in 12 digits.
inline constexpr std::int64_t kNumbersADay = 10'000'000'000;
std::string transaction_of(std::int64_t number);
Result<std::int64_t> number_of(std::string_view transaction);  // Code::invalid "payment.transaction"
std::uint32_t trace_of(std::int64_t number);
// The books' day as YYYYMMDD.
std::int64_t day_of(std::int64_t at_ms, int utc_offset_minutes);
// The number after last, of today or, where the clock went back, of last's day.
std::int64_t number_after(std::int64_t last, std::int64_t day);

}  // namespace tf::payment
