// Which request a reply belongs to, whether it can be believed, and what its response code means.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "frontends/card/message.hpp"
#include "payment/front_end.hpp"

namespace tf::frontends::card {

using payment::Verdict;

// The type of the reply: 0200 → 0210, 0400 and 0401 → 0410, 0420 and 0421 → 0430, 0800 → 0810. Empty when it is no request.
std::string reply_type(std::string_view mti);
bool is_request(std::string_view mti);

// By what a reply is matched: the message class and fields 7, 11, 32, 37, 41. The same for request and reply, and for all
// attempts of one reversal. Trace and terminal alone would match another day's reply.
std::string match_key(const Message& message);

// What a reply must repeat, kept of the request. Holds no card number.
struct Expected {
  std::string mti;  // of the request
  std::string amount, currency, original, network_code;
};
Expected expected_of(const Message& request);
// Nothing when the reply fits; otherwise what does not: "type", "amount", "currency", "original", "network_code", "response".
// 4 and 49 are demanded of a 0210, and compared wherever they stand; 90 may be left out.
std::optional<std::string_view> misfit(const Expected& expected, const Message& reply);

// Field 39. What is not in the table is unknown: it is undone, not guessed at.
Verdict payment_verdict(std::string_view code);
Verdict reversal_verdict(std::string_view code);

}  // namespace tf::frontends::card
