// payment.toml: routes, limits, the books' day. Every mistake is refused with its line: Code::invalid "payment.rules".
#pragma once
#include <string_view>

#include "payment/rules/limits.hpp"
#include "payment/rules/routing.hpp"

namespace tf::payment {

struct Rules {
  std::vector<Route> routes;
  Limits limits;
};
Result<Rules> parse_rules(std::string_view text);
// Every front end that a route names is among these: Code::invalid "payment.rules" names the one that is not.
Status check_front_ends(const Rules& rules, const std::vector<std::string>& names);

}  // namespace tf::payment
