// The matching engine: which front end a payment goes to. Rules from a file (payment.toml), asked in their order; health of
// the front ends decides among those of a rule, before anything is sent and never after.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "payment/order.hpp"

namespace tf::payment {

struct Route {
  std::string name;
  std::vector<std::string> prefixes;    // what is empty fits everything
  std::vector<std::string> wallets;
  std::vector<std::string> currencies;
  std::vector<std::string> merchants;
  std::optional<std::int64_t> from, to;  // minor units of the one currency
  std::vector<std::string> front_ends;   // in order of preference
  bool next_when_down = false;
};

// What a route looks at.
struct Routed {
  std::string prefix, wallet, merchant;
  Money amount;
};
Routed routed(const OrderRequest& request);

using Healthy = std::function<bool(const std::string& front_end)>;

class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}
  // The front end's name. Code::refused "payment.no_route"; Code::unavailable "payment.no_front_end".
  [[nodiscard]] Result<std::string> choose(const Routed& payment, const Healthy& healthy) const;

  struct Finding {
    std::string route;
    bool fits = false;
    bool taken = false;
    std::string why;  // in words
  };
  struct Explanation {
    std::vector<Finding> findings;  // one for each route, in order
    std::optional<std::string> front_end;
    std::string conclusion;
  };
  [[nodiscard]] Explanation explain(const Routed& payment, const Healthy& healthy) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace tf::payment
