// What an answer of an ACP gateway means. It must be about the very order (orderId, txnTime, merId); a good end must be of the
// very amount. Codes of ours: "another_order", "wrong_amount", "incomplete".
#pragma once
#include <optional>
#include <string_view>

#include "frontends/acp/settings.hpp"
#include "frontends/signed_form.hpp"
#include "payment/front_end.hpp"

namespace tf::frontends::acp {

using payment::Outcome;

inline constexpr std::string_view kNoSuchOrder = "34";  // of the query, not of the order

// One transaction at the gateway: a payment, an undoing, a refund.
struct Order {
  std::string id;    // orderId
  std::string time;  // txnTime
  payment::Money amount;
  std::optional<std::int64_t> gone_ms{};  // after it "no such order" is final; nothing: never
  std::int64_t ask_until_ms = 0;          // monotonic: no question after it, so that the books hear within their time
};
Order order_of(const payment::Payment& payment, const Settings& settings);

struct Acceptance {
  enum class Kind { accepted, refused, ask } kind;
  Outcome outcome;  // refused: declined; otherwise unknown, with the code
};
// The first answer to a transaction.
Acceptance judge_acceptance(const Fields& answer, const Order& order, const Settings& settings);
// The answer to an order for a phone: done with its tn.
Outcome judge_order(const Fields& answer, const Order& order, const Settings& settings);
// The answer to a query. now_ms: when it was asked.
Outcome judge_query(const Fields& answer, const Order& order, const Settings& settings, std::int64_t now_ms);
// A result code of the transaction itself (origRespCode, or respCode of a notification).
Outcome judge_code(const std::string& code, const std::string& reference);

}  // namespace tf::frontends::acp
