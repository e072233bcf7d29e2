// Measures the floor of a download (cryptography, requests, rows, handshake) and the whole, and key blocks; prints a table and
// writes the rows.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "bench/all/access_scene.hpp"
#include "bench/all/conversation_floor.hpp"
#include "bench/all/results.hpp"
#include "bench/all/row_floor.hpp"
#include "bench/all/scene.hpp"

namespace tf::bench {
namespace {

namespace fs = std::filesystem;
constexpr int kPerFleet = 3000;
constexpr int kRounds = 4;
constexpr double kRequests = 4;         // hello, proof, token, receipt
constexpr int kMembersPerCommit = 8;    // about what 32 terminals at once make

void say(const std::string& text) { fmt::print(stderr, "· {}\n", text); }

// items/s of the Google Benchmark program's benchmarks that have a bound.
Result<std::vector<Row>> key_block_rows(const fs::path& programs) {
  const std::string command = (programs / "bench" / "crypto" / "bench_crypto").string() +
                              " --benchmark_filter='^keyblock' --benchmark_format=json --benchmark_min_time=0.5 2>/dev/null";
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return Error{Code::unavailable, "bench.crypto", command};
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, got);
  pclose(pipe);
  boost::json::error_code error;
  const auto parsed = boost::json::parse(text, error);
  if (error) return Error{Code::internal, "bench.crypto", "bench_crypto printed no JSON"};
  std::vector<Row> rows;
  for (const auto& each : parsed.at("benchmarks").as_array())
    rows.push_back({std::string(each.at("name").as_string()), each.at("items_per_second").to_number<double>(), "1/s", 200'000, "higher"});
  return rows;
}

double least(double before, double now) { return before == 0 ? now : std::min(before, now); }

// A machine among others is disturbed now and then: all terms and the whole are measured in turns, and of each the least
// counts.
Result<std::vector<Row>> download_rows(Scene& scene, const std::string& directory, rki::Suite suite) {
  const std::string name = "rki." + std::string(rki::name_of(suite));
  double request = 0, handshake = 0, row = 0, crypto = 0, kept = 0, fresh = 0, rate = 0;
  for (int round = kRounds; round > 0; --round) {
    say(fmt::format("{}, {} of {}", name, kRounds - round + 1, kRounds));
    const double bare = TF_TRY(scene.request_cpu_us());
    request = least(request, bare);
    handshake = least(handshake, TF_TRY(scene.handshake_cpu_us(bare)));
    row = least(row, TF_TRY(download_rows_cpu_us(fmt::format("{}/{}-{}.db", directory, name, round), kMembersPerCommit)));
    crypto = least(crypto, crypto_cpu_us(suite));
    const auto on_kept = TF_TRY(scene.fleet(suite, false, round));
    kept = least(kept, on_kept.cpu_us - handshake * on_kept.connections);
    rate = std::max(rate, on_kept.rate);
    fresh = least(fresh, TF_TRY(scene.fleet(suite, true, round)).cpu_us);
  }
  const double floor = crypto + kRequests * request + row;
  return std::vector<Row>{{"term.request", request, "us", 0, "lower"},
                          {"term.handshake", handshake, "us", 0, "lower"},
                          {"term.rows", row, "us", 0, "lower"},
                          {"term.crypto." + std::string(rki::name_of(suite)), crypto, "us", 0, "lower"},
                          {name + ".cpu", kept, "us", floor, "lower"},
                          {name + ".cpu.fresh", fresh, "us", floor + handshake, "lower"},
                          {name + ".rate", rate, "1/s", 0, "higher"}};
}

Result<std::vector<Row>> access_rows(const std::string& directory, const std::string& program) {
  constexpr int kPhones = 4000;
  constexpr double kRequestsOfAccess = 2;  // challenge, and what it is for
  const auto scene = TF_TRY(AccessScene::make(directory, program, kPhones));
  double request = 0, initialise_crypto = 0, authenticate_crypto = 0, initialise = 0, authenticate = 0, few = 0, rate = 0;
  AccessRows least_rows;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("access, {} of {}", round, kRounds));
    request = least(request, TF_TRY(scene->request_cpu_us()));
    initialise_crypto = least(initialise_crypto, initialise_crypto_cpu_us());
    authenticate_crypto = least(authenticate_crypto, authenticate_crypto_cpu_us());
    const auto rows = TF_TRY(access_rows_cpu_us(fmt::format("{}/access-{}.db", directory, round), kMembersPerCommit));
    least_rows = {least(least_rows.initialise, rows.initialise), least(least_rows.authenticate, rows.authenticate)};
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

// only: the rows whose name begins so, and the terms they need; empty: all.
Result<std::vector<Row>> measure(const std::string& own, const std::string& directory, const std::string& only) {
  const auto wanted = [&only](const std::string& name) { return name.starts_with(only) || only.starts_with(name); };
  const fs::path programs = fs::path(own).parent_path().parent_path();
  std::vector<Row> rows;
  if (wanted("keyblock")) {
    say("key blocks");
    rows = TF_TRY(key_block_rows(programs));
  }
  const std::string program = (programs / "trustferry").string();
  if (wanted("access")) {
    fs::create_directory(directory + "/access");
    for (Row& row : TF_TRY(access_rows(directory + "/access", program))) rows.push_back(std::move(row));
  }
  if (!wanted("rki")) return rows;
  say(fmt::format("a platform with {} personalised terminals", 4 * kPerFleet));
  const auto scene = TF_TRY(Scene::make(directory, program, kPerFleet));
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    if (!wanted("rki." + std::string(rki::name_of(suite)))) continue;
    for (Row& row : TF_TRY(download_rows(*scene, directory, suite))) rows.push_back(std::move(row));
  }
  return rows;
}

int run(const std::string& own, const std::string& out, const std::string& only) {
  char pattern[] = "/tmp/trustferry-bench.XXXXXX";
  const char* directory = mkdtemp(pattern);
  if (directory == nullptr) return 1;
  const auto rows = measure(own, directory, only);
  std::error_code ignored;
  fs::remove_all(directory, ignored);
  const Status written = rows ? write_rows(out, *rows) : Status(rows.error());
  if (!written) {
    fmt::print(stderr, "bench: {}\n", describe(written.error()));
    return 1;
  }
  print_rows(*rows);
  fmt::print("\nThe bound of a CPU row is its floor: cryptography + bare requests ({} a download, 2 in access) + rows (+ a full handshake when\n"
             "fresh); at most 1.35 of it is wanted. access.million.cpu: with few bindings, 1.1. Written to {}.\n", kRequests, out);
  return 0;
}

}  // namespace
}  // namespace tf::bench

int main(int argc, char** argv) {
  std::string out = "bench/out/latest.json";
  std::string only;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--out") == 0) out = argv[i + 1];
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
  }
  return tf::bench::run(std::filesystem::read_symlink("/proc/self/exe").string(), out, only);
}
