#include "tests/wallet/line.hpp"

namespace tf::wallet::test {

Phone StoryWorld::phone(Story story, const std::string& number) {
  Phone out = Phone::of(world, number);
  out.options.suite = story == Story::classic ? Suite::classic : Suite::modern;
  out.options.key_maker = story == Story::modern_key_of_platform ? KeyMaker::platform : KeyMaker::phone;
  return out;
}

Result<ResultClaim> StoryWorld::tell(Phone& phone) {
  TF_CHECK(phone.know());
  TF_CHECK(phone.enrol());
  TF_CHECK(phone.login_now());
  if (enrols) {
    const auto shown = TF_TRY(phone.instrument(phone.own_card()));
    if (shown.size() != 1 || shown[0].masked != "554433***") return Error{Code::internal, "test.other_card", "the platform shows another card"};
    const auto left = TF_TRY(phone.instrument({.act = InstrumentAct::close, .wallet = {}, .number = {}, .expiry = {}, .token = shown[0].token}));
    if (!left.empty()) return Error{Code::internal, "test.other_card", "the card is still there"};
  }
  ResultClaim paid = TF_TRY(phone.pay(phone.purchase("A-1")));
  const ResultClaim asked = TF_TRY(phone.query("A-1"));
  if (asked.transaction != paid.transaction) return Error{Code::internal, "test.other_transaction", "the platform contradicts itself"};
  TF_TRY(phone.refund("A-1", "R-1", 400));
  return paid;
}

Recording StoryWorld::record(Story story, const std::string& number) {
  Recording out;
  Phone one = phone(story, number);
  one.line = [&](std::string_view route, const std::string& body) {
    out.push_back({std::string(route), body});
    auto answer = world.handle(route, body);
    out.push_back({std::string(route), answer ? *answer : std::string()});
    return answer;
  };
  EXPECT_OK(tell(one));
  forget();
  return out;
}

void StoryWorld::forget() {
  world.registrations.clear();
  world.sessions.clear();
  world.orders.clear();
  world.enrolled.clear();
  world.refunds.clear();
  world.approvals.clear();
  world.files_wanted.clear();
  world.alarms.clear();
  world.sms.clear();
  world.executed = 0;
}

void StoryWorld::expect_sound(const Phone& phone, const Result<ResultClaim>& end) {
  EXPECT_LE(world.active_of(phone.subscriber.number), 1);
  for (const auto& [id, one] : world.registrations) {
    EXPECT_EQ(one.subscriber, phone.subscriber) << "registered what no phone asked for";
    if (one.state != RegistrationState::active || !phone.registering || !phone.registering->key) continue;
    EXPECT_EQ(one.spki, phone.registering->key->public_key().spki()) << "active with a key that is not the phone's";
  }
  // Money moves only as the phone signed it, and once.
  EXPECT_LE(world.executed, 1);
  EXPECT_LE(world.refunds.size(), 1U);
  for (const auto& [number, paid] : world.orders) {
    const OrderTerms signed_terms{"A-1", "shop-1", 1000, "CNY", "card-1"};
    EXPECT_EQ(paid.order.terms, signed_terms);
    EXPECT_EQ(paid.order.content, "two teas");
  }
  // A card is enrolled as its user said, and once; and taken away when its user said so.
  EXPECT_LE(world.enrolled.size(), 1U);
  for (const World::Enrolled& card : world.enrolled) {
    EXPECT_EQ(card.wallet + card.number + card.expiry, "55443322110099663012");
    if (end) EXPECT_TRUE(card.closed);
  }
  // What the phone believes is what the books say.
  if (!end) return;
  ASSERT_EQ(world.orders.size(), 1U);
  const Booked& booked = world.orders.begin()->second.booked;
  EXPECT_EQ(end->transaction, booked.transaction);
  EXPECT_EQ(end->outcome, booked.outcome);
  EXPECT_EQ(end->amount, booked.amount);
  EXPECT_EQ(booked.refunded, 400);
}

void StoryWorld::expect_recovery(Story story) {
  const int before = world.executed;
  Phone again = phone(story);
  ASSERT_OK(again.register_now());
  world.approvals.insert(again.registered->registration);
  ASSERT_OK(again.activate_now());
  ASSERT_OK(again.login_now());
  const auto paid = again.pay(again.purchase("B-1"));
  ASSERT_OK(paid);
  EXPECT_EQ(world.executed, before + 1);
  EXPECT_EQ(world.active_of(again.subscriber.number), 1);
}

}  // namespace tf::wallet::test
