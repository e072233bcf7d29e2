#include "payment/books/stored_books.hpp"

#include "base/log.hpp"
#include "payment/books/rows.hpp"
#include "payment/desk/decisions.hpp"
#include "payment/money.hpp"
#include "payment/notices/outbox.hpp"
#include "wire/json.hpp"

namespace tf::payment {
namespace {

constexpr Of kScopes[] = {Of::user, Of::terminal};

}  // namespace

// Members are acknowledged in their order: after this one none of ours is left.
StoredBooks::~StoredBooks() {
  if (const Status over = database_.write([](store::Session&) -> Status { return {}; }); !over)
    log::debug("payment: the books close after the database: " + describe(over.error()));
}

void StoredBooks::told(const Noticed& noticed) const {
  if (noticed.any && options_.noticed) options_.noticed();
}

Status StoredBooks::audit(store::Session& session, const Order& order, std::string action, std::string detail, bool done, std::int64_t at_ms) const {
  if (options_.trail == nullptr) return {};
  return options_.trail->append(session, {.at_ms = at_ms, .actor = "user:" + order.asked.user, .action = std::move(action), .subject = order.transaction(),
                                          .outcome = done ? audit::Outcome::accepted : audit::Outcome::refused,
                                          .reason = done ? "" : "payment.not_done", .detail = std::move(detail)});
}

// Its merchant wants to be told how it ended.
bool StoredBooks::is_noticed(const Order& order) const { return options_.subscribes && options_.subscribes(order.asked.merchant); }

// What belongs to every end of an order: audit, and the merchant's notice, whose number update_order() took.
Status StoredBooks::ended(store::Session& session, const Order& order, bool noticed) const {
  if (options_.trail != nullptr) {
    wire::JsonWriter detail;
    detail.begin_object().member("order", order.asked.order_number).member("amount", format_money(order.asked.amount))
        .member("currency", order.asked.amount.currency).member("merchant", order.asked.merchant).member("front_end", order.front_end)
        .member("state", name_of(order.state)).member("resolved", order.resolved).member("code", order.code).end_object();
    TF_CHECK(audit(session, order, "payment.end", detail.take(), order.state == State::captured, order.changed_ms));
  }
  if (!noticed) return {};
  return insert_notice(session, notice_of(order, TF_TRY(last_event(session, order.number))), order.changed_ms);
}

// --- booking -------------------------------------------------------------------------------------------------------

void StoredBooks::book(Order order, Booked done) {
  struct Held {
    Order order;
    Booking booking;
    Noticed noticed;
  };
  const auto held = std::make_shared<Held>(Held{std::move(order), {}, {}});
  database_.write_async([this, held](store::Session& session) { return book_now(session, held->order, held->booking, held->noticed); },
                        [this, held, done = std::move(done)](Status committed) mutable {
                          if (!committed) return done(std::move(committed).error());
                          told(held->noticed);
                          done(std::move(held->booking));
                        });
}

Status StoredBooks::book_now(store::Session& session, const Order& order, Booking& out, Noticed& noticed) const {
  noticed.any = false;
  out = {.found = false, .order = order};
  if (!TF_TRY(insert_order(session, order))) {
    auto there = TF_TRY(load_order(session, order.asked.user, order.asked.order_number));
    if (!there) return Error{Code::integrity, "payment.no_order", "an order is there and is not"};
    out = {.found = true, .order = std::move(*there)};
    return {};
  }
  out.order.asked.along = {};
  if (order.asked.along) TF_CHECK(order.asked.along(session));
  TF_CHECK(take_limits(session, out.order));
  if (out.order.state == State::sent) return {};
  noticed.any = is_noticed(out.order);
  if (!TF_TRY(update_order(session, out.order, State::sent, noticed.any))) return Error{Code::integrity, "payment.moved", order.transaction()};
  return ended(session, out.order, noticed.any);
}

// Counts the order, or makes it declined: for all limits or for none.
Status StoredBooks::take_limits(store::Session& session, Order& order) const {
  const std::int64_t day = day_of(order.at_ms, options_.limits.utc_offset_minutes);
  const Money& amount = order.asked.amount;
  std::optional<Usage> usages[std::size(kScopes)];
  for (std::size_t i = 0; i < std::size(kScopes); ++i) {
    const Limit* limit = options_.limits.find(kScopes[i], amount.currency);
    if (limit == nullptr) continue;
    usages[i] = TF_TRY(load_usage(session, kScopes[i], who(kScopes[i], order.asked), amount.currency));
    if (auto over = take(*limit, *usages[i], amount.minor, day, order.at_ms)) {
      order.state = State::declined;
      order.code = std::move(*over);
      return {};
    }
  }
  for (std::size_t i = 0; i < std::size(kScopes); ++i)
    if (usages[i]) TF_CHECK(save_usage(session, kScopes[i], who(kScopes[i], order.asked), amount.currency, *usages[i]));
  return {};
}

Status StoredBooks::give_back_limits(store::Session& session, const Order& order) const {
  const std::int64_t day = day_of(order.at_ms, options_.limits.utc_offset_minutes);
  const Money& amount = order.asked.amount;
  for (const Of of : kScopes) {
    if (options_.limits.find(of, amount.currency) == nullptr) continue;
    Usage usage = TF_TRY(load_usage(session, of, who(of, order.asked), amount.currency));
    give_back(usage, amount.minor, day);
    TF_CHECK(save_usage(session, of, who(of, order.asked), amount.currency, usage));
  }
  return {};
}

// --- moving --------------------------------------------------------------------------------------------------------

void StoredBooks::write(const Order& order, State from, Written done) {
  const auto held = std::make_shared<std::pair<Order, Noticed>>(order, Noticed{});
  database_.write_async([this, held, from](store::Session& session) { return write_now(session, held->first, from, held->second); },
                        [this, held, done = std::move(done)](Status committed) mutable {
                          if (committed) told(held->second);
                          done(std::move(committed));
                        });
}

Status StoredBooks::write_now(store::Session& session, const Order& order, State from, Noticed& noticed) const {
  noticed.any = has_ended(order.state) && is_noticed(order);
  if (!TF_TRY(update_order(session, order, from, noticed.any))) {
    noticed.any = false;
    // Written before, when the answer said that it was not?
    const auto there = TF_TRY(load_order(session, order.number));
    if (there && there->state == order.state && there->state != from) return {};
    return Error{Code::conflict, "payment.moved", order.transaction()};
  }
  if (order.asked.along) TF_CHECK(order.asked.along(session));
  if (!has_ended(order.state)) return {};
  if (order.state != State::captured) TF_CHECK(give_back_limits(session, order));
  return ended(session, order, noticed.any);
}

void StoredBooks::contradicted(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, Written done) {
  const std::int64_t now = options_.now_ms ? options_.now_ms() : refund ? refund->changed_ms : order.changed_ms;
  database_.write_async([this, order, refund, said, now](store::Session& session) -> Status {
                          if (!TF_TRY(note_contradiction(session, refund ? refund->number : order.number, said, now))) return {};  // known
                          if (options_.alarm) TF_CHECK(options_.alarm(session, order, refund ? refund->transaction() : order.transaction(), now));
                          wire::JsonWriter detail;
                          detail.begin_object().member("state", refund ? name_of(refund->state) : name_of(order.state)).member("said", said).member("front_end", order.front_end);
                          if (refund) detail.member("refund", refund->refund_number).member("refund_transaction", refund->transaction());
                          return audit(session, order, "payment.contradicted", detail.end_object().take(), false, now);
                        }, std::move(done));
}

// --- refunds -------------------------------------------------------------------------------------------------------

void StoredBooks::book_refund(RefundOrder refund, RefundBooked done) {
  const auto held = std::make_shared<std::pair<RefundOrder, RefundBooking>>(std::move(refund), RefundBooking{});
  database_.write_async([this, held](store::Session& session) { return book_refund_now(session, held->first, held->second); },
                        [held, done = std::move(done)](Status committed) mutable {
                          if (!committed) return done(std::move(committed).error());
                          done(std::move(held->second));
                        });
}

Status StoredBooks::book_refund_now(store::Session& session, const RefundOrder& refund, RefundBooking& out) const {
  auto order = TF_TRY(load_order(session, refund.order));
  if (!order) return Error{Code::not_found, "payment.no_order", transaction_of(refund.order)};
  if (auto there = TF_TRY(load_refund(session, refund.order, refund.refund_number))) {
    out = {.found = true, .refund = std::move(*there), .order = std::move(*order)};
    return {};
  }
  if (order->state != State::captured) return Error{Code::refused, "payment.not_captured", order->transaction()};
  if (order->asked.amount.currency != refund.amount.currency) return Error{Code::refused, "payment.currency", order->asked.amount.currency};
  if (!TF_TRY(reserve_refund(session, refund.order, refund.amount.minor)))
    return Error{Code::refused, "payment.refund_too_much", "refunds are never more than what was captured"};
  if (refund.along) TF_CHECK(refund.along(session));
  out = {.found = false, .refund = refund, .order = std::move(*order)};
  out.refund.along = {};
  out.refund.front_end = out.order.front_end;
  return insert_refund(session, out.refund);
}

void StoredBooks::write_refund(const RefundOrder& refund, Written done) {
  const auto held = std::make_shared<std::pair<RefundOrder, Noticed>>(refund, Noticed{});
  database_.write_async([this, held](store::Session& session) { return write_refund_now(session, held->first, held->second); },
                        [this, held, done = std::move(done)](Status committed) mutable {
                          if (committed) told(held->second);
                          done(std::move(committed));
                        });
}

Status StoredBooks::write_refund_now(store::Session& session, const RefundOrder& refund, Noticed& noticed) const {
  noticed.any = false;
  if (!TF_TRY(update_refund(session, refund))) {
    const auto there = TF_TRY(load_refund(session, refund.number));
    if (there && there->state == refund.state) return {};
    return Error{Code::conflict, "payment.moved", refund.transaction()};
  }
  if (refund.along) TF_CHECK(refund.along(session));
  if (refund.state == RefundState::declined) TF_CHECK(release_refund(session, refund.order, refund.amount.minor));
  const auto order = TF_TRY(load_order(session, refund.order));
  if (!order) return Error{Code::integrity, "payment.no_order", transaction_of(refund.order)};
  if (options_.trail != nullptr) {
    wire::JsonWriter detail;
    detail.begin_object().member("refund", refund.refund_number).member("refund_transaction", refund.transaction())
        .member("amount", format_money(refund.amount)).member("currency", refund.amount.currency).member("front_end", refund.front_end)
        .member("state", name_of(refund.state)).member("code", refund.code).end_object();
    TF_CHECK(audit(session, *order, "payment.refund", detail.take(), refund.state == RefundState::done, refund.changed_ms));
  }
  if (!is_noticed(*order)) return {};
  noticed.any = true;
  return insert_notice(session, notice_of(*order, refund, TF_TRY(next_event(session, order->number))), refund.changed_ms);
}

// --- reading -------------------------------------------------------------------------------------------------------

Result<std::optional<Order>> StoredBooks::find(const std::string& user, const std::string& order_number) {
  std::optional<Order> out;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    out = TF_TRY(load_order(session, user, order_number));
    return {};
  }));
  return out;
}

