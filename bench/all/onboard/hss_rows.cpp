// The authentication centre: Milenage on one core, randomness included; vectors over its socket, numbers durable.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <semaphore>
#include <thread>

#include "base/ports.hpp"
#include "bench/all/measure.hpp"
#include "bench/all/rows.hpp"
#include "crypto/aka/milenage.hpp"
#include "hss/auc_socket.hpp"
#include "hss/authentication_centre.hpp"
#include "store/sqlite/sqlite.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::bench {
namespace {

constexpr int kSubscribers = 4096;
constexpr std::size_t kBatch = 5;      // vectors of one subscriber, as an HLR hands them out
constexpr std::size_t kDrawn = 64;     // batches whose RANDs are drawn together
constexpr int kAskers = 2;
constexpr int kWindow = 256;           // requests of one asker on their way
constexpr int kRequests = 40'000;      // of all askers

crypto::MilenageKey random_key(Random& random) {
  crypto::MilenageKey out;
  random.fill(out.k.reveal_mutable());
  random.fill(out.opc.reveal_mutable());
  return out;
}

double milenage_rate() {
  SystemRandom random;
  std::vector<crypto::MilenageKey> keys;
  for (int i = 0; i < kSubscribers; ++i) keys.push_back(random_key(random));
  crypto::Milenage functions(keys[0]);
  std::vector<crypto::Rand> rands(kBatch * kDrawn);
  std::uint64_t sqns[kBatch];
  crypto::AkaVector out[kBatch];
  std::uint64_t sqn = 0;
  std::size_t subscriber = 0;
  const double us = cpu_us_per_call(4000, [&] {
    random.fill({rands.data()->data(), rands.size() * sizeof(crypto::Rand)});
    for (std::size_t i = 0; i < kDrawn; ++i) {
      for (std::uint64_t& each : sqns) each = ++sqn & crypto::kMaxSqn;
      functions.use(keys[subscriber++ % keys.size()]);
      functions.vectors(std::span(rands).subspan(i * kBatch, kBatch), sqns, hss::kSeparated, out);
    }
  });
  return static_cast<double>(kBatch * kDrawn) * 1e6 / us;
}

Result<net::Descriptor> asker(const std::string& own, const std::string& server) {
  net::Descriptor out(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto address = [](const std::string& path) {
    sockaddr_un made{};
    made.sun_family = AF_UNIX;
    std::strncpy(made.sun_path, path.c_str(), sizeof made.sun_path - 1);
    return made;
  };
  const sockaddr_un at = address(own);
  const sockaddr_un to = address(server);
  const timeval patience{5, 0};
  ::unlink(own.c_str());
  if (::bind(out.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::connect(out.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 ||
      ::setsockopt(out.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
    return Error{Code::unavailable, "bench.auc", own};
  return out;
}

hss::Imsi imsi_number(int number) {
  return hss::Imsi::parse("0010100000" + std::to_string(10'000 + number)).value();
}

// One asks, kWindow requests ahead of the other, who reads: how many answers held a vector.
int ask(int socket, int requests, int first) {
  std::counting_semaphore<kWindow> ahead(kWindow);
  std::thread asking([&] {
    for (int i = 0; i < requests; ++i) {
      ahead.acquire();
      const std::string text = "AKA-REQ-AUTH " + imsi_number((first + i) % kSubscribers).text();
      if (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
    }
  });
  int good = 0;
  char answer[512];
  for (int i = 0; i < requests; ++i) {
    const ssize_t got = ::recv(socket, answer, sizeof answer, 0);
    if (got > 150) ++good;
    ahead.release();
  }
  asking.join();
  return good;
}

Result<double> auc_rate(const std::string& directory) {
  SystemRandom random;
  const auto vault = TF_TRY(vault::SoftwareVault::create(directory + "/vault.json", SecretBytes(as_bytes("the vault of a bench")), random, {.n = 16, .r = 8, .p = 1}));
  const auto database = TF_TRY(store::open_sqlite({.path = directory + "/hss.db"}));
  std::vector<hss::Subscription> subscriptions;
  for (int i = 0; i < kSubscribers; ++i) subscriptions.push_back({imsi_number(i), random_key(random)});
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    // As after a restart: in each round every subscriber has his numbers reserved anew, durably.
    const auto centre = TF_TRY(hss::AuthenticationCentre::open(*database, *vault));
    for (const Status& each : centre->create(subscriptions)) TF_CHECK(each);
    const auto socket = TF_TRY(hss::AucSocket::open({.path = directory + "/auc.sock"}, *centre));
    std::vector<net::Descriptor> sockets;
    for (int i = 0; i < kAskers; ++i) sockets.push_back(TF_TRY(asker(directory + "/asker" + std::to_string(i), directory + "/auc.sock")));
    std::vector<int> good(kAskers);
    const auto before = std::chrono::steady_clock::now();
    std::vector<std::thread> askers;
    for (int i = 0; i < kAskers; ++i)
      askers.emplace_back([&, i] { good[static_cast<std::size_t>(i)] = ask(sockets[static_cast<std::size_t>(i)].get(), kRequests / kAskers, i * kSubscribers / kAskers); });
    for (std::thread& each : askers) each.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
    for (const int each : good)
      if (each != kRequests / kAskers) return Error{Code::internal, "bench.auc", "not every request had a vector"};
    best = std::max(best, kRequests / took.count());
  }
  return best;
}

}  // namespace

Result<std::vector<Row>> hss_rows(const std::string& directory, const std::string& only) {
  std::vector<Row> out;
  const auto wanted = [&only](const std::string& name) { return name.starts_with(only) || only.starts_with(name); };
  if (wanted("onboard.milenage")) {
    say("Milenage");
    double best = 0;
    for (int round = 0; round < kRounds; ++round) best = std::max(best, milenage_rate());
    out.push_back({"onboard.milenage", best, "1/s", 1'000'000, "higher"});
  }
  if (wanted("onboard.auc.rate")) {
    say("authentication centre");
    out.push_back({"onboard.auc.rate", TF_TRY(auc_rate(directory)), "1/s", 10'000, "higher"});
  }
  return out;
}

}  // namespace tf::bench
