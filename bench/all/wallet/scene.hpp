// A platform with a wallet, the simulated acquirer as a program of its own, and phones that are logged in and have a card.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "bench/all/company.hpp"
#include "bench/all/server.hpp"
#include "terminal/wallet.hpp"

namespace tf::bench {

class WalletScene {
 public:
  static Result<std::unique_ptr<WalletScene>> make(const std::string& directory, const std::string& program, int phones);

  struct Measured {
    double cpu_us = 0;  // of the server, for challenge and payment
    double rate = 0;    // approved payments a second; each is durable when it is answered
  };
  // By card with a PIN, over ISO 8583. Sessions are there; challenges are fetched and orders signed before the payments go.
  Result<Measured> pay(int payments);
  [[nodiscard]] Result<double> request_cpu_us() const;  // a bare one

 private:
  struct Phone {
    wallet::Subscriber subscriber;
    std::string pan, card;
    std::optional<wallet::UserKey> user;
    std::optional<wallet::PhoneSession> session;
  };
  struct Order {
    const Phone* phone = nullptr;
    std::optional<wallet::RequestUnderWay> sent;
  };
  explicit WalletScene(std::string directory) : directory_(std::move(directory)) {}
  Status prepare();
  [[nodiscard]] Result<net::HttpClient> line() const;
  [[nodiscard]] Result<std::string> code_for(const std::string& number, const std::string& registration) const;
  Result<Phone> enrol(int number);
  Status open_lines();
  // Each of these over one of the lines, as many at a time as there are; fails when one did.
  Status each(int count, const std::function<Status(net::HttpClient&, int)>& work);
  Status prepare_orders(std::vector<Order>& orders);

  std::string directory_;
  SystemClock clock_;
  SystemRandom random_;
  std::optional<pki::Certificate> root_;
  std::optional<wallet::KnownPlatform> known_;
  std::unique_ptr<Child> acquirer_;
  std::unique_ptr<Server> server_;
  std::vector<Phone> phones_;
  std::vector<net::HttpClient> lines_;
  int orders_ = 0;
};

// The cryptography of one payment by card, through the same calls.
Result<double> payment_crypto_cpu_us(Company& company);
// Its rows: used challenge, evidence, order, its end, and two audit entries, when so many share a commit.
Result<double> payment_rows_cpu_us(Company& company, const std::string& path, int members_per_commit);
// A message of its size out and one back, over TCP, by bare system calls.
Result<double> front_end_exchange_cpu_us();

}  // namespace tf::bench
