// The front ends of a running platform, as [wallet.front_ends] has them: lines, exchanges, keys, and where their notifications go.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "frontends/card/incident.hpp"
#include "frontends/exchange.hpp"
#include "payment/payments.hpp"
#include "platform/wallet/instruments.hpp"
#include "wire/http.hpp"

namespace tf::platform {

// In the vault: signs what we send to an e-wallet or gateway. RSA-2048, purpose sign_legacy; made at the first start.
std::string front_end_key(const std::string& front_end);
// Makes it where it is missing; its public half.
Result<crypto::PublicKey> ensure_front_end_key(vault::Vault& vault, const std::string& front_end);

class FrontEnds {
 public:
  // directory: what files in the configuration are named from. Errors name the front end and the setting.
  static Result<std::unique_ptr<FrontEnds>> open(Context& context, WalletInstruments& instruments, const WalletConfig& config, const std::string& directory);
  ~FrontEnds();  // stop()

  // Lines come up in their own time.
  Status start();
  // Whatever waits is told unknown. Before the Payments end.
  void stop();
  [[nodiscard]] std::vector<payment::FrontEnd*> all() const;
  [[nodiscard]] std::vector<std::string> names() const;

  // From now on notifications are heard.
  void listen(payment::Payments& payments);
  // Whether phones may pay at this one's network themselves.
  [[nodiscard]] bool takes_phones(const std::string& name) const;
  // What a phone brought back of its direct order: whether it paid, as the network's gateway signed it. Code::refused "wallet.gateway_result".
  [[nodiscard]] Result<bool> brought(const payment::Order& order, const std::string& returned) const;
  // POST /wallet/v1/notify/NAME. Code::not_found "wallet.no_front_end".
  [[nodiscard]] Result<wire::HttpResponse> notified(const std::string& name, const wire::HttpRequest& request);

 private:
  struct One;
  FrontEnds(Context& context, WalletInstruments& instruments);
  Status add_card(const FrontEndConfig& config);
  Status add_ewallet(const FrontEndConfig& config, const std::string& directory);
  Status add_acp(const FrontEndConfig& config, const std::string& directory);
  Result<std::unique_ptr<frontends::HttpsExchange>> exchange_to(const FrontEndConfig& config, const std::string& directory) const;
  void note(const std::string& front_end, const frontends::card::Incident& incident);

  Context& context_;
  WalletInstruments& instruments_;
  frontends::ThreadTimer timer_;
  std::map<std::string, std::unique_ptr<One>> all_;
  bool stopped_ = false;
};

}  // namespace tf::platform
