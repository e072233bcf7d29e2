// WalletService: pay, query, refund: what a user signed goes into the books, and what the books say is signed for the user.
#include "base/log.hpp"
#include "payment/books/rows.hpp"
#include "platform/wallet/message.hpp"

namespace tf::platform {
namespace {

wallet::Outcome outcome_of(payment::State state) {
  switch (state) {
    case payment::State::captured: return wallet::Outcome::approved;
    case payment::State::declined: return wallet::Outcome::declined;
    case payment::State::reversed: return wallet::Outcome::reversed;
    default: return wallet::Outcome::pending;
  }
}

wallet::Booked booked_of(const payment::Order& order) {
  return {.request = order.asked.content_hash, .transaction = order.transaction(), .outcome = outcome_of(order.state), .amount = order.asked.amount.minor,
          .refunded = order.refunded, .currency = order.asked.amount.currency, .tn = order.state == payment::State::offered ? order.offer : ""};
}

wallet::Booked booked_of(const payment::RefundOrder& refund, const Hash256& request, std::int64_t refunded) {
  const auto outcome = refund.state == payment::RefundState::done       ? wallet::Outcome::refunded
                       : refund.state == payment::RefundState::declined ? wallet::Outcome::declined
                                                                        : wallet::Outcome::pending;
  return {.request = request, .transaction = refund.transaction(), .outcome = outcome, .amount = refund.amount.minor, .refunded = refunded, .currency = refund.amount.currency, .tn = {}};
}

}  // namespace

Result<bool> WalletService::is_active(const std::string& registration) const {
  bool out = false;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    out = TF_TRY(is_active_wallet(session, registration));
    return {};
  }));
  return out;
}

// Of a card that paid before all is known but whether it is still so; that the transaction which books the order asks anyway (check_ground), and the books know
// by themselves an order that they have. So nothing is read ahead. Not for an order that is waited for: its repetition is answered as it stands.
bool WalletService::foresee(Message& message, const wallet::OpenedPay& request, const wallet::Means& means, wallet::PaySnapshot& snapshot) {
  const wallet::Session& session = *message.session;
  if (message.attempt > 1 || means.instrument.empty() || !means.gateway.empty() || under_way_.has(session.registration, request.order) || !check_validity(session.certificate)) return false;
  message.instrument = parts_.instruments.remembered(session.registration, means.instrument);
  if (!message.instrument) return false;
  snapshot.active = true;
  snapshot.certificate = Status();
  snapshot.instrument = wallet::Instrument{.needs_pin = message.instrument->has_pin};
  return true;
}

// A refusal of what was foreseen is decided again on what stands.
Result<wallet::Step> WalletService::pay(Message& message) {
  const auto request = TF_TRY(wallet::open_pay(message.body));
  message.session = sessions_.find(request.session());
  wallet::PaySnapshot snapshot{.policy = settings_.policy, .session = message.session.get(), .booked = {}, .instrument = {}};
  if (message.session) {
    const std::string& registration = message.subject = message.session->registration;
    const wallet::Means means = TF_TRY(wallet::means_of(request, *message.session, ports_));
    snapshot.gateway = parts_.front_ends.takes_phones(means.gateway);
    message.foreseen = foresee(message, request, means, snapshot);
    if (message.foreseen)
      if (auto step = wallet::pay(request, snapshot, ports_)) return step;
    message.foreseen = false;
    snapshot.instrument.reset();
    TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
      message.instrument = TF_TRY(load_instrument(session, registration, means.instrument));
      snapshot.active = TF_TRY(is_active_wallet(session, registration));
      snapshot.certificate = standing_of(message.session->certificate, TF_TRY(ca::find_shown(session, message.session->certificate.serial_hex())));
      if (const auto order = TF_TRY(payment::load_order(session, registration, request.order))) snapshot.booked = booked_of(*order);
      return {};
    }));
    if (message.instrument) snapshot.instrument = wallet::Instrument{.needs_pin = message.instrument->has_pin};
  }
  return wallet::pay(request, snapshot, ports_);
}

// What was foreseen is not so, or what a step stood on changed before it was booked.
bool WalletService::is_decided_again(const Message& message, const Error& error) {
  const std::string_view reason = error.reason;
  return message.attempt < 3 && (reason == "wallet.overtaken" || (message.foreseen && reason == "payment.order_changed"));
}

