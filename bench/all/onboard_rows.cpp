// onboard: a whole onboarding and its floor, all servers' CPU added; a file of 100,000 contracts.
#include "bench/all/onboard_scene.hpp"
#include "bench/all/rows.hpp"

namespace tf::bench {

Result<std::vector<Row>> onboard_rows(const std::string& directory, const std::string& program) {
  constexpr int kDevices = 64, kContracts = 100'000;
  constexpr double kBetweenServers = 5;  // requests that a server makes: OCSP, credentials, deliveries, envelope, receipt
  say("onboard: seven servers and their certificates");
  const auto scene = TF_TRY(OnboardScene::make(directory, program));
  double server = 0, client = 0, handshake = 0, crypto = 0, rows = 0, whole = 0, requests = 0, handshakes = 0;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("onboard, {} of {}: {} devices", round, kRounds, kDevices));
    TF_CHECK(scene->manufacture(kDevices));
    const auto bare = TF_TRY(scene->request());
    server = least(server, bare.server), client = least(client, bare.client), handshake = least(handshake, bare.handshake);
    crypto = least(crypto, onboarding_crypto_cpu_us());
    rows = least(rows, TF_TRY(onboarding_rows_cpu_us(fmt::format("{}/rows-{}.db", directory, round), kMembersPerCommit)));
    const auto done = TF_TRY(scene->onboard());
    whole = least(whole, done.cpu_us), requests = least(requests, done.requests), handshakes = least(handshakes, done.handshakes);
  }
  say(fmt::format("onboard: {} contracts from a file; an onboarding takes {:.1f} requests and {:.1f} handshakes", kContracts, requests, handshakes));
  const double seconds = TF_TRY(scene->batch(kContracts));
  return std::vector<Row>{{"term.onboard.request", server, "us", 0, "lower"},
                          {"term.onboard.call", client, "us", 0, "lower"},
                          {"term.onboard.handshake", handshake, "us", 0, "lower"},
                          {"term.onboard.crypto", crypto, "us", 0, "lower"},
                          {"term.onboard.rows", rows, "us", 0, "lower"},
                          {"onboard.cpu", whole, "us", crypto + requests * server + kBetweenServers * client + handshakes * handshake + rows, "lower"},
                          {"onboard.batch", seconds, "s", 60, "lower"}};
}

}  // namespace tf::bench
