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
  double request = 0, initialise_crypto = 0, authenticate_crypto = 0, initialise = 0, authenticate = 0, few = 0, rate = 0;
  AccessRows least_rows;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("access, {} of {}", round, kRounds));
    request = least(request, TF_TRY(scene->request_cpu_us()));
    {
      const auto company = TF_TRY(Company::start(kClientWorkUs));
      initialise_crypto = least(initialise_crypto, TF_TRY(initialise_crypto_cpu_us(*company)));
      authenticate_crypto = least(authenticate_crypto, TF_TRY(authenticate_crypto_cpu_us(*company)));
      const auto rows = TF_TRY(access_rows_cpu_us(*company, fmt::format("{}/access-{}.db", directory, round), kMembersPerCommit));
      least_rows = {least(least_rows.initialise, rows.initialise), least(least_rows.authenticate, rows.authenticate)};
    }
    initialise = least(initialise, TF_TRY(scene->initialise(kPhones / kRounds)).cpu_us);
    const auto done = TF_TRY(scene->authenticate(kPhones / kRounds));
    authenticate = least(authenticate, done.cpu_us);
    for (int i = 0; round == 1 && i < 2 * kRounds; ++i)  // with a thousand bindings
      few = least(few, TF_TRY(scene->authenticate(kPhones / kRounds)).cpu_us);
    rate = std::max(rate, done.rate);
  }
  say("a million bindings");
  TF_CHECK(scene->fill(1'000'000 - kPhones));
  double million = 0;
  for (int round = 0; round < 2 * kRounds; ++round) million = least(million, TF_TRY(scene->authenticate(kPhones / kRounds)).cpu_us);
  return std::vector<Row>{
      {"term.access.request", request, "us", 0, "lower"},
      {"term.access.rows", least_rows.authenticate, "us", 0, "lower"},
      {"term.access.crypto.initialise", initialise_crypto, "us", 0, "lower"},
      {"term.access.crypto.authenticate", authenticate_crypto, "us", 0, "lower"},
      {"access.initialise.cpu", initialise, "us", initialise_crypto + kRequestsOfAccess * request + least_rows.initialise, "lower"},
      {"access.authenticate.cpu", authenticate, "us", authenticate_crypto + kRequestsOfAccess * request + least_rows.authenticate, "lower"},
      {"access.rate", rate, "1/s", 0, "higher"},
      {"access.million.cpu", million, "us", few, "lower"}};
}

}  // namespace tf::bench
