#include "payment/rules/routing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "payment/money.hpp"

namespace tf::payment {
namespace {

// What does not fit, in words; nothing when the route fits.
std::optional<std::string> misfit(const Route& route, const Routed& payment) {
  const auto among = [](const std::vector<std::string>& list, const std::string& word) { return list.empty() || std::ranges::find(list, word) != list.end(); };
  const auto begins = [&](const std::string& prefix) { return payment.prefix.starts_with(prefix); };
  if (!route.prefixes.empty() && payment.prefix.empty()) return "is for cards, and this is no card";
  if (!route.prefixes.empty() && std::ranges::none_of(route.prefixes, begins))
    return fmt::format("the card begins with {}, not with {}", payment.prefix, fmt::join(route.prefixes, " or "));
  if (!route.wallets.empty() && payment.wallet.empty()) return "is for wallets, and this is none";
  if (!among(route.wallets, payment.wallet)) return fmt::format("the wallet is {}, not {}", payment.wallet, fmt::join(route.wallets, " or "));
  if (!among(route.currencies, payment.amount.currency))
    return fmt::format("the currency is {}, not {}", payment.amount.currency, fmt::join(route.currencies, " or "));
  const auto money = [&](std::int64_t minor) { return format_money({minor, payment.amount.currency}); };
  if (route.from && payment.amount.minor < *route.from) return fmt::format("{} is less than {}", money(payment.amount.minor), money(*route.from));
  if (route.to && payment.amount.minor > *route.to) return fmt::format("{} is more than {}", money(payment.amount.minor), money(*route.to));
  if (!among(route.merchants, payment.merchant)) return fmt::format("merchant {} is not in its list", payment.merchant);
  return std::nullopt;
}

const std::string* first_healthy(const Route& route, const Healthy& healthy) {
  const auto found = std::ranges::find_if(route.front_ends, healthy);
  return found == route.front_ends.end() ? nullptr : &*found;
}

std::string why_it_fits(const Route& route, const Routed& payment) {
  std::vector<std::string> out;
  for (const std::string& prefix : route.prefixes)
    if (payment.prefix.starts_with(prefix)) {
      out.push_back("the card begins with " + prefix);
      break;
    }
  if (!route.wallets.empty()) out.push_back("the wallet is " + payment.wallet);
  if (!route.currencies.empty()) out.push_back("the currency is " + payment.amount.currency);
  if (route.from || route.to) out.push_back("the amount is in its range");
  if (!route.merchants.empty()) out.push_back("merchant " + payment.merchant + " is in its list");
  return out.empty() ? "fits everything" : fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

Routed routed(const OrderRequest& request) { return {request.prefix, request.wallet, request.merchant, request.amount}; }

Result<std::string> Router::choose(const Routed& payment, const Healthy& healthy) const {
  bool fitted = false;
  for (const Route& route : routes_) {
    if (misfit(route, payment)) continue;
    fitted = true;
    if (const std::string* found = first_healthy(route, healthy)) return *found;
    if (!route.next_when_down) break;
  }
  if (fitted) return Error{Code::unavailable, "payment.no_front_end", "no front end of the route is healthy"};
  return Error{Code::refused, "payment.no_route", "no route fits this payment"};
}

Router::Explanation Router::explain(const Routed& payment, const Healthy& healthy) const {
  Explanation out;
  bool decided = false;
  for (const Route& route : routes_) {
    Finding finding{.route = route.name, .why = {}};
    const auto wrong = misfit(route, payment);
    finding.fits = !wrong;
    finding.why = wrong ? *wrong : why_it_fits(route, payment);
    if (finding.fits && decided) finding.why += "; not asked, an earlier route decided";
    if (finding.fits && !decided) {
      for (const std::string& name : route.front_ends) {
        if (healthy(name)) break;
        finding.why += "; " + name + " is down";
      }
      if (const std::string* found = first_healthy(route, healthy)) {
        finding.taken = decided = true;
        out.front_end = *found;
        out.conclusion = fmt::format("goes to {} by route \"{}\"", *found, route.name);
      } else if (route.next_when_down) {
        finding.why += "; the next route is asked";
        out.conclusion = "refused: no front end of the routes that fit is healthy";
      } else {
        decided = true;
        out.conclusion = fmt::format("refused: no front end of route \"{}\" is healthy", route.name);
      }
    }
    out.findings.push_back(std::move(finding));
  }
  if (out.conclusion.empty()) out.conclusion = "refused: no route fits";
  return out;
}

}  // namespace tf::payment
