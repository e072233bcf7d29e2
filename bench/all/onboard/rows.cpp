// onboard: a whole onboarding and its floor, all servers' CPU added; a file of 100,000 contracts.
#include <cmath>

#include "bench/all/company.hpp"
#include "bench/all/onboard/scene.hpp"
#include "bench/all/rows.hpp"

namespace tf::bench {
namespace {

double mean(double a, double b) { return (a + b) / 2; }

// A rented machine changes its pace within seconds; what stands before and after the whole was measured at both ends of it.
OnboardScene::Request mean(const OnboardScene::Request& a, const OnboardScene::Request& b) {
  return {.server = mean(a.server, b.server), .client = mean(a.client, b.client), .handshake = mean(a.handshake, b.handshake), .plain = mean(a.plain, b.plain),
          .plain_fresh = mean(a.plain_fresh, b.plain_fresh)};
}

}  // namespace

Result<std::vector<Row>> onboard_rows(const std::string& directory, const std::string& program) {
  constexpr int kFirst = 32, kDevices = 256, kContracts = 100'000;
  // What a device asks over TLS: access (2: challenge, answer), referral, hello, request, DM (4: session, installation, its outcome, receipt),
  // receipt, authentication (2). Each is a message of the protocol.
  constexpr double kOfDevices = 2 + 1 + 1 + 1 + 4 + 1 + 2;
  // What a server asks another one, on a connection that stands: credentials, delivery, envelope, receipt; and OCSP, without TLS. The device asks
  // OCSP too, on a connection of its own, about operator and issuer at once.
  constexpr double kBetweenServers = 4, kOcsp = 1;
  // A device has one with PHLR, registration, credentialing, provisioning and HSS each, which it never met before; OCSP goes without TLS.
  constexpr double kHandshakes = 5;
  // What must be durable before a device or another server is answered: access, credential, release, delivery, the session's nonces, receipt, its
  // forwarding, first use. Contracts come by the thousand.
  constexpr double kWritesOfDevice = 8;
  say("onboard: seven servers and their certificates");
  const auto scene = TF_TRY(OnboardScene::make(directory, program));
  std::vector<std::vector<Row>> rounds;
  std::string counted;
  for (int round = 1; round <= kRounds; ++round) {
    say(fmt::format("onboard, {} of {}: {} devices", round, kRounds, kDevices));
    TF_CHECK(scene->manufacture(kFirst + kDevices));
    const auto before = TF_TRY(scene->request());
    const auto done = TF_TRY(scene->onboard(kFirst));
    const auto bare = mean(before, TF_TRY(scene->request()));
    counted = fmt::format("{:.1f} requests (floor {:.0f}) and {:.1f} handshakes ({:.0f}), {:.1f} commits ({:.0f} writes)", done.requests,
                          kOfDevices + kBetweenServers + 2 * kOcsp, done.handshakes, kHandshakes, done.commits, kWritesOfDevice);
    // Writers of one database share its commits; 32 devices are spread over six databases, so few come together. The servers tell how many.
    const int sharing = std::max(1, static_cast<int>(std::ceil(kWritesOfDevice / done.commits)));
    const auto company = TF_TRY(Company::start(kDeviceWorkUs));
    const double crypto = TF_TRY(onboarding_crypto_cpu_us(*company));
    const double rows = TF_TRY(onboarding_rows_cpu_us(*company, fmt::format("{}/rows-{}.db", directory, round), sharing));
    const double io = (kOfDevices + kBetweenServers) * bare.server + (kBetweenServers + kOcsp) * bare.client + kOcsp * (bare.plain + bare.plain_fresh) + kHandshakes * bare.handshake;
    rounds.push_back({{"term.onboard.request", bare.server, "us", 0, "lower"},
                      {"term.onboard.call", bare.client, "us", 0, "lower"},
                      {"term.onboard.handshake", bare.handshake, "us", 0, "lower"},
                      {"term.onboard.ocsp_request", bare.plain, "us", 0, "lower"},
                      {"term.onboard.ocsp_request_fresh", bare.plain_fresh, "us", 0, "lower"},
                      {"term.onboard.crypto", crypto, "us", 0, "lower"},
                      {"term.onboard.rows", rows, "us", 0, "lower"},
                      {"onboard.cpu", done.cpu_us, "us", crypto + io + rows, "lower"}});
  }
  say(fmt::format("onboard: {} contracts from a file; an onboarding takes {}", kContracts, counted));
  std::vector<Row> out = middle(rounds);
  out.push_back({"onboard.batch", TF_TRY(scene->batch(kContracts)), "s", 60, "lower"});
  return out;
}

}  // namespace tf::bench
