// The other side of the signed HTTPS front ends, as a server of its own: an e-wallet (POST /gateway.do), a card network's gateway
// (POST /gateway/api/*.do), what its app on a phone does (POST /phone/order: tn; POST /phone/pay: tn, account or cancel), and their daily files
// (GET /bills/ewallet/2026-11-21.csv, /bills/acp/…). An order is carried out once, however often it is sent; the journal keeps
// that over a restart.
#pragma once
#include <memory>
#include <string>

#include "simulate/ewallet/notifier.hpp"

namespace tf::simulate::ewallet {

struct SimulatorOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                              // 0: the system chooses, see port()
  std::string host = "127.0.0.1";                      // in addresses that are told
  std::string journal;
  std::string settlement{};                            // a directory for daily files (bill.hpp); empty: none
  std::map<std::string, crypto::PublicKey> apps{};       // app_id → the key its requests are signed with
  std::map<std::string, crypto::PublicKey> merchants{};  // certId → likewise
  std::int64_t balance = 100'000'000;                  // of every account, minor units
  FaultOptions faults{};
  NotifierOptions notifier{};
};

class Simulator {
 public:
  // Listening when it returns; notifications not yet answered go out again. The clock lives longer.
  static Result<std::unique_ptr<Simulator>> start(SimulatorOptions options, Keys keys, const Clock& clock);
  ~Simulator();  // stop()
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string base_url() const;
  [[nodiscard]] const Ledger& ledger() const;
  void stop();

 private:
  struct Parts;
  explicit Simulator(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tf::simulate::ewallet
