// The demo's wallet: phones that register and pay, an acquirer and an e-wallet as programs of their own, with faults; in the end the
// books of all agree.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/trustferry/line/child_process.hpp"

namespace tf::cli {

struct WalletScene {
  std::string program;
  std::string directory;  // of the demo
  std::string platform;   // data directory
  int wallet_port = 8447, acquirer_port = 8583, ewallet_port = 8643;
  int phones = 50, orders = 500;
  // A command of the platform's operators, answered as JSON text.
  std::function<Result<std::string>(std::vector<std::string>)> on_platform;
  std::function<void(const std::string&)> say;
};

struct WalletReport {
  std::int64_t phones = 0;      // registered, activated, logged in
  std::int64_t approved = 0, declined = 0, reversed = 0;
  std::int64_t resolved = 0;    // of these, by asking or undoing
  std::int64_t refunds = 0;
  std::int64_t open = 0;        // nobody knows yet; 0 when all is well
  std::int64_t matched = 0, differing = 0;  // lines of both days' files
  std::int64_t copied_refused = 0;  // of a copied certificate file, another SIM and a wrong password
  double seconds = 0;           // of paying
};

class WalletDemo {
 public:
  explicit WalletDemo(WalletScene scene) : scene_(std::move(scene)) {}

  // Of a new platform, before it is served: keys for the e-wallet, [wallet] and payment.toml.
  Status prepare();
  // Whether the platform has a wallet.
  [[nodiscard]] bool configured() const;
  // The other sides; before the platform is served, for it reads what they publish.
  Status start_others();
  Result<WalletReport> run();

 private:
  struct Phone;
  Status bring_zone_key();
  Status wait_for_front_ends() const;
  Result<std::string> code_for(const std::string& number, const std::string& registration) const;
  Status enrol(Phone& phone);
  Status pay(Phone& phone, int order);
  Status settle(std::vector<std::unique_ptr<Phone>>& phones, WalletReport& report) const;
  Status reconcile(WalletReport& report) const;
  void try_thieves(Phone& phone, WalletReport& report) const;
  [[nodiscard]] std::string in(const std::string& name) const { return scene_.directory + "/wallet/" + name; }

  WalletScene scene_;
  std::unique_ptr<ChildProcess> acquirer_, ewallet_;
};

}  // namespace tf::cli
