// access: the two exchanges and their floors, and the same with a million bindings.
#include "bench/all/access/floor.hpp"
#include "bench/all/access/scene.hpp"
#include "bench/all/company.hpp"
#include "bench/all/rows.hpp"

namespace tf::bench {

Result<std::vector<Row>> access_rows(const std::string& directory, const std::string& program) {
  constexpr int kPhones = 4000;
  constexpr double kRequestsOfAccess = 2;  // challenge, and what it is for
  const auto scene = TF_TRY(AccessScene::make(directory, program, kPhones));
  std::vector<std::vector<Row>> rounds;
  std::vector<double> few, million;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("access, {} of {}", round, kRounds));
    const double request = TF_TRY(scene->request_cpu_us());
    auto company = TF_TRY(Company::start(kClientWorkUs));
    const double initialise_crypto = TF_TRY(initialise_crypto_cpu_us(*company));
    const double authenticate_crypto = TF_TRY(authenticate_crypto_cpu_us(*company));
    const auto row = TF_TRY(access_rows_cpu_us(*company, fmt::format("{}/access-{}.db", directory, round), kMembersPerCommit));
    company.reset();
    const auto initialised = TF_TRY(scene->initialise(kPhones / kRounds));
    const auto authenticated = TF_TRY(scene->authenticate(kPhones / kRounds));
    for (int i = 0; round == 1 && i < 2 * kRounds; ++i)  // with a thousand bindings
      few.push_back(TF_TRY(scene->authenticate(kPhones / kRounds)).cpu_us);
    rounds.push_back({{"term.access.request", request, "us", 0, "lower"},
                      {"term.access.rows", row.authenticate, "us", 0, "lower"},
                      {"term.access.crypto.initialise", initialise_crypto, "us", 0, "lower"},
                      {"term.access.crypto.authenticate", authenticate_crypto, "us", 0, "lower"},
                      {"access.initialise.cpu", initialised.cpu_us, "us", initialise_crypto + kRequestsOfAccess * request + row.initialise, "lower"},
                      {"access.authenticate.cpu", authenticated.cpu_us, "us", authenticate_crypto + kRequestsOfAccess * request + row.authenticate, "lower"},
                      {"access.rate", authenticated.rate, "1/s", 0, "higher"}});
  }
  say("a million bindings");
  TF_CHECK(scene->fill(1'000'000 - kPhones));
  for (int round = 0; round < 2 * kRounds; ++round) million.push_back(TF_TRY(scene->authenticate(kPhones / kRounds)).cpu_us);
  std::vector<Row> out = middle(rounds);
  out.push_back({"access.million.cpu", middle(million), "us", middle(few), "lower"});
  return out;
}

}  // namespace tf::bench
