// Our books and theirs, line by line.
#include "payment/desk/reconcile.hpp"

#include "tests/payment/scene.hpp"

namespace tf::payment::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tf::test::must;

constexpr const char* kHead = "date,transaction,type,amount,currency,state,reference\n";

Line line(int number, const char* state, std::int64_t minor = 1'000, const char* type = "payment") {
  return {20261121, transaction_of(20261121 * kNumbersADay + number), type, {minor, "CNY"}, state, "R"};
}

std::vector<std::string> verdicts(const Comparison& comparison) {
  std::vector<std::string> out;
  for (const Difference& each : comparison.differences) out.push_back(each.verdict);
  return out;
}

TEST(Reconciliation, matches_what_is_the_same_and_leaves_out_what_moved_no_money) {
  const auto out = compare({line(1, "captured"), line(2, "declined"), line(3, "reversed"), line(4, "done", 10, "refund"), line(5, "reversed")},
                           {line(1, "captured"), line(4, "done", 10, "refund"), line(5, "reversed")});
  EXPECT_EQ(out.matched, 3);
  EXPECT_THAT(out.differences, IsEmpty());
}

TEST(Reconciliation, names_every_kind_of_difference) {
  EXPECT_THAT(verdicts(compare({}, {line(1, "captured")})), ElementsAre("missing_here"));
  EXPECT_THAT(verdicts(compare({line(1, "captured")}, {})), ElementsAre("missing_there"));
  EXPECT_THAT(verdicts(compare({line(1, "unknown")}, {})), ElementsAre("missing_there"));
  EXPECT_THAT(verdicts(compare({line(1, "captured")}, {line(1, "captured", 999)})), ElementsAre("amount_differs"));
  EXPECT_THAT(verdicts(compare({line(1, "reversed")}, {line(1, "captured")})), ElementsAre("state_differs"));
  EXPECT_THAT(verdicts(compare({line(1, "declined")}, {line(1, "captured")})), ElementsAre("state_differs"));
  EXPECT_THAT(verdicts(compare({line(1, "captured")}, {line(1, "reversed")})), ElementsAre("state_differs"));
  EXPECT_THAT(verdicts(compare({line(1, "captured")}, {line(1, "captured"), line(1, "captured")})), ElementsAre("twice_there"));
  EXPECT_THAT(verdicts(compare({line(1, "captured")}, {line(1, "captured", 1'000, "refund")})), testing::IsSupersetOf({"missing_there"}));
}

TEST(Reconciliation, reads_what_it_writes) {
  std::vector<Line> lines{line(1, "captured"), line(2, "done", 5, "refund")};
  lines[0].reference = "with, comma and \"quotes\"";
  EXPECT_EQ(must(parse_lines(write_lines(lines))), lines);
  EXPECT_THAT(must(parse_lines(kHead)), IsEmpty());
  EXPECT_EQ(must(parse_lines(std::string("\xef\xbb\xbf") + "date,transaction,type,amount,currency,state,reference\r\n20261121,20261121000000000001,payment,1000,CNY,captured,R\r\n")),
            std::vector<Line>{line(1, "captured")});
}

TEST(Reconciliation, refuses_a_file_that_is_none) {
  for (const char* bad : {"", "date,transaction\n", "20261121,20261121000000000001,payment,1000,CNY,captured,R\n"})
    EXPECT_REFUSED(parse_lines(bad), Code::malformed, "payment.reconciliation");
  for (const char* bad : {"20261121,20261121000000000001,payment,1000,CNY,captured\n", "20261131,20261121000000000001,payment,1000,CNY,captured,R\n",
                          "20261121,2026112100000000001,payment,1000,CNY,captured,R\n", "20261121,20261121000000000001,gift,1000,CNY,captured,R\n",
                          "20261121,20261121000000000001,payment,10.00,CNY,captured,R\n", "20261121,20261121000000000001,payment,-1,CNY,captured,R\n",
                          "20261121,20261121000000000001,payment,1000,yuan,captured,R\n", "20261121,20261121000000000001,payment,1000,CNY,paid,R\n",
                          "20261121,20261121000000000001,payment,1000,CNY,captured,\"R\n"})
    EXPECT_REFUSED(parse_lines(std::string(kHead) + bad), Code::malformed, "payment.reconciliation") ;
}

TEST(Reconciliation, takes_a_day_in_either_spelling) {
  EXPECT_EQ(*parse_day("2026-11-21"), 20261121);
  EXPECT_EQ(*parse_day("20261121"), 20261121);
  for (const char* bad : {"", "2026-11-31", "2026-1-21", "21.11.2026", "202611211", "2026/11/21", "2026-11-2x"})
    EXPECT_REFUSED(parse_day(bad), Code::invalid, "payment.day");
}

class ReconciliationOf : public testing::Test, protected Scene {};

TEST_F(ReconciliationOf, a_day_is_kept_and_replaced_by_a_later_one) {
  card.answers("pay", {Verdict::done, Verdict::declined, Verdict::done});
  card.answers("refund", {Verdict::done});
  const Order first = must(place(order_of("1")).get());
  must(place(order_of("2")).get());
  const Order third = must(place(order_of("3", 700)).get());
  must(refund(first.transaction(), "a", 400).get());
  const std::int64_t day = first.number / kNumbersADay;
  std::vector<Line> theirs;
  must(database->read([&](store::Session& session) -> Status {
    for (const Line& ours : TF_TRY(load_lines(session, "card", day)))
      if (may_have_moved_money(ours)) theirs.push_back(ours);
    return {};
  }));
  ASSERT_EQ(theirs.size(), 3U);
  must(database->migrate(audit::kComponent, audit::kMigrations));
  NoSigner signer;
  const auto trail = must(audit::Trail::open(*database, "test", signer, clock));
  const Reconciling what{"card", day, "operator:anna"};
  const auto good = must(reconcile(*database, *trail, clock, what, write_lines(theirs)));
  EXPECT_EQ(good.matched, 3);
  EXPECT_THAT(good.differences, IsEmpty());

  for (Line& each : theirs)
    if (each.transaction == third.transaction()) each.amount.minor = 701;
  EXPECT_THAT(verdicts(must(reconcile(*database, *trail, clock, what, write_lines(theirs)))), ElementsAre("amount_differs"));
  must(database->read([&](store::Session& session) -> Status {
    const auto kept = TF_TRY(load_comparison(session, "card", day));
    EXPECT_EQ(kept.matched, 2);
    EXPECT_EQ(kept.differences.size(), 1U);
    if (!kept.differences.empty()) {
      EXPECT_EQ(kept.differences[0].transaction, third.transaction());
      EXPECT_EQ(kept.differences[0].ours, "700 CNY captured");
      EXPECT_EQ(kept.differences[0].theirs, "701 CNY captured");
    }
    return {};
  }));
  EXPECT_REFUSED(database->read([&](store::Session& session) -> Status {
    TF_TRY(load_comparison(session, "wallet", day));
    return {};
  }), Code::not_found, "payment.not_reconciled");
  theirs[0].day = day - 1;
  EXPECT_REFUSED(reconcile(*database, *trail, clock, what, write_lines(theirs)), Code::invalid, "payment.reconciliation");
  must(trail->close());
}

}  // namespace
}  // namespace tf::payment::test
