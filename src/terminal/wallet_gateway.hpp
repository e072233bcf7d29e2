// What the card network's own app on a phone does with an order of the direct path: looks at it, and pays it at the network's gateway,
// past the platform. The gateway is trusted by anchors of its own; docs/protocols/wallet.md.
#pragma once
#include <string>

#include "net/client/client.hpp"

namespace tf::terminal {

struct GatewayOrder {
  std::string tn;            // as the platform's signed result has it
  std::int64_t amount = 0;   // what the user agreed to, in minor units
  std::string currency;
  std::string account;       // the user's card at the network; unknown to the platform
  bool cancel = false;       // the user changes his mind
};
// What the gateway gives the phone, signed by the network: to be brought back with a query. Code::refused "terminal.other_order" for
// an order of another amount, which is not paid; Code::unavailable when no answer came.
Result<std::string> pay_at_gateway(net::HttpClient& gateway, const GatewayOrder& order);

}  // namespace tf::terminal
