// A platform with wallet and cardsign, the simulated acquirer as a program of its own, and cards in this process whose terminals are simulated here.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "bench/all/company.hpp"
#include "bench/all/server.hpp"
#include "card/memory/volatile_storage.hpp"
#include "card/software_card.hpp"
#include "pki/issuer.hpp"
#include "terminal/cardsign/cardsign.hpp"

namespace tf::bench {

class CardsignScene {
 public:
  static Result<std::unique_ptr<CardsignScene>> make(const std::string& directory, const std::string& program, int cards);

  struct Measured {
    double cpu_us = 0;  // of the server, for the four messages of a payment
    double rate = 0;
  };
  // Orders are made before the payments go; each card pays one after another.
  Result<Measured> pay(int payments);
  [[nodiscard]] Result<double> request_cpu_us() const;  // a bare one

 private:
  struct Held {
    card::VolatileStorage storage;
    std::unique_ptr<card::SoftwareCard> software;
    terminal::CardInReach in_reach;
    std::string code;
    std::unique_ptr<terminal::CardsignTerminal> terminal;
  };
  explicit CardsignScene(std::string directory) : directory_(std::move(directory)) {}
  Status prepare(int cards);
  [[nodiscard]] Result<net::HttpClient> line() const;
  Result<std::string> order(net::HttpClient& line, int number);

  std::string directory_;
  SystemClock clock_;
  SystemRandom random_;
  std::optional<pki::Certificate> root_;
  std::optional<pki::Issuer> manufacturer_;
  SecretBytes merchant_secret_;
  std::unique_ptr<Child> acquirer_;
  std::unique_ptr<Server> server_;
  std::vector<std::unique_ptr<Held>> cards_;
  int orders_ = 0;
};

// The cryptography of one payment, through the same calls.
Result<double> card_payment_crypto_cpu_us(Company& company);
// Its rows: payment, counter, order, its end, what the merchant is told, and two audit entries, when so many share a commit.
Result<double> card_payment_rows_cpu_us(Company& company, const std::string& path, int members_per_commit);

}  // namespace tf::bench