// The user's signature, the used challenge and the order become durable together, before a front end hears of it.
void WalletService::place(const Pending& message, const std::shared_ptr<wallet::Step>& step) {
  wallet::Order& order = *step->writes.order;
  const InstrumentRow instrument = message->instrument.value_or(InstrumentRow{});  // none: the phone pays at the gateway itself
  payment::OrderRequest request{.user = order.registration, .order_number = order.terms.order, .content_hash = order.request,
                                .amount = {order.terms.amount, order.terms.currency}, .merchant = order.terms.payee, .terminal = settings_.terminal,
                                .subject = order.content, .instrument = instrument.token, .prefix = instrument.prefix, .wallet = instrument.wallet,
                                .gateway = order.terms.gateway, .until_ms = order.expires_ms};
  if (message->instrument && !message->foreseen) parts_.instruments.remember(*message->instrument);
  std::optional<payment::PinBlock> pin;
  if (order.pin_block) {
    const auto& session = *message->session;
    pin = payment::PinBlock{.key = session.pin_key, .spec = pin_key_spec(), .row = wallet::pin_key_row(session.id), .block = Bytes(order.pin_block->begin(), order.pin_block->end())};
  }
  request.along = [ground = PaymentGround{order.registration, message->session->certificate, instrument.token}, write = share(writes_of(step, {}))](store::Session& rows) -> Status {
    TF_CHECK(check_ground(rows, ground));
    return write(rows);
  };
  under_way_.add(order.registration, order.terms.order);
  parts_.payments.place(std::move(request), std::move(pin), [this, message, number = order.terms.order](Result<payment::Order> placed) {
    under_way_.remove(message->subject, number);
    if (!placed && is_decided_again(*message, placed.error())) return proceed(message);
    if (!placed) return refuse(*message, placed.error());
    payments_.add();
    answer(*message, booked_of(*placed), placed->asked.order_number, "");
  });
}

// The phone comes back from the network's gateway: the answer is what the gateway says then, by a step of its own.
void WalletService::ask_gateway(const Pending& message) {
  parts_.payments.brought(message->transaction, *message->brought, [this, message](const Result<payment::Order>& now) {
    now ? proceed(message) : refuse(*message, now.error());
  });
}

void WalletService::answer(Message& message, const wallet::Booked& booked, const std::string& order, const std::string& refund) {
  auto signed_result = wallet::result_of(booked, order, refund, ports_);
  signed_result ? message.reply(std::move(*signed_result)) : refuse(message, signed_result.error());
}

Result<wallet::Step> WalletService::inquire(Message& message, const wallet::OpenedInquiry& request) {
  message.session = sessions_.find(request.session());
  wallet::InquirySnapshot snapshot{.policy = settings_.policy, .session = message.session.get(), .booked = {}, .refund = {}};
  if (message.session) {
    const std::string& registration = message.subject = message.session->registration;
    snapshot.active = TF_TRY(is_active(registration));
    if (const auto order = TF_TRY(parts_.payments.find(registration, request.order))) {
      snapshot.booked = booked_of(*order);
      if (!request.returned().empty() && order->state == payment::State::offered) message.offered = *order;
      message.transaction = order->transaction();
      message.currency = order->asked.amount.currency;
    }
    if (snapshot.booked && !request.refund.empty()) {
      std::optional<Evidence> evidence;
      TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
        evidence = TF_TRY(load_evidence(session, registration, request.order, request.refund));
        return {};
      }));
      const auto refund = TF_TRY(parts_.payments.find_refund(message.transaction, request.refund));
      if (refund && evidence) snapshot.refund = booked_of(*refund, evidence->request, snapshot.booked->refunded);
    }
  }
  return request.purpose == wallet::ChallengePurpose::query ? wallet::query(request, snapshot, ports_) : wallet::refund(request, snapshot, ports_);
}

// What a phone brings back is looked at once the question is proved to be its user's.
Result<wallet::Step> WalletService::query(Message& message) {
  const auto request = TF_TRY(wallet::open_query(message.body));
  message.offered.reset();
  auto step = TF_TRY(inquire(message, request));
  if (message.offered) message.brought = TF_TRY(parts_.front_ends.brought(*message.offered, request.returned()));
  return step;
}
Result<wallet::Step> WalletService::refund(Message& message) { return inquire(message, TF_TRY(wallet::open_refund(message.body))); }

void WalletService::give_back(const Pending& message, const std::shared_ptr<wallet::Step>& step) {
  const wallet::RefundOrder& refund = *step->writes.refund;
  payment::RefundRequest request{.transaction = message->transaction, .refund_number = refund.refund, .amount = {refund.amount, message->currency}};
  request.along = share(writes_of(step, {}));
  parts_.payments.refund(std::move(request), [this, message, step](Result<payment::RefundOrder> done) {
    if (!done) return refuse(*message, done.error());
    const auto order = parts_.payments.find(message->transaction);
    if (!order) return refuse(*message, order.error());
    const wallet::RefundOrder& asked = *step->writes.refund;
    answer(*message, booked_of(*done, asked.request, *order ? (*order)->refunded : 0), asked.order, asked.refund);
  });
}

}  // namespace tf::platform
