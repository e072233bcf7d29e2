// A card front end and the simulated acquirer, each with its own keys, over loopback in one process.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "frontends/card/front_end.hpp"
#include "simulate/acquirer.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::test {

using frontends::card::CardFrontEnd;
using frontends::card::Incident;
using frontends::card::StoredKey;
using frontends::card::WorkingKeys;
using payment::Outcome;
using payment::Payment;
using payment::Verdict;
namespace acquirer = simulate::acquirer;

inline constexpr std::string_view kPan = "6212345678901232";
inline constexpr std::string_view kPin = "1232";  // acquirer::test_pin(kPan)

// What the platform keeps.
class MemoryKeys final : public frontends::card::Keys {
 public:
  Result<StoredKey> zone() override;
  Result<std::vector<WorkingKeys>> working() override;
  Status keep(const WorkingKeys& keys) override;
  std::size_t kept() const;

  StoredKey zone_key;
  bool full = false;  // keep() fails

 private:
  mutable std::mutex mutex_;
  std::vector<WorkingKeys> working_;  // newest first
};

class OneCard final : public payment::Instruments {
 public:
  Result<Card> card(const std::string& token) override;
  Result<SecretBytes> account(const std::string&) override { return Error{Code::not_found, "test.no_account", {}}; }
};

// Incidents, to be waited for.
class Diary {
 public:
  void note(const Incident& incident);
  bool wait_for(Incident::Kind kind, std::ptrdiff_t times = 1);
  std::ptrdiff_t count(Incident::Kind kind) const;
  std::vector<Incident> all() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Incident> incidents_;
};

struct SceneOptions {
  frontends::card::Profile profile{};
  acquirer::Faults faults{};
  std::string zone_component_of_host{};  // hex, instead of ours: another zone key
};
// A profile whose times suit a test.
frontends::card::Profile quick_profile();

class CardScene {
 public:
  explicit CardScene(SceneOptions options = {.profile = quick_profile()});
  ~CardScene();

  void start_host();  // again after stop_host: the same port and journal
  void stop_host();
  void start_front_end();
  bool wait_in_service();

  Payment payment(std::int64_t minor = 1000);
  payment::Refund refund(const Payment& original, std::int64_t minor);
  payment::PinBlock pin_block(std::string_view pin, std::string_view pan = kPan);
  // Calls and waits.
  Outcome pay(const Payment& payment, std::optional<payment::PinBlock> pin = std::nullopt);
  Outcome reverse(const Payment& payment);
  Outcome refund_of(const payment::Refund& refund);
  // The host's state of a payment or refund: "captured", …; "none".
  std::string state_at_host(const std::string& transaction) const;
  std::int64_t balance() const { return host->balance(kPan); }

  TemporaryDirectory directory;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<vault::SoftwareVault> vault;
  MemoryKeys keys;
  OneCard card;
  Diary diary;
  SceneOptions options;
  std::uint16_t port = 0;
  std::unique_ptr<acquirer::Server> host;
  std::unique_ptr<CardFrontEnd> front_end;

 private:
  std::uint32_t trace_ = 0;
};

}  // namespace tf::test
