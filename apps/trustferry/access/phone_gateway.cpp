#include "apps/trustferry/access/phone_gateway.hpp"

#include <thread>

#include "apps/trustferry/line/commands.hpp"
#include "base/file.hpp"
#include "terminal/wallet_gateway.hpp"

namespace tf::cli {
namespace {

constexpr int kTries = 20;  // a second apart, while the gateway does not know yet

}  // namespace

void add_gateway_options(CLI::App& app, GatewayArgs& args) {
  app.add_option("--gateway-url", args.url, "a direct order: the network's gateway, where it is paid");
  app.add_option("--gateway-root", args.root, "root certificate (PEM) of that gateway");
  app.add_option("--account", args.account, "the card there");
  app.add_flag("--cancel", args.cancel, "do not pay there: the order is taken back");
}

Result<wallet::ResultClaim> go_to_gateway(const GatewayArgs& args, terminal::WalletPhone& phone, const wallet::PhoneSession& session, const wallet::UserKey& user,
                                          wallet::ResultClaim claim, const payment::Money& amount) {
  if (claim.tn.empty() || args.url.empty()) return claim;
  TF_CHECK(need(args.root, "--gateway-root"));
  if (!args.cancel) TF_CHECK(need(args.account, "--account"));
  net::ClientOptions options;
  options.server = TF_TRY(net::parse_base_url(args.url));
  options.anchors = TF_TRY(net::certificates_from_pem(as_text(TF_TRY(read_file(args.root, 64 * 1024)))));
  auto gateway = TF_TRY(net::HttpClient::create(std::move(options)));
  const std::string returned = TF_TRY(terminal::pay_at_gateway(gateway, {.tn = claim.tn, .amount = amount.minor, .currency = amount.currency, .account = args.account, .cancel = args.cancel}));
  claim = TF_TRY(phone.query(session, user, claim.order, returned));
  for (int tries = 0; tries < kTries && claim.outcome == wallet::Outcome::pending; ++tries) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    claim = TF_TRY(phone.query(session, user, claim.order));
  }
  return claim;
}

}  // namespace tf::cli
