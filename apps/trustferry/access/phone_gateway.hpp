// The direct path of terminal wallet: the network's app on the phone pays an order at the network's own gateway, the phone brings back what
// it was given, and the platform asks the gateway.
#pragma once
#include "apps/trustferry/line/command_line.hpp"
#include "payment/front_end.hpp"
#include "terminal/wallet.hpp"

namespace tf::cli {

struct GatewayArgs {
  std::string url, root, account;
  bool cancel = false;
};
void add_gateway_options(CLI::App& app, GatewayArgs& args);
// The claim as it is where the order does not wait for the phone, or no gateway is named.
Result<wallet::ResultClaim> go_to_gateway(const GatewayArgs& args, terminal::WalletPhone& phone, const wallet::PhoneSession& session, const wallet::UserKey& user,
                                          wallet::ResultClaim claim, const payment::Money& amount);

}  // namespace tf::cli
