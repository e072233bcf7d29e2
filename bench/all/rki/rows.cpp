// rki: a download, connection kept and fresh, and its floor.
#include "bench/all/company.hpp"
#include "bench/all/rki/floor.hpp"
#include "bench/all/rki/scene.hpp"
#include "bench/all/rows.hpp"

namespace tf::bench {
namespace {

constexpr int kPerFleet = 3000;
constexpr double kRequests = 4;  // hello, proof, token, receipt

Result<std::vector<Row>> download_rows(Scene& scene, const std::string& directory, rki::Suite suite) {
  const std::string name = "rki." + std::string(rki::name_of(suite));
  std::vector<std::vector<Row>> rounds;
  for (int round = kRounds; round > 0; --round) {
    say(fmt::format("{}, {} of {}", name, kRounds - round + 1, kRounds));
    const double request = TF_TRY(scene.request_cpu_us());
    const double handshake = TF_TRY(scene.handshake_cpu_us(request));
    auto company = TF_TRY(Company::start(kClientWorkUs));
    const double row = TF_TRY(download_rows_cpu_us(*company, fmt::format("{}/{}-{}.db", directory, name, round), kMembersPerCommit));
    const double crypto = TF_TRY(crypto_cpu_us(*company, suite));
    company.reset();
    const auto kept = TF_TRY(scene.fleet(suite, false, round));
    const auto fresh = TF_TRY(scene.fleet(suite, true, round));
    const double floor = crypto + kRequests * request + row;
    rounds.push_back({{"term.request", request, "us", 0, "lower"},
                      {"term.handshake", handshake, "us", 0, "lower"},
                      {"term.rows", row, "us", 0, "lower"},
                      {"term.crypto." + std::string(rki::name_of(suite)), crypto, "us", 0, "lower"},
                      {name + ".cpu", kept.cpu_us - handshake * kept.connections, "us", floor, "lower"},
                      {name + ".cpu.fresh", fresh.cpu_us, "us", floor + handshake, "lower"},
                      {name + ".rate", kept.rate, "1/s", 0, "higher"}});
  }
  return middle(rounds);
}

}  // namespace

Result<std::vector<Row>> rki_rows(const std::string& directory, const std::string& program, const std::string& only) {
  say(fmt::format("a platform with {} personalised terminals", 4 * kPerFleet));
  const auto scene = TF_TRY(Scene::make(directory, program, kPerFleet));
  std::vector<Row> rows;
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    const std::string name = "rki." + std::string(rki::name_of(suite));
    if (!name.starts_with(only) && !only.starts_with(name)) continue;
    for (Row& row : TF_TRY(download_rows(*scene, directory, suite))) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tf::bench
