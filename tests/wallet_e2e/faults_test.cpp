// Front ends that misbehave, and a server that dies in the middle of payments: every order ends once, and all books agree.
#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/wallet_e2e/payer.hpp"

namespace tf::test {
namespace {

using namespace std::chrono_literals;

constexpr int kPhones = 4;

class WalletFaults : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scene_ = std::make_unique<WalletScene>(SceneOptions{
        .name = "wallet_e2e_faults",
        .acquirer_faults = {"--drop", "0.05", "--duplicate", "0.05", "--decline", "0.05", "--late", "0.03", "--late-by", "1500", "--wrong-amount", "0.03", "--bad-mac", "0.03", "--cut", "0.03",
                            "--delay", "20"},
        .ewallet_faults = {"--drop", "0.02", "--decline", "0.05", "--wrong-amount", "0.03", "--bad-signature", "0.03", "--cut", "0.03", "--foreign", "0.02", "--trouble", "0.03", "--delay", "20"}});
    for (int i = 0; i < kPhones; ++i) payers_.push_back(std::make_unique<Payer>(*scene_, scene_->owner(i % 2 == 0 ? "modern" : "classic")));
    std::vector<std::jthread> threads;
    for (const auto& payer : payers_) threads.emplace_back([&payer] { EXPECT_OK(payer->enrol()); });
  }
  static void TearDownTestSuite() {
    payers_.clear();
    scene_.reset();
  }

  // Each phone pays one order after another; what it was told in the end.
  std::map<std::string, wallet::Outcome> pay_all(const std::string& prefix, int orders) {
    std::map<std::string, wallet::Outcome> told;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    for (int p = 0; p < kPhones; ++p) {
      threads.emplace_back([&, p] {
        for (int i = p; i < orders; i += kPhones) {
          Payer& payer = *payers_[static_cast<std::size_t>(p)];
          const std::string order = fmt::format("{}-{}", prefix, i);
          const std::int64_t amount = 100 + i * 137 % 20'000;
          // A line that was cut answers 503 until it stands again, and books nothing: the phone asks again.
          const auto paid = payer.insist(order, i / kPhones % 2 == 0, amount);
          const std::lock_guard lock(mutex);
          if (paid) told[order] = paid->outcome;
          EXPECT_TRUE(paid.has_value()) << order << ": " << (paid ? "" : describe(paid.error()));
          ++done_;
        }
      });
    }
    threads.clear();
    return told;
  }

  // After everything has ended: what was told at once still holds, and nothing is pending.
  void expect_ended_once(const std::string& prefix, int orders, const std::map<std::string, wallet::Outcome>& told) {
    ASSERT_TRUE(scene_->settle(120s)) << scene_->log();
    int approved = 0;
    for (int i = 0; i < orders; ++i) {
      const std::string order = fmt::format("{}-{}", prefix, i);
      const auto now = payers_[static_cast<std::size_t>(i % kPhones)]->query(order);
      ASSERT_OK(now);
      EXPECT_NE(now->outcome, wallet::Outcome::pending) << order;
      EXPECT_NE(now->outcome, wallet::Outcome::unknown_order) << order;
      const auto before = told.find(order);
      if (before != told.end() && before->second != wallet::Outcome::pending) EXPECT_EQ(now->outcome, before->second) << order << " changed after its answer";
      approved += now->outcome == wallet::Outcome::approved ? 1 : 0;
    }
    EXPECT_GT(approved, orders / 2);
    EXPECT_EQ(scene_->sql("SELECT COUNT(*) FROM payment_orders WHERE order_number LIKE '" + prefix + "-%'"), std::to_string(orders));
  }

  static std::unique_ptr<WalletScene> scene_;
  static std::vector<std::unique_ptr<Payer>> payers_;
  std::atomic<int> done_{0};
};
std::unique_ptr<WalletScene> WalletFaults::scene_;
std::vector<std::unique_ptr<Payer>> WalletFaults::payers_;

TEST_F(WalletFaults, of_front_ends_leave_every_order_ended_once_and_all_books_equal) {
  constexpr int kOrders = 96;
  const auto told = pay_all("F", kOrders);
  expect_ended_once("F", kOrders, told);
  for (int i = 0; i < kPhones; ++i) {
    const auto paid = payers_[static_cast<std::size_t>(i)]->query(fmt::format("F-{}", i));
    ASSERT_OK(paid);
    if (paid->outcome == wallet::Outcome::approved) EXPECT_OK(payers_[static_cast<std::size_t>(i)]->refund(paid->order, fmt::format("F-{}R", i), 50));
  }
  ASSERT_TRUE(scene_->settle()) << scene_->log();
  EXPECT_GT(scene_->reconcile(), kOrders / 2);
}

TEST_F(WalletFaults, and_a_server_that_is_killed_three_times_pay_nothing_twice) {
  constexpr int kOrders = 72;
  std::map<std::string, wallet::Outcome> told;
  std::jthread all([&] { told = pay_all("K", kOrders); });
  for (const int at : {8, 28, 48}) {
    while (done_ < at) std::this_thread::sleep_for(5ms);
    scene_->kill_server();
    scene_->serve();
  }
  all.join();
  for (const auto& payer : payers_) ASSERT_OK(payer->login());
  expect_ended_once("K", kOrders, told);
  EXPECT_GT(scene_->reconcile(), kOrders / 2);
}

}  // namespace
}  // namespace tf::test
