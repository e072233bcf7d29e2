// Payments over a real database and real threads, with front ends that answer as a test says.
#pragma once
#include <algorithm>
#include <future>
#include <map>

#include "audit/schema.hpp"
#include "payment/books/schema.hpp"
#include "payment/books/stored_books.hpp"
#include "payment/payments.hpp"
#include "store/sqlite/sqlite.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::payment::test {

// A front end whose answers are said beforehand, or withheld until the test gives them.
class ScriptedFrontEnd final : public FrontEnd {
 public:
  explicit ScriptedFrontEnd(std::string name, Resolves resolves = Resolves::by_query) : name_(std::move(name)), resolves_(resolves) {}
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool healthy() const override { return is_healthy; }
  [[nodiscard]] Resolves resolves() const override { return resolves_; }
  void pay(const Payment& payment, std::optional<PinBlock> pin, Done done) override {
    had_pin = pin.has_value();
    take("pay", payment.transaction, std::move(done));
  }
  [[nodiscard]] bool takes_phones() const override { return has_phones; }
  void order_for_phone(const Payment& payment, std::int64_t until_ms, Done done) override {
    offered_until_ms = until_ms;
    take("offer", payment.transaction, std::move(done));
  }
  void query(const Payment& payment, Done done) override { take("query", payment.transaction, std::move(done)); }
  void reverse(const Payment& payment, Done done) override { take("reverse", payment.transaction, std::move(done)); }
  void refund(const Refund& refund, Done done) override { take("refund", refund.transaction, std::move(done)); }

  // What the next calls of that kind are answered; the last one again and again. None: the call is kept.
  void answers(const std::string& call, std::vector<Verdict> verdicts) {
    const std::lock_guard lock(mutex_);
    script_[call] = std::move(verdicts);
  }
  // Waits for a call that was kept, and answers it.
  void release(const std::string& call, Verdict verdict) {
    Done done;
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [&] { return kept_.contains(call); });
      auto found = kept_.find(call);
      done = std::move(found->second);
      kept_.erase(found);
    }
    done({verdict, "late", "REF"});
  }
  [[nodiscard]] std::vector<std::string> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void wait_for_call(const std::string& call) {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [&] { return std::ranges::find(calls_, call) != calls_.end(); });
  }
  std::atomic<bool> is_healthy{true};
  std::atomic<bool> had_pin{false};
  std::atomic<bool> has_phones{false};
  std::atomic<std::int64_t> offered_until_ms{0};
  std::function<void(const std::string& call, const std::string& transaction)> on_call{};

 private:
  void take(const std::string& call, const std::string& transaction, Done done) {
    if (on_call) on_call(call, transaction);
    std::optional<Verdict> verdict;
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
      auto& script = script_[call];
      if (!script.empty()) verdict = script.front();
      if (script.size() > 1) script.erase(script.begin());
      if (!verdict) kept_.emplace(call, std::move(done));
    }
    came_.notify_all();
    if (verdict) done({*verdict, "00", "REF"});
  }

  const std::string name_;
  const Resolves resolves_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::map<std::string, std::vector<Verdict>> script_;
  std::multimap<std::string, Done> kept_;
  std::vector<std::string> calls_;
};

// A trail of audit whose checkpoints nobody verifies.
struct NoSigner final : audit::Signer {
  [[nodiscard]] std::string key_id() const override { return "test"; }
  Result<Bytes> sign(ByteView) override { return Bytes(64); }
};

inline constexpr store::Migration kMigrations[] = {{1, "payment", kSchema}, {2, "direct", kDirectSchema}};

inline OrderRequest order_of(const std::string& order_number, std::int64_t minor = 1'000) {
  OrderRequest out;
  out.user = "anna";
  out.order_number = order_number;
  out.content_hash[0] = static_cast<std::uint8_t>(minor);
  out.amount = {minor, "CNY"};
  out.merchant = "M1";
  out.terminal = "T1";
  out.subject = "two coffees";
  out.instrument = "card-1";
  out.prefix = "622202";
  return out;
}

struct Scene {
  Scene() { start(); }
  ~Scene() { stop(); }

  void start() {
    database = tf::test::must(store::open_sqlite({.path = folder.file("books.db")}));
    tf::test::must(database->migrate("payment-test", kMigrations));
    runner = std::make_unique<ThreadRunner>(2);
    books = std::make_unique<StoredBooks>(*database, StoredBooksOptions{.limits = limits, .subscribes = subscribes});
    payments = tf::test::must(Payments::open({*books, *runner, clock, metrics}, settings, Router(routes), {&card, &wallet}));
  }
  void stop() {
    payments.reset();
    runner.reset();
    books.reset();
    database.reset();
  }
  std::future<Result<Order>> place(OrderRequest request, std::optional<PinBlock> pin = {}) {
    auto promise = std::make_shared<std::promise<Result<Order>>>();
    auto out = promise->get_future();
    payments->place(std::move(request), std::move(pin), [promise](Result<Order> answer) { promise->set_value(std::move(answer)); });
    return out;
  }
  std::future<Result<RefundOrder>> refund(const std::string& transaction, const std::string& number, std::int64_t minor) {
    auto promise = std::make_shared<std::promise<Result<RefundOrder>>>();
    auto out = promise->get_future();
    payments->refund({transaction, number, {minor, "CNY"}}, [promise](Result<RefundOrder> answer) { promise->set_value(std::move(answer)); });
    return out;
  }
  // Repeats until the order has ended.
  Order until_ended(const OrderRequest& request) {
    for (;;) {
      Order out = tf::test::must(place(request).get());
      if (has_ended(out.state)) return out;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  tf::test::TemporaryDirectory folder;
  SystemClock clock;
  metrics::Registry metrics;
  Limits limits{};
  Subscribes subscribes = [](const std::string& merchant) { return merchant == "M1"; };
  PaymentSettings settings{.patience_ms = 60'000, .queries = 3, .back_off_ms = 1, .longest_ms = 20, .longest_refund_ms = 20};
  std::vector<Route> routes{{.name = "cards", .prefixes = {"62"}, .wallets = {}, .currencies = {}, .merchants = {}, .from = {}, .to = {}, .front_ends = {"card", "wallet"}},
                            {.name = "rest", .prefixes = {}, .wallets = {"alipay"}, .currencies = {}, .merchants = {}, .from = {}, .to = {}, .front_ends = {"wallet"}}};
  ScriptedFrontEnd card{"card", FrontEnd::Resolves::by_reversal};
  ScriptedFrontEnd wallet{"wallet", FrontEnd::Resolves::by_query};
  std::unique_ptr<store::Database> database;
  std::unique_ptr<ThreadRunner> runner;
  std::unique_ptr<StoredBooks> books;
  std::unique_ptr<Payments> payments;
};

}  // namespace tf::payment::test
