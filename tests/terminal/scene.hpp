// A device, the platform in memory, and a network between them that does what a script says.
#pragma once
#include <deque>

#include "terminal/download.hpp"
#include "tests/factory/scene.hpp"  // EXPECT_OK, EXPECT_REFUSED
#include "tests/support/memory_platform.hpp"

namespace tf::terminal::test {

using namespace tf::test;  // NOLINT: these tests live among its words

// What happens to one message.
struct Event {
  enum Kind { pass, lost, answer_lost, status, body, error } kind = pass;
  int code = 0;
  std::optional<std::int64_t> retry_after_ms{};
  std::string text{};
  Error failure{};

  static Event drop() { return {.kind = lost}; }
  static Event drop_answer() { return {.kind = answer_lost}; }
  static Event answer(int status, std::optional<std::int64_t> retry_after_ms = {}) { return {.kind = Event::status, .code = status, .retry_after_ms = retry_after_ms}; }
  static Event reply(std::string body) { return {.kind = Event::body, .text = std::move(body)}; }
  static Event fail(Error error) { return {.kind = Event::error, .failure = std::move(error)}; }
};

// Passes messages to the platform once the script is played out.
class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(MemoryPlatform& platform) : platform_(platform) {}

  Result<Reply> post(std::string_view route, const std::string& body) override {
    posted.emplace_back(route, body);
    if (before_post) before_post(route);
    Event event;
    if (!script.empty()) {
      event = std::move(script.front());
      script.pop_front();
    }
    switch (event.kind) {
      case Event::lost: return Error{Code::unavailable, "net.lost", "the network dropped it"};
      case Event::error: return event.failure;
      case Event::status: return Reply{event.code, "", event.retry_after_ms};
      case Event::body: return Reply{200, event.text, {}};
      case Event::answer_lost: static_cast<void>(from_platform(route, body)); return Error{Code::unavailable, "net.lost", "the network dropped the answer"};
      case Event::pass: break;
    }
    return from_platform(route, body);
  }
  [[nodiscard]] std::vector<std::string> routes() const {
    std::vector<std::string> out;
    for (const auto& [route, body] : posted) out.push_back(route);
    return out;
  }

  std::deque<Event> script;
  std::vector<std::pair<std::string, std::string>> posted;
  std::function<void(std::string_view route)> before_post;

 private:
  Reply from_platform(std::string_view route, const std::string& body) {
    const auto reply = platform_.handle(route, body);
    if (reply) return {200, *reply, {}};
    const Code code = reply.error().code;
    return {code == Code::refused ? 403 : code == Code::conflict ? 409 : code == Code::malformed ? 400 : 503, "", {}};
  }
  MemoryPlatform& platform_;
};

struct Scene {
  explicit Scene(std::vector<rki::Suite> suites = {rki::Suite::modern}) : Scene(std::move(suites), shared_estate()) {}
  Scene(std::vector<rki::Suite> suites, Estate& of) : estate(of), device{.identity = of.device(kDsn, std::move(suites)), .keys = {}} {
    platform.admit(kDsn);
    patience.sleep_ms = [this](std::int64_t ms) { slept.push_back(ms); };
  }
  Result<DownloadReport> download() {
    return terminal::download(device, network, {estate.clock, random}, [this](const Device& changed) { return save(changed); }, patience);
  }
  // Replaced by a test that wants to look.
  std::function<Status(const Device&)> save = [](const Device&) -> Status { return {}; };

  // Empty, or where the device's keys in use are not the platform's.
  [[nodiscard]] std::string disagreement() const {
    for (const rki::Slot slot : {rki::Slot::tmk, rki::Slot::pin, rki::Slot::mac, rki::Slot::data}) {
      const SecretBytes theirs = platform.active_key(kDsn, slot);
      const StoredKey* held = nullptr;
      for (const StoredKey& key : device.keys)
        if (key.slot == slot && key.confirmed) held = &key;
      if ((held == nullptr) != theirs.empty()) return "only one side has the key of " + std::string(name_of(slot));
      if (held != nullptr && held->key != theirs) return "different keys for " + std::string(name_of(slot));
    }
    return platform.broken_promise();
  }

  Estate& estate;
  SystemRandom random;
  MemoryPlatform platform{estate, random};
  ScriptedTransport network{platform};
  Device device;
  Patience patience;
  std::vector<std::int64_t> slept;
};

}  // namespace tf::terminal::test
