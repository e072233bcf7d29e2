#include "apps/trustferry/demo/demo_onboard.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "base/ports.hpp"
#include "crypto/storage_key.hpp"
#include "terminal/onboard/onboard.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Those of a run that have a story of their own, by their place in it.
constexpr int kCloned[] = {3, 4};
constexpr int kRevoked = 5;
constexpr int kReplayed = 6;
constexpr int kLeast = 10;
constexpr int kThreads = 8;

// durable: as terminal::OnboardPorts has it.
Result<terminal::OnboardFacts> onboard_device(const std::string& directory, std::function<Status(std::string_view)> durable = {}) {
  auto device = TF_TRY(terminal::OnboardDevice::open(directory, TF_TRY(crypto::storage_key_from_file(directory, system_random)),
                                                     {.clock = system_clock, .random = system_random, .durable = std::move(durable)}));
  return device.run({.total = 60s});
}

Status copy(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::remove_all(to, error);
  fs::copy(from, to, fs::copy_options::recursive, error);
  return error ? Status(Error{Code::unavailable, "demo.onboard", "cannot copy " + from + ": " + error.message()}) : Status();
}

// The reason of a refusal, as the device was told.
std::string reason_of(const Result<terminal::OnboardFacts>& outcome) { return outcome ? "NOT refused" : std::string(outcome.error().reason); }

}  // namespace

std::string OnboardDemo::name_of(int number) const { return fmt::format("M2M-{:06}", first_ + number - 1); }
std::string OnboardDemo::device(int number) const { return devices_ + "/" + name_of(number); }

Result<OnboardReport> OnboardDemo::run() {
  if (scene_.modules < kLeast) return Error{Code::invalid, "demo.modules", fmt::format("at least {} modules: some have a story of their own", kLeast)};
  TF_CHECK(start_servers());
  while (fs::exists(in(fmt::format("devices-{}/done", first_)))) first_ += scene_.modules;
  devices_ = in(fmt::format("devices-{}", first_));
  scene_.say(fmt::format("{} modules are made, each with a secure module of its own, and ordered as a batch", scene_.modules));
  TF_CHECK(manufacture());
  TF_CHECK(order());
  scene_.say("the modules get their subscriptions over the air; two are cloned, one is revoked, one is put back to its referral");
  for (const int number : kCloned) TF_CHECK(copy(device(number), device(number) + ".clone"));
  TF_CHECK(revoke(device(kRevoked)));
  // A power-off right after the referral: what the module holds then is kept aside.
  (void)onboard_device(device(kReplayed), [](std::string_view point) -> Status {
    return point == "referred" ? Status(Error{Code::unavailable, "demo.power_off", "switched off"}) : Status();
  }).has_value();
  TF_CHECK(copy(device(kReplayed), device(kReplayed) + ".before"));

  OnboardReport report;
  report.modules = scene_.modules;
  const auto start = std::chrono::steady_clock::now();
  std::atomic<int> next{1};
  std::mutex mutex;
  std::set<std::string> imsis;
  std::string last_refusal;
  const auto work = [&] {
    for (int number = next++; number <= scene_.modules; number = next++) {
      const auto outcome = onboard_device(device(number));
      const std::lock_guard lock(mutex);
      if (number == kRevoked) {
        report.revoked_refused = !outcome;
        report.revoked_reason = reason_of(outcome);
      } else if (!outcome) {
        last_refusal = name_of(number) + ": " + describe(outcome.error());
      } else {
        report.subscribed += outcome->imsi.empty() ? 0 : 1;
        report.authenticated += outcome->used ? 1 : 0;
        imsis.insert(outcome->imsi);
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(work);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  report.imsis = static_cast<std::int64_t>(imsis.size());
  for (const int number : kCloned) {
    const auto outcome = onboard_device(device(number) + ".clone");
    report.clones_refused += outcome ? 0 : 1;
    report.clone_reason = reason_of(outcome);
  }
  const auto replayed = onboard_device(device(kReplayed) + ".before");
  report.replay_refused = !replayed;
  report.replay_reason = reason_of(replayed);
  auto alarms = TF_TRY(wire::JsonObject::parse(TF_TRY(ask("alarms")), {.size = 1024 * 1024}));
  report.alarms = static_cast<std::int64_t>(TF_TRY(alarms.objects("alarms", 10'000)).size());
  for (ChildProcess& server : servers_)
    if (const int status = server.terminate(); status != 0) return Error{Code::internal, "demo.onboard", fmt::format("a server ended with status {}; see {}", status, in(""))};
  if (report.subscribed + 1 != report.modules || report.imsis != report.subscribed)
    return Error{Code::internal, "demo.onboard", fmt::format("{} of {} modules have a subscription, {} different; {}", report.subscribed, report.modules, report.imsis, last_refusal)};
  TF_CHECK(write_file_atomic(devices_ + "/done", {}, 0644));
  return report;
}

}  // namespace tf::cli
