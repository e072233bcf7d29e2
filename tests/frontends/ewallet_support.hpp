// What the tests of the signed HTTPS front ends share: our keys in a vault, an instrument, a gateway in memory, virtual time.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "frontends/exchange.hpp"
#include "payment/front_end.hpp"
#include "simulate/ewallet/simulator.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::frontends::test {

using payment::Outcome;
using payment::Payment;
using payment::Refund;
using payment::Verdict;

inline constexpr const char* kAppId = "2026112100000001";
inline constexpr const char* kMerchant = "777290058110048";
inline constexpr const char* kCertId = "68759663125";
inline constexpr const char* kEwalletKey = "frontend.ewallet";
inline constexpr const char* kAcpKey = "frontend.acp";

// One for all tests of a process: RSA keys take a while.
struct OurSide {
  OurSide();
  tf::test::TemporaryDirectory directory;
  SystemRandom random;
  std::unique_ptr<vault::SoftwareVault> vault;
};
OurSide& our_side();
// The keys of the simulated gateways, made now: TLS looks at the real clock. Likewise one for all.
const simulate::ewallet::Keys& gateway_keys();

struct OneAccount final : payment::Instruments {
  Result<Card> card(const std::string&) override { return Error{Code::not_found, "test.card", {}}; }
  Result<SecretBytes> account(const std::string& token) override;
};

// Answers on the caller's thread.
class MemoryExchange final : public Exchange {
 public:
  using Gateway = std::function<Result<wire::HttpResponse>(const net::ClientRequest&)>;
  void send(Build build, Done done) override;
  Gateway gateway;
  std::vector<net::ClientRequest> sent;
  bool refuses = false;  // as if its queue were full
};

// Moves the clock to what is due, one after the other.
class VirtualTimer final : public Timer {
 public:
  explicit VirtualTimer(tf::test::FixedClock& clock) : clock_(clock) {}
  void after(std::chrono::milliseconds delay, Due due) override;
  void run();   // until nothing is pending
  void stop();
  std::vector<std::int64_t> pauses_s;  // as they were asked for

 private:
  tf::test::FixedClock& clock_;
  std::multimap<std::int64_t, Due> pending_;
};

Payment payment_of(std::int64_t minor, std::int64_t at_ms, std::string transaction = "20261101000000000001");
// Keeps the one outcome a call gives.
struct Kept {
  payment::FrontEnd::Done done() {
    return [this](Outcome outcome) {
      EXPECT_FALSE(value) << "told twice";
      value = std::move(outcome);
    };
  }
  std::optional<Outcome> value;
};
// What a call's outcome was; waits for it, where threads are at work.
Outcome outcome_of(const std::function<void(payment::FrontEnd::Done)>& call);

// A request as our server would hand it on.
wire::HttpRequest form_request(std::string body);

}  // namespace tf::frontends::test

namespace tf::payment {
inline void PrintTo(const Outcome& outcome, std::ostream* out) {
  static constexpr const char* names[] = {"done", "declined", "unknown"};
  *out << names[static_cast<int>(outcome.verdict)] << " " << outcome.code << " " << outcome.reference;
}
}  // namespace tf::payment

#define EXPECT_OUTCOME(expr, expected_verdict, expected_code)                                \
  do {                                                                                       \
    const auto& outcome_ = (expr);                                                           \
    EXPECT_EQ(outcome_.verdict, expected_verdict) << ::testing::PrintToString(outcome_);     \
    EXPECT_EQ(outcome_.code, expected_code);                                                 \
  } while (false)
