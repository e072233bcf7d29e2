// cardsign: a payment that a smart card signs, and its floor.
#include "bench/all/cardsign/scene.hpp"
#include "bench/all/company.hpp"
#include "bench/all/rows.hpp"
#include "bench/all/wallet/scene.hpp"

namespace tf::bench {

Result<std::vector<Row>> cardsign_rows(const std::string& directory, const std::string& program) {
  constexpr int kCards = 64, kPayments = 2000;
  constexpr double kRequestsOfPayment = 4;  // pay, and three of the relay: what the card is, the PIN, the signature
  say(fmt::format("{} cards are enrolled", kCards));
  const auto scene = TF_TRY(CardsignScene::make(directory, program, kCards));
  std::vector<std::vector<Row>> rounds;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("cardsign, {} of {}", round, kRounds));
    const double request = TF_TRY(scene->request_cpu_us());
    auto company = TF_TRY(Company::start(kClientWorkUs));
    const double crypto = TF_TRY(card_payment_crypto_cpu_us(*company));
    const double row = TF_TRY(card_payment_rows_cpu_us(*company, fmt::format("{}/cardsign-{}.db", directory, round), kMembersPerCommit));
    company.reset();
    const double line = TF_TRY(front_end_exchange_cpu_us());
    const double whole = TF_TRY(scene->pay(kPayments)).cpu_us;
    rounds.push_back({{"term.cardsign.request", request, "us", 0, "lower"},
                      {"term.cardsign.crypto", crypto, "us", 0, "lower"},
                      {"term.cardsign.rows", row, "us", 0, "lower"},
                      {"term.cardsign.line", line, "us", 0, "lower"},
                      {"cardsign.pay.cpu", whole, "us", crypto + kRequestsOfPayment * request + row + line, "lower"}});
  }
  return middle(rounds);
}

}  // namespace tf::bench
