// What every implementation of the books promises, tried on the one in the database and on the one in memory: what the
// simulation proves over the one holds for the other.
#include "payment/desk/decisions.hpp"
#include "tests/payment/memory_books.hpp"
#include "tests/payment/scene.hpp"

namespace tf::payment::test {
namespace {

using tf::test::must;

// A kind of books, and how to wait for them.
class Kind {
 public:
  virtual ~Kind() = default;
  virtual Books& books() = 0;
  virtual void wait(const bool& done) = 0;
  virtual std::vector<Notice> notices() = 0;
  // Where a refund's decision stands, and what was said against it.
  virtual void decided(const RefundOrder& refund) = 0;
  virtual std::string contradiction(std::int64_t number) = 0;
};

Limits limits() { return {.all = {{.of = Of::user, .currency = "CNY", .amount = {}, .sum_per_day = 10'000, .count_per_day = {}}}}; }
bool subscribes(const std::string& merchant) { return merchant == "M1"; }

class InMemory final : public Kind {
 public:
  Books& books() override { return books_; }
  void wait(const bool& done) override {
    while (!done && time_.next()) {
    }
  }
  std::vector<Notice> notices() override { return ledger_.notices; }
  void decided(const RefundOrder&) override {}  // only what is said against it is kept here
  std::string contradiction(std::int64_t number) override { return ledger_.contradictions.contains(number) ? ledger_.contradictions.at(number) : ""; }

 private:
  Ledger ledger_;
  VirtualTime time_;
  Life life_;
  Dice dice_{1};
  MemoryBooks books_{ledger_, time_, life_, dice_, limits(), subscribes};
};

class InDatabase final : public Kind {
 public:
  Books& books() override { return books_; }
  void wait(const bool&) override { must(database_->write([](store::Session&) -> Status { return {}; })); }  // the writer thread has come so far
  std::vector<Notice> notices() override {
    std::vector<Notice> out;
    must(database_->read([&](store::Session& session) -> Status {
      return session.query("SELECT payment, sequence, merchant, body FROM payment_events ORDER BY payment, sequence", {}, [&](const store::Row& row) -> Status {
        out.push_back({row.integer(0), row.integer(1), row.text(2), row.text(3)});
        return {};
      });
    }));
    return out;
  }
  void decided(const RefundOrder& refund) override {
    must(database_->write([&](store::Session& session) {
      return propose_decision(session, {.number = refund.number, .refund = true, .paid = refund.state == RefundState::done, .reason = "a call", .proposed_by = "anna", .proposed_ms = 7});
    }));
  }
  std::string contradiction(std::int64_t number) override {
    std::string out;
    must(database_->read([&](store::Session& session) -> Status {
      const auto decision = TF_TRY(load_decision(session, number));
      out = decision ? decision->contradicted : "";
      return {};
    }));
    return out;
  }

 private:
  static std::unique_ptr<store::Database> opened(const std::string& path) {
    auto out = must(store::open_sqlite({.path = path}));
    must(out->migrate("payment-test", kMigrations));
    return out;
  }
  tf::test::TemporaryDirectory folder_;
  std::unique_ptr<store::Database> database_ = opened(folder_.file("books.db"));
  StoredBooks books_{*database_, {.limits = limits(), .subscribes = subscribes}};
};

template <class T>
class BooksContract : public testing::Test {
 protected:
  Result<Booking> book(Order order) {
    return until_done<Result<Booking>>([&](auto done) { kind.books().book(std::move(order), std::move(done)); });
  }
  Status write(const Order& order, State from) {
    return until_done<Status>([&](auto done) { kind.books().write(order, from, std::move(done)); });
  }
  Result<RefundBooking> book_refund(RefundOrder refund) {
    return until_done<Result<RefundBooking>>([&](auto done) { kind.books().book_refund(std::move(refund), std::move(done)); });
  }
  Status write_refund(const RefundOrder& refund) {
    return until_done<Status>([&](auto done) { kind.books().write_refund(refund, std::move(done)); });
  }
  Status contradict(const Order& order, const RefundOrder& refund, const std::string& said) {
    return until_done<Status>([&](auto done) { kind.books().contradicted(order, refund, said, std::move(done)); });
  }
  Order captured(const std::string& order_number, std::int64_t minor = 1'000) {
    Order order = must(book(fresh(order_number, minor))).order;
    order.state = State::captured;
    order.reference = "R1";
    must(write(order, State::sent));
    return order;
  }
  Order fresh(const std::string& order_number, std::int64_t minor = 1'000) {
    number_ = number_after(number_, 20261101);
    Order out{.number = number_, .asked = order_of(order_number, minor), .front_end = "card", .at_ms = VirtualTime::kStart, .state = State::sent, .changed_ms = VirtualTime::kStart};
    out.asked.prefix.clear();
    return out;
  }
  RefundOrder fresh_refund(const Order& order, const std::string& refund_number, std::int64_t minor) {
    number_ = number_after(number_, 20261101);
    return {.number = number_, .order = order.number, .refund_number = refund_number, .amount = {minor, "CNY"}, .at_ms = VirtualTime::kStart, .changed_ms = VirtualTime::kStart};
  }
  std::int64_t refunded(const Order& order) { return must(kind.books().find(order.number))->refunded; }
  T kind;

 private:
  template <class R, class Call>
  R until_done(Call call) {
    bool done = false;
    std::optional<R> out;
    call([&](R answer) {
      out = std::move(answer);
      done = true;
    });
    kind.wait(done);
    return std::move(*out);
  }
  std::int64_t number_ = 0;
};

using Kinds = testing::Types<InMemory, InDatabase>;
TYPED_TEST_SUITE(BooksContract, Kinds);

TYPED_TEST(BooksContract, an_order_is_found_as_it_was_booked) {
  const Order order = this->fresh("1");
  const Booking booking = must(this->book(order));
  EXPECT_FALSE(booking.found);
  for (const auto& found : {must(this->kind.books().find("anna", "1")), must(this->kind.books().find(order.number))}) {
    ASSERT_TRUE(found);
    EXPECT_EQ(found->number, order.number);
    EXPECT_EQ(found->state, State::sent);
    EXPECT_EQ(found->asked.amount, order.asked.amount);
    EXPECT_EQ(found->asked.content_hash, order.asked.content_hash);
    EXPECT_EQ(found->asked.instrument, "card-1");
    EXPECT_EQ(found->front_end, "card");
    EXPECT_EQ(found->at_ms, order.at_ms);
  }
  EXPECT_FALSE(must(this->kind.books().find("bert", "1")));
  EXPECT_FALSE(must(this->kind.books().find(order.number + 1)));
}

TYPED_TEST(BooksContract, a_second_booking_of_an_order_finds_the_first_and_writes_nothing) {
  const Order first = this->fresh("1", 1'000);
  must(this->book(first));
  const Booking second = must(this->book(this->fresh("1", 2'000)));
  EXPECT_TRUE(second.found);
  EXPECT_EQ(second.order.number, first.number);
  EXPECT_EQ(second.order.asked.amount.minor, 1'000);
  EXPECT_EQ(must(this->kind.books().load()).orders.size(), 1U);
}

TYPED_TEST(BooksContract, an_order_moves_only_from_where_it_is_and_the_same_again_is_no_error) {
  Order order = must(this->book(this->fresh("1"))).order;
  order.state = State::reversing;
  EXPECT_OK(this->write(order, State::sent));
  order.state = State::captured;
  EXPECT_REFUSED(this->write(order, State::sent), Code::conflict, "payment.moved");
  EXPECT_OK(this->write(order, State::reversing));
  EXPECT_OK(this->write(order, State::reversing));
  order.state = State::reversed;
  EXPECT_REFUSED(this->write(order, State::reversing), Code::conflict, "payment.moved");
  EXPECT_EQ(must(this->kind.books().find(order.number))->state, State::captured);
}

TYPED_TEST(BooksContract, what_is_open_is_loaded_and_the_last_number_is_known) {
  const Order first = this->captured("1");
  const Order second = must(this->book(this->fresh("2"))).order;
  const RefundOrder refund = must(this->book_refund(this->fresh_refund(first, "a", 400))).refund;
  const Opening opening = must(this->kind.books().load());
  EXPECT_EQ(opening.last_number, refund.number);
  ASSERT_EQ(opening.orders.size(), 1U);
  EXPECT_EQ(opening.orders[0].number, second.number);
  ASSERT_EQ(opening.refunds.size(), 1U);
  EXPECT_EQ(opening.refunds[0].refund.number, refund.number);
  EXPECT_EQ(opening.refunds[0].refund.front_end, "card");
  EXPECT_EQ(opening.refunds[0].order.number, first.number);
  EXPECT_EQ(opening.refunds[0].order.reference, "R1");
}

TYPED_TEST(BooksContract, an_order_over_a_limit_is_booked_as_declined_and_counts_nothing) {
  must(this->book(this->fresh("1", 9'000)));
  const Booking over = must(this->book(this->fresh("2", 1'001)));
  EXPECT_EQ(over.order.state, State::declined);
  EXPECT_EQ(over.order.code, "limit_sum");
  EXPECT_EQ(must(this->kind.books().find("anna", "2"))->state, State::declined);
  EXPECT_EQ(must(this->book(this->fresh("3", 1'000))).order.state, State::sent);
}

TYPED_TEST(BooksContract, what_did_not_come_about_is_taken_off_the_limits_sum) {
  Order order = must(this->book(this->fresh("1", 9'000))).order;
  order.state = State::reversed;
  must(this->write(order, State::sent));
  EXPECT_EQ(must(this->book(this->fresh("2", 10'000))).order.state, State::sent);
}

TYPED_TEST(BooksContract, refunds_are_reserved_when_booked_and_let_go_when_declined) {
  const Order order = this->captured("1");
  RefundOrder first = must(this->book_refund(this->fresh_refund(order, "a", 700))).refund;
  EXPECT_EQ(this->refunded(order), 700);
  EXPECT_REFUSED(this->book_refund(this->fresh_refund(order, "b", 301)), Code::refused, "payment.refund_too_much");
  first.state = RefundState::declined;
  EXPECT_OK(this->write_refund(first));
  EXPECT_OK(this->write_refund(first));
  EXPECT_EQ(this->refunded(order), 0);
  first.state = RefundState::done;
  EXPECT_REFUSED(this->write_refund(first), Code::conflict, "payment.moved");
  EXPECT_OK(this->book_refund(this->fresh_refund(order, "b", 1'000)));
}

TYPED_TEST(BooksContract, a_decided_refund_counts_or_lets_go_and_what_is_said_against_it_moves_nothing) {
  const Order order = this->captured("1");
  RefundOrder declined = must(this->book_refund(this->fresh_refund(order, "a", 700))).refund;
  declined.state = RefundState::declined;
  declined.code = kDecided;
  this->kind.decided(declined);
  EXPECT_OK(this->write_refund(declined));
  EXPECT_EQ(this->refunded(order), 0);
  RefundOrder done = must(this->book_refund(this->fresh_refund(order, "b", 1'000))).refund;
  done.state = RefundState::done;
  done.code = kDecided;
  this->kind.decided(done);
  EXPECT_OK(this->write_refund(done));
  EXPECT_OK(this->contradict(order, declined, "refunded 00"));
  EXPECT_OK(this->contradict(order, declined, "refunded again"));
  EXPECT_EQ(this->kind.contradiction(declined.number), "refunded 00");
  EXPECT_EQ(this->kind.contradiction(done.number), "");
  EXPECT_EQ(this->kind.contradiction(order.number), "");
  EXPECT_EQ(this->refunded(order), 1'000);
  EXPECT_EQ(must(this->kind.books().find_refund(order.number, "a"))->refund.state, RefundState::declined);
  EXPECT_EQ(must(this->kind.books().find_refund(order.number, "b"))->refund.code, kDecided);
  EXPECT_TRUE(must(this->kind.books().load()).refunds.empty());
}

TYPED_TEST(BooksContract, a_refund_number_is_one_refund_of_its_payment) {
  const Order order = this->captured("1");
  const Order other = this->captured("2");
  const RefundOrder first = must(this->book_refund(this->fresh_refund(order, "a", 100))).refund;
  const RefundBooking again = must(this->book_refund(this->fresh_refund(order, "a", 200)));
  EXPECT_TRUE(again.found);
  EXPECT_EQ(again.refund.number, first.number);
  EXPECT_EQ(this->refunded(order), 100);
  EXPECT_FALSE(must(this->book_refund(this->fresh_refund(other, "a", 100))).found);
  EXPECT_EQ(must(this->kind.books().find_refund(order.number, "a"))->refund.number, first.number);
  EXPECT_FALSE(must(this->kind.books().find_refund(order.number, "b")));
}

TYPED_TEST(BooksContract, refunds_of_what_is_not_captured_or_in_another_currency_are_refused) {
  const Order order = must(this->book(this->fresh("1"))).order;
  EXPECT_REFUSED(this->book_refund(this->fresh_refund(order, "a", 1)), Code::refused, "payment.not_captured");
  RefundOrder refund = this->fresh_refund(this->captured("2"), "a", 1);
  refund.amount.currency = "USD";
  EXPECT_REFUSED(this->book_refund(refund), Code::refused, "payment.currency");
  refund.order = 42;
  EXPECT_REFUSED(this->book_refund(refund), Code::not_found, "payment.no_order");
}

TYPED_TEST(BooksContract, a_merchant_who_wants_it_is_told_of_every_end_once_and_in_sequence) {
  const Order order = this->captured("1");
  RefundOrder refund = must(this->book_refund(this->fresh_refund(order, "a", 100))).refund;
  EXPECT_EQ(this->kind.notices().size(), 1U);
  refund.state = RefundState::done;
  must(this->write_refund(refund));
  must(this->write_refund(refund));
  Order other = this->fresh("2");
  other.asked.merchant = "M2";
  other = must(this->book(other)).order;
  other.state = State::declined;
  must(this->write(other, State::sent));
  const auto notices = this->kind.notices();
  ASSERT_EQ(notices.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(notices[i].payment, order.number);
    EXPECT_EQ(notices[i].sequence, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(notices[i].merchant, "M1");
  }
  EXPECT_THAT(notices[0].body, testing::HasSubstr("payment.captured"));
  EXPECT_THAT(notices[1].body, testing::HasSubstr("refund.done"));
}

}  // namespace
}  // namespace tf::payment::test
