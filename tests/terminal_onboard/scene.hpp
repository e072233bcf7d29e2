// One device and everybody it meets, on loopback.
#pragma once
#include <gtest/gtest.h>

#include "terminal/onboard/make.hpp"
#include "terminal/onboard/onboard.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"
#include "tests/terminal_onboard/home.hpp"
#include "tests/terminal_onboard/sides.hpp"
#include "tests/terminal_onboard/site.hpp"

namespace tf::terminal::test {

// The system's time, moved on by what somebody waited.
class WaitedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override { return system_.now_ms() + waited_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return system_.monotonic_ms() + waited_ms; }
  std::int64_t waited_ms = 0;

 private:
  SystemClock system_;
};

inline constexpr const char* kNobody = "https://localhost:9";  // discard: nobody listens

const Certificates& shared_certificates();

class Scene : public testing::Test {
 protected:
  Scene();
  // In the factory: made, certified.
  void make_device(OnboardProfile profile);
  [[nodiscard]] OnboardProfile profile() const;
  [[nodiscard]] OnboardProfile profile_with_phlr() const;  // and HSS
  void subscriptions_by(crypto::AkaAlgorithm algorithm);  // what the HSS delivers, Milenage until then
  wire::HttpResponse token(const wire::HttpRequest& request);
  // Switches the device on and lets it run, once. Power goes after that point, once, when it is named.
  Result<OnboardFacts> run(const std::string& power_off_after = {});
  [[nodiscard]] OnboardFacts facts();
  void expect_subscribed(const Result<OnboardFacts>& facts);

  const Certificates& pki = shared_certificates();
  WaitedClock clock;
  SystemRandom random;
  tf::test::TemporaryDirectory place;
  std::string directory = place.file("device");
  Secret<32> storage_key{random.array<32>()};
  Sides sides{pki, clock};
  TlsIdentity tls = pki.tls();
  Home preliminary{"onboard", "999990000000001"};  // keys of the PHLR and of the HSS
  Home operators{"hss", kImsi};
  std::vector<std::string> granted;                // hosts in the PHLR's tokens; empty: all of the scene's
  std::int64_t token_ms = 900'000;
  Site registrar, credentialing, provisioning, ocsp, phlr, hss;
  OnboardRun options{.total = std::chrono::seconds(60), .patience = std::chrono::milliseconds(2000), .ocsp_patience = std::chrono::milliseconds(1000)};
  std::vector<std::string> steps;   // what progress said
  std::function<void()> listening;  // once, when the device begins to listen
  std::vector<std::string> points;  // durable ones
};

}  // namespace tf::terminal::test
