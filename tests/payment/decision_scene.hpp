// Orders and refunds whose end nobody tells: an e-wallet that answers nothing of use, and people who say what they know.
#pragma once
#include "payment/desk/decisions.hpp"
#include "tests/payment/scene.hpp"

namespace tf::payment::test {

class Decided : public testing::Test, protected Scene {
 protected:
  Decided() {
    settings.decide_after_ms = 0;
    settings.back_off_ms = 1'000'000;  // nothing happens but what the test does
    settings.longest_ms = 1'000'000;
    settings.longest_refund_ms = 1'000'000;
    wallet.answers("query", {Verdict::unknown});
    wallet.answers("reverse", {Verdict::unknown});
  }
  void SetUp() override { stop(), start(); }
  static OrderRequest asked(const std::string& number) {
    OrderRequest out = order_of(number);
    out.prefix.clear();
    out.wallet = "alipay";
    return out;
  }
  // Unknown, as long as the test likes.
  Order stuck(const std::string& number) {
    wallet.answers("pay", {Verdict::unknown});
    const Order out = tf::test::must(place(asked(number)).get());
    EXPECT_EQ(out.state, State::unknown);
    return out;
  }
  Result<Order> decide(const Order& order, bool paid, Along along = {}) {
    auto promise = std::make_shared<std::promise<Result<Order>>>();
    payments->decide(order.transaction(), paid, std::move(along), [promise](Result<Order> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future().get();
  }
  Status propose(const Order& order, bool paid, const std::string& by) {
    return database->write([&](store::Session& session) {
      return propose_decision(session, {.number = order.number, .paid = paid, .reason = "their file of the day", .proposed_by = by, .proposed_ms = 7});
    });
  }
  std::optional<Decision> decision_of(std::int64_t number) {
    std::optional<Decision> out;
    tf::test::must(database->read([&](store::Session& session) -> Status {
      out = TF_TRY(load_decision(session, number));
      return {};
    }));
    return out;
  }
  std::optional<Decision> decision_of(const Order& order) { return decision_of(order.number); }
  // What was given to the writer thread is written.
  void written() { tf::test::must(database->write([](store::Session&) -> Status { return {}; })); }
};

}  // namespace tf::payment::test
