// wallet: a payment by card and its floor, and how many a second with the acquirer beside it.
#include "bench/all/company.hpp"
#include "bench/all/rows.hpp"
#include "bench/all/wallet/scene.hpp"

namespace tf::bench {

Result<std::vector<Row>> wallet_rows(const std::string& directory, const std::string& program) {
  constexpr int kPhones = 16, kPayments = 2000;
  constexpr double kRequestsOfPayment = 2;  // challenge and order
  say(fmt::format("{} phones register, log in and enrol a card", kPhones));
  const auto scene = TF_TRY(WalletScene::make(directory, program, kPhones));
  std::vector<std::vector<Row>> rounds;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("wallet, {} of {}", round, kRounds));
    const double request = TF_TRY(scene->request_cpu_us());
    auto company = TF_TRY(Company::start(kClientWorkUs));
    const double crypto = TF_TRY(payment_crypto_cpu_us(*company));
    const double row = TF_TRY(payment_rows_cpu_us(*company, fmt::format("{}/wallet-{}.db", directory, round), 2 * kMembersPerCommit));
    company.reset();
    const double line = TF_TRY(front_end_exchange_cpu_us());
    const auto paid = TF_TRY(scene->pay(kPayments));
    rounds.push_back({{"term.wallet.request", request, "us", 0, "lower"},
                      {"term.wallet.crypto", crypto, "us", 0, "lower"},
                      {"term.wallet.rows", row, "us", 0, "lower"},
                      {"term.wallet.line", line, "us", 0, "lower"},
                      {"wallet.pay.cpu", paid.cpu_us, "us", crypto + kRequestsOfPayment * request + row + line, "lower"},
                      {"wallet.pay.rate", paid.rate, "1/s", 1000, "higher"}});
  }
  return middle(rounds);
}

}  // namespace tf::bench
