#include "terminal/wallet_gateway.hpp"

#include <algorithm>
#include <string_view>

#include "wire/json.hpp"

namespace tf::terminal {
namespace {

Result<std::string> post(net::HttpClient& gateway, const char* target, std::string form) {
  const auto answer = TF_TRY(gateway.request({.method = "POST", .target = target, .content_type = "application/x-www-form-urlencoded", .body = std::move(form), .headers = {}}));
  if (answer.status == 200) return answer.body;
  return Error{Code::refused, "terminal.gateway", "the network's gateway answered " + std::to_string(answer.status)};
}

// What needs no escaping in a form.
bool plain(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
}

}  // namespace

Result<std::string> pay_at_gateway(net::HttpClient& gateway, const GatewayOrder& order) {
  if (!plain(order.tn) || (!order.cancel && !plain(order.account))) return Error{Code::invalid, "terminal.account", "an account is 1 to 64 letters and digits"};
  const std::string tn = "tn=" + order.tn;
  auto shown = TF_TRY(wire::JsonObject::parse(TF_TRY(post(gateway, "/phone/order", tn))));
  if (TF_TRY(shown.integer("amount", 0, INT64_MAX)) != order.amount || TF_TRY(shown.text("currency")) != order.currency)
    return Error{Code::refused, "terminal.other_order", "the order at the gateway is of another amount; it is not paid"};
  return post(gateway, "/phone/pay", tn + (order.cancel ? "&cancel=1" : "&account=" + order.account));
}

}  // namespace tf::terminal
