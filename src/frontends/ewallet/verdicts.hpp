// What an answer of the gateway means. Only what it says of the very order and the very amount is believed; everything
// that is neither clearly done nor clearly refused is unknown, with a code that says why:
//   "another_order", "wrong_amount", "incomplete", or the gateway's own code or sub_code.
#pragma once
#include "frontends/ewallet/settings.hpp"
#include "payment/front_end.hpp"
#include "wire/json.hpp"

namespace tf::frontends::ewallet {

using payment::Outcome;

inline constexpr const char* kNoSuchTrade = "ACQ.TRADE_NOT_EXIST";

Outcome judge_pay(wire::JsonObject& node, const payment::Payment& payment);
// expired: the gateway does not take the order any more; then "no such order" is final.
Outcome judge_query(wire::JsonObject& node, const payment::Payment& payment, bool expired);
Outcome judge_cancel(wire::JsonObject& node, const payment::Payment& payment);
Outcome judge_close(wire::JsonObject& node, const payment::Payment& payment);
// Unknown "fund_unchanged": the call moved no money, perhaps because an earlier one did; judge_refund_query tells.
Outcome judge_refund(wire::JsonObject& node, const payment::Refund& refund);
Outcome judge_refund_query(wire::JsonObject& node, const payment::Refund& refund);

// A state of a trade: TRADE_SUCCESS, TRADE_FINISHED, TRADE_CLOSED (ever_paid: given back in full), WAIT_BUYER_PAY.
Outcome judge_state(const std::string& state, const std::string& reference, bool ever_paid);

}  // namespace tf::frontends::ewallet
