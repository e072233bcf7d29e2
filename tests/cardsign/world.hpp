// Both ends of cardsign in memory: the platform's sessions over a register that keeps the database's promises, cards in this process, and
// the terminal between them, whose every APDU a test may touch.
#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "card/memory/volatile_storage.hpp"
#include "card/software_card.hpp"
#include "pki/issue.hpp"
#include "protocols/cardsign/enrolment.hpp"
#include "protocols/cardsign/payment.hpp"
#include "protocols/cardsign/update.hpp"
#include "terminal/cardsign/display.hpp"
#include "terminal/cardsign/relay.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::cardsign::test {

using tf::test::must;

inline constexpr const char* kPlatform = "cardsign.test";
inline constexpr std::string_view kPin = "123456";

struct CardUnderTest {
  card::Plan plan;
  card::VolatileStorage storage;
  std::unique_ptr<card::SoftwareCard> software;
  terminal::CardInReach in_reach;
  [[nodiscard]] const std::string& serial() const { return plan.serial; }
  [[nodiscard]] Bytes file(const card::FileId& id) const { return to_bytes(*software->services().files.read_unchecked(id)); }
  // Another process opens what is stored.
  void restart(Random& random);
};

// What the relay does with a batch: by default the card carries it out. exchange counts from 0 in a session.
using Relay = std::function<std::vector<Bytes>(int exchange, const Commands& commands)>;
// What the terminal gives for a display; empty: it does not.
using Pad = std::function<Bytes(const Display& display)>;

class World {
 public:
  explicit World(std::string_view seed = "cardsign", Policy policy = {});

  std::unique_ptr<CardUnderTest> make_card(const std::string& serial, const pki::Issuer* by = nullptr);
  // Into the register, as this user's.
  void add(const CardUnderTest& card, const std::string& user);
  // From here on the card's row is that of another person's container, which the platform makes.
  void add_container(const CardUnderTest& card, std::uint8_t number, const std::string& user, const std::string& puk);
  std::unique_ptr<CardUnderTest> enrolled(const std::string& serial, const std::string& user);

  // A whole session; the reason it was refused for.
  Result<Enrolled> enrol(CardUnderTest& card, const Relay& relay = {});
  Result<ResultClaim> pay(CardUnderTest& card, const std::string& payment, const Relay& relay = {}, const Pad& pad = {});
  Result<std::vector<std::string>> update(CardUnderTest& card, const Relay& relay = {});

  [[nodiscard]] Relay relay_of(CardUnderTest& card) const;
  [[nodiscard]] Pad pad_of(std::string pin = std::string(kPin)) const;
  std::string order(const std::string& number, std::int64_t amount = 1250);
  pki::Certificate issue(Slot slot, const std::string& user, const std::string& serial, const crypto::PublicKey& key);
  [[nodiscard]] PaymentSession::CheckCertificate checker() const;
  [[nodiscard]] PlatformPorts ports();
  [[nodiscard]] terminal::CardsignTrust trust() const;
  [[nodiscard]] PlatformKeys keys() const;

  tf::test::FixedClock clock;
  tf::test::DeterministicRandom random;
  tf::test::DeterministicRandom openssl_random;
  tf::test::OpenSslRandomness guard;
  tf::test::TemporaryDirectory directory;
  std::unique_ptr<vault::SoftwareVault> vault;
  pki::Issuer root, cards, platform, manufacturer;
  pki::Certificate server;
  Policy policy;
  std::function<void(const SignedPayment&)> before_booking;  // a moment that a test may use

  // The register.
  std::map<std::string, CardRow> rows;
  std::map<std::string, const CardUnderTest*> keys_of;
  std::map<std::string, std::map<Slot, Bytes>> stored;  // by card
  std::map<std::string, Order> orders;
  std::map<std::string, SignedPayment> signed_payments;
  std::map<std::string, std::uint64_t> ota_counters;
  std::vector<Update> updates;
  std::set<std::string> revoked;
  // Containers that the platform makes, by card: of the container that the card's row names.
  struct Container {
    std::string puk;
    std::string state = "ordered";
  };
  std::map<std::string, Container> containers;
  int issued = 0;
};

}  // namespace tf::cardsign::test
