// An order, or a refund, whose front end is silent is decided by two operators; what the front end says afterwards moves nothing.
#include <fmt/ranges.h>
#include <signal.h>

#include <algorithm>
#include <thread>

#include "tests/wallet_e2e/payer.hpp"

namespace tf::test {
namespace {

using wallet::Outcome;

class WalletDecisions : public testing::Test {
 protected:
  WalletDecisions() {
    EXPECT_OK(anna.enrol());
    EXPECT_OK(bert.enrol());
  }
  std::string transaction_of(const std::string& order) const {
    return scene.sql("SELECT printf('%d%012d', number / 10000000000, number % 10000000000) FROM payment_orders WHERE order_number = '" + order + "'");
  }
  Finished decide(const std::string& transaction, const std::string& who, const std::string& verdict) const {
    return scene.operate({"wallet", "decide", transaction, verdict, "--reason", "a call to their people", "--as", who});
  }
  std::string decided_by(const std::string& transaction, const std::string& who, const std::string& verdict) const {
    const Finished done = decide(transaction, who, verdict);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json_of(done.out).text("decided_by").value() : "refused";
  }
  // Of a refund of that order.
  Finished decide_refund(const std::string& transaction, const std::string& refund, const std::string& who, const std::string& verdict) const {
    return scene.operate({"wallet", "decide", transaction, verdict, "--refund", refund, "--reason", "a call to their people", "--as", who});
  }
  std::string refund_decided_by(const std::string& transaction, const std::string& refund, const std::string& who, const std::string& verdict) const {
    const Finished done = decide_refund(transaction, refund, who, verdict);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json_of(done.out).text("decided_by").value() : "refused";
  }
  bool becomes_pending(const std::string& refund) const {
    return eventually([&] { return scene.sql("SELECT COUNT(*) FROM payment_refunds WHERE state = 'pending' AND refund_number = '" + refund + "'") == "1"; });
  }
  WalletScene scene{{.name = "wallet_e2e_decide", .policy = "decide_minutes = 0\n"}};
  Payer anna{scene, scene.owner()}, bert{scene, scene.owner()};
};

TEST_F(WalletDecisions, are_of_two_people_and_stand_against_a_late_answer) {
  // A busy machine may make the acquirer miss its second; that order is undone, and another is paid.
  std::string paid;
  for (int i = 0; i < 5 && paid.empty(); ++i)
    if (const auto claim = anna.pay(fmt::format("E-0{}", i), true, 700); claim && claim->outcome == Outcome::approved) paid = claim->order;
  ASSERT_FALSE(paid.empty());
  ASSERT_TRUE(scene.settle()) << scene.log();
  scene.acquirer().send(SIGSTOP);
  {
    std::jthread both([&] { EXPECT_EQ(bert.pay("E-2", true, 800)->outcome, Outcome::pending); });
    EXPECT_EQ(anna.pay("E-1", true, 900)->outcome, Outcome::pending);
  }
  const std::string first = transaction_of("E-1"), second = transaction_of("E-2");
  EXPECT_NE(decide(first, "auditor", "paid").exit_code, 0);
  EXPECT_NE(decide(first, "operator", "perhaps").exit_code, 0);
  EXPECT_NE(decide(transaction_of(paid), "operator", "undone").exit_code, 0) << "an end is an end";
  EXPECT_EQ(decided_by(first, "operator", "undone"), "");
  EXPECT_EQ(decided_by(first, "operator", "undone"), "") << "one person twice is not two";
  EXPECT_EQ(decided_by(first, "administrator", "paid"), "") << "they do not agree";
  EXPECT_EQ(decided_by(first, "operator", "paid"), "operator:operator");
  EXPECT_NE(decide(first, "administrator", "undone").exit_code, 0);
  EXPECT_EQ(decided_by(second, "administrator", "undone"), "");
  EXPECT_EQ(decided_by(second, "operator", "undone"), "operator:operator");
  EXPECT_EQ(anna.query("E-1")->outcome, Outcome::approved);
  EXPECT_EQ(bert.query("E-2")->outcome, Outcome::reversed);

  // Awake again the acquirer undoes both, as it was told to before: so it was wrong that E-1 is paid.
  scene.acquirer().send(SIGCONT);
  EXPECT_TRUE(eventually([&] { return scene.sql("SELECT COUNT(*) FROM wallet_alarms WHERE kind = 'decision_contradicted'") == "1"; })) << scene.log();
  EXPECT_EQ(anna.query("E-1")->outcome, Outcome::approved) << "the books do not move by it";
  EXPECT_EQ(bert.query("E-2")->outcome, Outcome::reversed);
  auto decisions = scene.ask({"wallet", "decisions"});
  for (auto& each : decisions.objects("decisions", 10).value())
    EXPECT_EQ(each.text("contradicted").value().starts_with("not paid"), each.text("transaction").value() == first) << each.text("contradicted").value();
  EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM audit_entries WHERE action = 'payment.decide'"), "2");
  EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM audit_entries WHERE action = 'payment.contradicted'"), "1");
  EXPECT_EQ(scene.sql("SELECT SUM(sum) FROM payment_usage WHERE scope = 'user'"), "1600") << "what was undone counts no more against the day's limit";
  // People have to act: until they did, the day's file does not agree about this order, and about no other.
  std::optional<std::vector<std::string>> differ;
  EXPECT_TRUE(eventually([&] {  // the acquirer writes its file every now and then
    differ = scene.differences("card", scene.day_file("card"));
    return differ && differ->size() == 1 && differ->front().starts_with(first);
  })) << (differ ? fmt::format("{}", fmt::join(*differ, "\n")) : "no file");
}

TEST_F(WalletDecisions, of_refunds_are_of_two_people_and_stand_against_a_late_answer) {
  std::string order;
  for (int i = 0; i < 5 && order.empty(); ++i)
    if (const auto claim = bert.pay(fmt::format("G-0{}", i), false, 1'000); claim && claim->outcome == Outcome::approved) order = claim->order;
  ASSERT_FALSE(order.empty());
  ASSERT_TRUE(scene.settle()) << scene.log();
  const std::string transaction = transaction_of(order);
  EXPECT_NE(decide_refund(transaction, "R-1", "operator", "refunded").exit_code, 0) << "there is no such refund";

  // What is decided is also what the phone is told that still waits. The e-wallet has both refunds in its queue.
  scene.ewallet().send(SIGSTOP);
  {
    std::jthread phone([&] { EXPECT_EQ(bert.refund(order, "R-1", 700)->outcome, Outcome::refunded); });
    EXPECT_TRUE(becomes_pending("R-1"));
    EXPECT_EQ(refund_decided_by(transaction, "R-1", "operator", "refunded"), "");
    EXPECT_EQ(refund_decided_by(transaction, "R-1", "operator", "refunded"), "") << "one person twice is not two";
    EXPECT_EQ(refund_decided_by(transaction, "R-1", "administrator", "refunded"), "operator:administrator");
  }
  {
    std::jthread phone([&] { EXPECT_EQ(bert.refund(order, "R-2", 300)->outcome, Outcome::declined); });
    EXPECT_TRUE(becomes_pending("R-2"));
    EXPECT_EQ(refund_decided_by(transaction, "R-2", "administrator", "declined"), "");
    EXPECT_EQ(refund_decided_by(transaction, "R-2", "operator", "declined"), "operator:operator");
  }
  EXPECT_EQ(scene.sql("SELECT refunded FROM payment_orders WHERE order_number = '" + order + "'"), "700") << "what was declined can be asked for again";

  // Awake again the e-wallet carries out both: so it was wrong that R-2 was not.
  scene.ewallet().send(SIGCONT);
  EXPECT_TRUE(eventually([&] { return scene.sql("SELECT COUNT(*) FROM wallet_alarms WHERE kind = 'decision_contradicted'") == "1"; })) << scene.log();
  auto decisions = scene.ask({"wallet", "decisions"});
  std::string wrong;
  for (auto& each : decisions.objects("decisions", 10).value()) {
    EXPECT_EQ(each.text("payment").value(), transaction);
    const bool second = each.text("refund").value() == "R-2";
    EXPECT_EQ(each.text("state").value(), second ? "declined" : "done");
    EXPECT_EQ(each.text("contradicted").value().starts_with("refunded"), second) << each.text("contradicted").value();
    if (second) wrong = each.text("transaction").value();
  }
  EXPECT_EQ(bert.query(order)->refunded, 700) << "the books do not move by it";
  EXPECT_NE(decide_refund(transaction, "R-2", "operator", "refunded").exit_code, 0) << "an end is an end";
  EXPECT_NE(decide_refund(transaction, "R-2", "auditor", "declined").exit_code, 0);
  EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM audit_entries WHERE action = 'payment.decide'"), "2");
  EXPECT_EQ(scene.sql("SELECT COUNT(*) FROM audit_entries WHERE action = 'payment.contradicted'"), "1");
  std::optional<std::vector<std::string>> differ;
  EXPECT_TRUE(eventually([&] {
    differ = scene.differences("ewallet", scene.day_file("ewallet"));
    return differ && differ->size() == 1 && differ->front().starts_with(wrong + " refund");
  })) << (differ ? fmt::format("{}", fmt::join(*differ, "\n")) : "no file");
}

}  // namespace
}  // namespace tf::test
