// The card network's own gateway: card tokens through it, and the phone's direct path to it. Honest, and with faults.
#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/wallet_e2e/payer.hpp"

namespace tf::test {
namespace {

using namespace std::chrono_literals;
using wallet::Outcome;

class WalletNetwork : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    payer_ = std::make_unique<Payer>(WalletScene::get(), WalletScene::get().owner());
    ASSERT_OK(payer_->enrol());
    ASSERT_OK(payer_->enrol_token());
  }
  static void TearDownTestSuite() { payer_.reset(); }
  // Asks until it has ended.
  static wallet::ResultClaim ended(const std::string& order) {
    wallet::ResultClaim out;
    EXPECT_TRUE(eventually([&] {
      auto now = payer_->query(order);
      if (now) out = std::move(*now);
      return now && out.outcome != Outcome::pending;
    })) << order << " is pending";
    return out;
  }
  static std::string path_of(const std::string& order) { return scene().sql("SELECT path || ' ' || state FROM payment_orders WHERE order_number = '" + order + "'"); }
  static WalletScene& scene() { return WalletScene::get(); }
  static std::unique_ptr<Payer> payer_;
};
std::unique_ptr<Payer> WalletNetwork::payer_;

TEST_F(WalletNetwork, takes_card_tokens_and_gives_back) {
  const auto paid = payer_->pay_by_token("N-1", 1'250);
  ASSERT_OK(paid);
  EXPECT_EQ(paid->outcome, Outcome::approved);
  const auto back = payer_->refund("N-1", "N-1R", 400);
  ASSERT_OK(back);
  EXPECT_EQ(back->outcome, Outcome::refunded);
  EXPECT_EQ(back->refunded, 400);
  EXPECT_REFUSED(payer_->refund("N-1", "N-1S", 900), Code::refused, "wallet.refused_refund");
  EXPECT_EQ(path_of("N-1"), "routed captured");
}

TEST_F(WalletNetwork, is_paid_by_the_phone_itself_past_the_platform) {
  const auto booked = payer_->order_directly("D-1", 2'000);
  ASSERT_OK(booked);
  EXPECT_EQ(booked->outcome, Outcome::pending);
  ASSERT_FALSE(booked->tn.empty());
  EXPECT_EQ(path_of("D-1"), "direct offered");
  const auto returned = payer_->at_gateway(*booked, 2'000);
  ASSERT_OK(returned);
  const auto paid = payer_->bring_back("D-1", *returned);
  ASSERT_OK(paid);
  EXPECT_EQ(paid->outcome, Outcome::approved);
  EXPECT_EQ(paid->tn, "");
  EXPECT_EQ(path_of("D-1"), "direct captured");
  EXPECT_OK(payer_->refund("D-1", "D-1R", 500));
  // Again the phone finds an end, whatever it brings.
  EXPECT_EQ(payer_->bring_back("D-1", *returned)->outcome, Outcome::approved);
}

TEST_F(WalletNetwork, tells_by_itself_what_a_phone_that_went_away_has_paid) {
  const auto booked = payer_->order_directly("D-2", 2'000);
  ASSERT_OK(booked);
  ASSERT_OK(payer_->at_gateway(*booked, 2'000));
  EXPECT_EQ(ended("D-2").outcome, Outcome::approved);
}

TEST_F(WalletNetwork, takes_an_order_back_that_the_user_does_not_pay) {
  const auto booked = payer_->order_directly("D-3", 2'000);
  ASSERT_OK(booked);
  const auto cancelled = payer_->at_gateway(*booked, 2'000, true);
  ASSERT_OK(cancelled);
  ASSERT_OK(payer_->bring_back("D-3", *cancelled));
  EXPECT_EQ(ended("D-3").outcome, Outcome::reversed);
  const auto late = payer_->at_gateway(*booked, 2'000);
  ASSERT_OK(late);
  EXPECT_TRUE(late->contains("pay_result=fail")) << "it can be paid no more";
}

TEST_F(WalletNetwork, is_not_paid_for_another_amount_than_the_user_agreed_to) {
  const auto booked = payer_->order_directly("D-4", 2'000);
  ASSERT_OK(booked);
  EXPECT_REFUSED(payer_->at_gateway(*booked, 1'999), Code::refused, "terminal.other_order");
  ASSERT_OK(payer_->bring_back("D-4", *payer_->at_gateway(*booked, 2'000, true)));
  EXPECT_EQ(ended("D-4").outcome, Outcome::reversed);
}

TEST_F(WalletNetwork, has_to_have_signed_what_a_phone_brings_back) {
  const auto booked = payer_->order_directly("D-5", 2'000);
  ASSERT_OK(booked);
  const auto other = payer_->order_directly("D-6", 2'000);
  ASSERT_OK(other);
  const std::string theirs = *payer_->at_gateway(*other, 2'000);
  EXPECT_REFUSED(payer_->bring_back("D-5", theirs), Code::refused, "wallet.refused_gateway");
  EXPECT_EQ(scene().last_refusal("wallet.gateway_result"), "wallet.gateway_result");
  std::string forged = *payer_->at_gateway(*booked, 2'000, true);
  forged.replace(forged.find("cancel"), 6, "success");
  EXPECT_REFUSED(payer_->bring_back("D-5", forged), Code::refused, "wallet.refused_gateway");
  EXPECT_EQ(path_of("D-5"), "direct offered") << "nobody has paid it";
  ASSERT_OK(payer_->bring_back("D-5", *payer_->at_gateway(*booked, 2'000, true)));
  EXPECT_EQ(ended("D-5").outcome, Outcome::reversed);
  EXPECT_EQ(ended("D-6").outcome, Outcome::approved);
}

TEST_F(WalletNetwork, holds_the_limits_on_the_direct_path_and_only_where_it_is_open) {
  const auto over = payer_->order_directly("D-7", 600'000);
  ASSERT_OK(over);
  EXPECT_EQ(over->outcome, Outcome::declined);
  EXPECT_EQ(over->tn, "");
  EXPECT_REFUSED(payer_->order_directly("D-8", 100, "ewallet"), Code::refused, "wallet.refused_gateway");
}

TEST_F(WalletNetwork, keeps_an_offer_over_a_restart) {
  const auto booked = payer_->order_directly("D-9", 2'000);
  ASSERT_OK(booked);
  scene().kill_server();
  const std::string returned = *payer_->at_gateway(*booked, 2'000);
  scene().serve();
  ASSERT_OK(payer_->login());
  ASSERT_OK(payer_->bring_back("D-9", returned));
  EXPECT_EQ(ended("D-9").outcome, Outcome::approved);
}

TEST_F(WalletNetwork, is_reached_from_the_command_line) {
  Owner owner = scene().ready();
  auto paid = scene().phone_must(owner, {"pay", "--order", "D-10", "--payee", "SHOP01", "--amount", "12.50", "--direct", "network", "--gateway-url", scene().network_url(), "--gateway-root",
                                         scene().network_root(), "--account", "6226388000000095"});
  EXPECT_EQ(paid.text("outcome").value(), "approved");
  // Interrupted, and taken up later.
  auto waits = scene().phone_must(owner, {"pay", "--order", "D-11", "--payee", "SHOP01", "--amount", "3.00", "--direct", "network"});
  EXPECT_EQ(waits.text("outcome").value(), "pending");
  EXPECT_FALSE(waits.text("tn").value().empty());
  auto later = scene().phone_must(owner, {"query", "--order", "D-11", "--amount", "3.00", "--gateway-url", scene().network_url(), "--gateway-root", scene().network_root(), "--cancel"});
  EXPECT_EQ(later.text("outcome").value(), "reversed");
  EXPECT_NE(scene().phone(owner, {"pay", "--order", "D-12", "--payee", "SHOP01", "--amount", "3.00", "--direct", "network", "--instrument", owner.token}).exit_code, 0);
}

TEST_F(WalletNetwork, agrees_with_our_books) {
  ASSERT_TRUE(scene().settle()) << scene().log();
  EXPECT_GT(scene().reconcile(), 3);
}

// --- with faults -------------------------------------------------------------------------------------------------------

constexpr int kPayingPhones = 4;
constexpr int kOrders = 48;

TEST(WalletNetworkFaults, leave_every_order_ended_once_and_the_books_equal) {
  WalletScene scene({.name = "wallet_e2e_network",
                     .network_faults = {"--drop", "0.02", "--decline", "0.05", "--wrong-amount", "0.06", "--bad-signature", "0.05", "--cut", "0.05", "--foreign", "0.03",
                                        "--duplicate", "0.1", "--delay", "10", "--seed", "11"}});
  std::vector<std::unique_ptr<Payer>> payers;
  for (int i = 0; i < kPayingPhones; ++i) payers.push_back(std::make_unique<Payer>(scene, scene.owner(i % 2 == 0 ? "modern" : "classic")));
  std::mutex mutex;
  std::map<std::string, Outcome> told;
  const auto pay = [&](Payer& payer, int i) {
    const std::string order = fmt::format("F-{}", i);
    const std::int64_t amount = 100 + i * 137;
    auto claim = i % 8 < 4 ? payer.pay_by_token(order, amount) : payer.order_directly(order, amount);
    ASSERT_OK(claim);
    if (!claim->tn.empty()) {
      const auto returned = payer.at_gateway(*claim, amount, i % 16 == 4);
      ASSERT_OK(returned);
      if (auto after = payer.bring_back(order, *returned)) claim = std::move(after);  // refused where its signature is spoilt
    }
    const std::lock_guard lock(mutex);
    told[order] = claim->outcome;
  };
  {
    std::vector<std::jthread> threads;
    for (int p = 0; p < kPayingPhones; ++p) {
      threads.emplace_back([&, p] {
        Payer& payer = *payers[static_cast<std::size_t>(p)];
        ASSERT_OK(payer.enrol());
        ASSERT_OK(payer.enrol_token());
        for (int i = p; i < kOrders; i += kPayingPhones) pay(payer, i);
      });
    }
  }
  // A phone whose card was refused, or who changed his mind with a spoilt word of it, cancels at the gateway.
  for (int i = 0; i < kOrders; ++i) {
    Payer& payer = *payers[static_cast<std::size_t>(i % kPayingPhones)];
    const std::string order = fmt::format("F-{}", i);
    EXPECT_TRUE(eventually([&] {
      const auto now = payer.query(order);
      if (!now || now->tn.empty()) return now.has_value();
      const auto cancelled = payer.at_gateway(*now, now->amount, true);
      if (cancelled) static_cast<void>(payer.bring_back(order, *cancelled));
      return false;
    })) << order;
  }
  ASSERT_TRUE(scene.settle(150s)) << scene.log();
  int approved = 0;
  for (int i = 0; i < kOrders; ++i) {
    const std::string order = fmt::format("F-{}", i);
    const auto now = payers[static_cast<std::size_t>(i % kPayingPhones)]->query(order);
    ASSERT_OK(now);
    EXPECT_NE(now->outcome, Outcome::pending) << order;
    EXPECT_NE(now->outcome, Outcome::unknown_order) << order;
    if (told[order] != Outcome::pending) EXPECT_EQ(now->outcome, told[order]) << order << " changed after its answer";
    approved += now->outcome == Outcome::approved ? 1 : 0;
    if (now->outcome == Outcome::approved && i % 6 == 0) EXPECT_OK(payers[static_cast<std::size_t>(i % kPayingPhones)]->refund(order, order + "R", 50));
  }
  EXPECT_GT(approved, kOrders / 3);
  EXPECT_NE(scene.sql("SELECT COUNT(*) FROM payment_orders WHERE resolved = 1"), "0") << "no answer was lost";
  ASSERT_TRUE(scene.settle(150s)) << scene.log();
  EXPECT_GE(scene.reconcile(), approved);
}

}  // namespace
}  // namespace tf::test