Result<std::optional<Order>> StoredBooks::find(std::int64_t number) {
  std::optional<Order> out;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    out = TF_TRY(load_order(session, number));
    return {};
  }));
  return out;
}

Result<std::optional<RefundBooking>> StoredBooks::find_refund(std::int64_t order_number, const std::string& refund_number) {
  std::optional<RefundBooking> out;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    auto refund = TF_TRY(load_refund(session, order_number, refund_number));
    if (!refund) return {};
    auto order = TF_TRY(load_order(session, order_number));
    if (!order) return Error{Code::integrity, "payment.no_order", transaction_of(order_number)};
    out = RefundBooking{.found = true, .refund = std::move(*refund), .order = std::move(*order)};
    return {};
  }));
  return out;
}

Result<Opening> StoredBooks::load() {
  Opening out;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    out.last_number = TF_TRY(load_last_number(session));
    out.orders = TF_TRY(load_open_orders(session));
    for (RefundOrder& refund : TF_TRY(load_pending_refunds(session))) {
      auto order = TF_TRY(load_order(session, refund.order));
      if (!order) return Error{Code::integrity, "payment.no_order", transaction_of(refund.order)};
      out.refunds.push_back({.found = true, .refund = std::move(refund), .order = std::move(*order)});
    }
    return {};
  }));
  return out;
}

}  // namespace tf::payment
