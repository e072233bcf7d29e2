// An order whose front end is silent is decided by two operators; what the front end says afterwards moves nothing.
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

}  // namespace
}  // namespace tf::test
