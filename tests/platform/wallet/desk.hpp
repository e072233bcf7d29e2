// The platform's wallet over a scene, without a network: phones that talk to the service, a front end that answers as it is told, and a
// clock that moves when the test says so.
#pragma once
#include <atomic>
#include <mutex>
#include <set>

#include "ca/certificate_authority.hpp"
#include "payment/books/stored_books.hpp"
#include "platform/wallet/service.hpp"
#include "sms/sender.hpp"
#include "terminal/wallet.hpp"
#include "tests/platform/scene.hpp"

namespace tf::platform::test {

// Read by threads of the platform while the test moves it.
class MovingClock final : public Clock {
 public:
  explicit MovingClock(std::int64_t now_ms) : start_ms_(now_ms), now_ms_(now_ms) {}
  [[nodiscard]] std::int64_t now_ms() const override { return now_ms_; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return now_ms_ - start_ms_; }
  void advance(std::chrono::milliseconds time) { now_ms_ += time.count(); }

 private:
  const std::int64_t start_ms_;
  std::atomic<std::int64_t> now_ms_;
};

// Takes every payment.
class PayingFrontEnd final : public payment::FrontEnd {
 public:
  [[nodiscard]] std::string name() const override { return "bank"; }
  [[nodiscard]] bool healthy() const override { return true; }
  [[nodiscard]] Resolves resolves() const override { return Resolves::by_query; }
  void pay(const payment::Payment&, std::optional<payment::PinBlock>, Done done) override { ++paid, done({payment::Verdict::done, "00", "R"}); }
  void query(const payment::Payment&, Done done) override { done({payment::Verdict::done, "00", "R"}); }
  void reverse(const payment::Payment&, Done done) override { done({payment::Verdict::declined, "00", "R"}); }
  void refund(const payment::Refund&, Done done) override { done({payment::Verdict::done, "00", "R"}); }
  std::atomic<int> paid{0};
};

class SmsList final : public sms::Sender {
 public:
  void send(sms::Message message, sms::Done done) override;
  [[nodiscard]] Status healthy() const override { return {}; }
  // The newest confirmation code that went to this number.
  [[nodiscard]] std::string code_for(const std::string& number) const;

 private:
  mutable std::mutex mutex_;
  std::vector<sms::Message> sent_;
};

struct WalletDesk : Scene {
  explicit WalletDesk(wallet::Policy policy = {}, std::size_t sessions = 100);
  ~WalletDesk();
  // As after the end of the process, whatever it was doing: what is in memory is gone. Another policy from then on.
  void restart(wallet::Policy policy);
  void restart() { restart(std::move(settings.policy)); }

  struct Phone {
    wallet::Subscriber subscriber;
    SecretBytes password;
    wallet::RegisterOptions options;
    terminal::WalletPhone line;
    std::optional<terminal::WalletRegistering> registering{};
    std::optional<wallet::UserKey> user{};
    std::optional<wallet::PhoneSession> session{};
  };
  // Each of another number.
  std::unique_ptr<Phone> phone(wallet::KeyMaker maker = wallet::KeyMaker::phone);
  Status register_(Phone& phone);
  Status activate(Phone& phone);  // and opens the file
  Status login(Phone& phone, const std::string& password = "");
  Result<wallet::ResultClaim> query(Phone& phone);  // about an order that is none: whether the session is taken
  std::unique_ptr<Phone> logged_in();
  // A message of the test's own; the body of a 200.
  Result<std::string> ask(const std::string& route, const std::string& body);
  [[nodiscard]] std::string state_of(const Phone& phone) const;
  // Until the platform has done what it does by itself, or for ten seconds.
  static bool eventually(const std::function<bool()>& done);

  MovingClock now{SystemClock().now_ms()};
  WalletSettings settings;
  PayingFrontEnd bank;
  SmsList sms;
  Context at{now, opened->random, *database, *opened->vault, *opened->trail, opened->metrics, config, *opened->certificates};
  audit::RefusalSampler sampler{now};
  std::unique_ptr<ca::CertificateAuthority> authority;
  std::unique_ptr<WalletInstruments> instruments;
  std::unique_ptr<FrontEnds> front_ends;
  std::unique_ptr<payment::StoredBooks> books;
  std::unique_ptr<payment::ThreadRunner> runner;
  std::unique_ptr<payment::Payments> payments;
  std::unique_ptr<WalletService> service;

 private:
  void start();
  void stop();
  Result<net::HttpResponse> serve(const std::string& method, const std::string& target, const std::string& body);
  int phones_ = 0;
};

// Scrypt that takes no time, on both sides.
wallet::Policy quick_policy();

}  // namespace tf::platform::test
