// CardsignService: steps 601–608, and who a card is in TLS.
#include "net/problem.hpp"
#include "platform/cardsign/service.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

cardsign::Outcome card_outcome_of(payment::State state) {
  switch (state) {
    case payment::State::captured: return cardsign::Outcome::approved;
    case payment::State::declined: return cardsign::Outcome::declined;
    case payment::State::reversed: return cardsign::Outcome::reversed;
    default: return cardsign::Outcome::pending;
  }
}

// Merchants number their orders by themselves: two of them may use the same number for one user.
std::string number_in_books(const cardsign::Order& order) { return order.merchant + "/" + order.number; }

}  // namespace

void CardsignService::pay(const std::string& body, Reply reply) {
  const auto request = cardsign::decode_pay_request(body);
  if (!request) return refuse("cardsign.pay", "", request.error(), reply);
  auto machine = cardsign::PaymentSession::make(settings_.policy, *request);
  if (!machine) return refuse("cardsign.pay", request->payment, machine.error(), reply);
  if (const Status there = check_there(request->payment); !there) return refuse("cardsign.pay", request->payment, there.error(), reply);
  auto session = begin_session();
  if (!session) return refuse("cardsign.pay", request->payment, session.error(), reply);
  CardSession& it = **session;
  it.payment = request->payment;
  it.waiting.push_back(std::move(reply));
  proceed(*session, it.work->machine.emplace<cardsign::PaymentSession>(std::move(*machine)).begin());
}

void CardsignService::proceed(const CardSessionPtr& session, Result<cardsign::PaymentSession::Next> next) {
  if (!next) return refuse(session, next.error());
  if (auto* commands = std::get_if<cardsign::Commands>(&*next)) return answer(session, std::move(*commands));
  if (auto* display = std::get_if<cardsign::Display>(&*next)) return answer(session, std::move(*display));
  if (auto* paid = std::get_if<cardsign::Paid>(&*next)) return answer(session, cardsign::Done(std::move(*paid)));
  if (auto* signature = std::get_if<cardsign::SignedPayment>(&*next)) return book(session, std::move(*signature));
  auto& machine = std::get<cardsign::PaymentSession>(session->work->machine);
  std::optional<PaymentRow> row;
  auto snapshot = payment_of(*session, std::get<cardsign::CardWanted>(*next).serial, row);
  if (!snapshot) return refuse(session, snapshot.error());
  sessions_.take(session->serial, session);
  if (*snapshot && !(**snapshot).card.removals.empty()) return remove_before_paying(session, (**snapshot).card);
  if (!*snapshot) {
    // Signed by this card: its terminal lost the answer.
    auto again = result_again(*row);
    return again ? answer(session, cardsign::Done(cardsign::Paid{std::move(*again)})) : refuse(session, again.error());
  }
  proceed(session, machine.found(std::move(**snapshot), [&](const pki::Certificate& shown, pki::Usage usage) -> Status {
    TF_CHECK(check_certificate(shown, usage, session->work->paying.payer->issued));
    certificates_.keep(shown);
    return {};
  }, ports_));
}

// What was read of the card before is read again after it: it has no secure channel open then. The person whose container goes is refused at once, whatever
// becomes of the rest.
void CardsignService::remove_before_paying(const CardSessionPtr& session, const cardsign::CardRow& card) {
  const bool own = card.removed;
  if (own) note_refusal(*session, cardsign::removed_from_card());
  const cardsign::PayRequest request = std::get<cardsign::PaymentSession>(session->work->machine).request();
  remove_first(session, card.removals, [this, own, request](const CardSessionPtr& it) {
    if (own) return conclude(it, cardsign::removed_from_card(), true);
    auto machine = cardsign::PaymentSession::make(settings_.policy, request);
    if (!machine) return refuse(it, machine.error());
    proceed(it, it->work->machine.emplace<cardsign::PaymentSession>(std::move(*machine)).begin());
  });
}

// Signature, counter, state and order become durable together, the status of certificate, card and instrument being asked for in the same transaction;
// only then does a front end hear of it.
void CardsignService::book(const CardSessionPtr& session, cardsign::SignedPayment signed_payment) {
  const auto& machine = std::get<cardsign::PaymentSession>(session->work->machine);
  const CardPayment& paying = session->work->paying;
  if (paying.instrument == nullptr || paying.instrument->token != signed_payment.instrument) return refuse(session, {Code::internal, "cardsign.no_instrument", "signed for another instrument"});
  const cardsign::CardRow& card = paying.payer->card;
  const bool preset = !card.preset.empty() && card.preset == signed_payment.certificate;
  const std::string certificate_serial = preset ? std::string() : machine.certificate().serial_hex();
  parts_.instruments.remember(*paying.instrument);
  const auto held = std::make_shared<const cardsign::SignedPayment>(std::move(signed_payment));
  payment::OrderRequest request{.user = payer_of(held->user), .order_number = number_in_books(paying.order), .content_hash = held->digest,
                                .amount = {paying.order.amount, paying.order.currency}, .merchant = paying.order.merchant, .terminal = settings_.terminal,
                                .subject = paying.order.subject, .instrument = held->instrument, .prefix = paying.instrument->prefix, .wallet = paying.instrument->wallet};
  const auto has_instrument = machine.request().instrument.empty() ? is_only_instrument : is_open_instrument;
  request.along = [this, held, certificate_serial, has_instrument, now = context_.clock.now_ms()](store::Session& rows) -> Status {
    TF_CHECK(sign_order(rows, *held, certificate_serial, now));
    if (!TF_TRY(has_instrument(rows, payer_of(held->user), held->instrument))) return Error{Code::refused, "cardsign.no_instrument", "it went meanwhile, or is not the only one any more"};
    wire::JsonWriter detail;
    detail.begin_object().member("payment", held->payment).member("user", held->user).member("suite", name_of(held->suite)).member("counter", static_cast<std::int64_t>(held->counter)).end_object();
    return context_.trail.append(rows, {.at_ms = now, .actor = "card:" + held->serial, .action = "cardsign.pay", .subject = held->serial, .outcome = audit::Outcome::accepted,
                                        .reason = "", .detail = detail.take()});
  };
  placed_.forget(held->payment);
  parts_.payments.place(std::move(request), std::nullopt, [this, session, held](Result<payment::Order> placed) {
    placed_.forget(held->payment);  // its merchant may have asked again meanwhile
    if (!placed && std::string_view(placed.error().reason) == "payment.order_changed") placed = Error{Code::refused, "cardsign.payment_signed", "it was paid meanwhile"};
    if (!placed) return refuse(session, placed.error());
    KnownPayers::booked(*session->work->paying.payer, held->counter);
    payments_.add();
    proceed(session, std::get<cardsign::PaymentSession>(session->work->machine).booked({placed->transaction(), card_outcome_of(placed->state), placed->asked.amount.minor, placed->asked.amount.currency}, ports_));
  });
}

Result<std::string> CardsignService::result_again(const PaymentRow& row) const {
  const auto order = TF_TRY(parts_.payments.find(payer_of(row.signed_by), number_in_books(row.order)));
  if (!order) return Error{Code::integrity, "cardsign.no_order", "a signed payment is not in the books"};
  return cardsign::sign_result({.platform = ports_.platform, .user = row.signed_by, .serial = row.serial, .digest = row.digest, .transaction = order->transaction(),
                                .outcome = card_outcome_of(order->state), .amount = order->asked.amount.minor, .currency = order->asked.amount.currency,
                                .time_ms = context_.clock.now_ms()}, ports_);
}

Result<std::string> CardsignService::account(const std::optional<Bytes>& client_certificate) const {
  if (!client_certificate) return Error{Code::denied, net::kNoCredentials, "this needs the certificate of a card"};
  const auto shown = TF_TRY(pki::Certificate::from_der(*client_certificate));
  TF_CHECK(check_certificate(shown, pki::Usage::tls_client));
  std::vector<Holder> holders;
  std::optional<StoredCard> card;
  TF_CHECK(context_.database.read([&](store::Session& rows) -> Status {
    card = TF_TRY(load_card(rows, shown.subject_serial_number()));
    holders = TF_TRY(load_holders(rows, shown.subject_serial_number()));
    return {};
  }));
  const bool holds = card && !card->withdrawn && std::ranges::any_of(holders, [&](const Holder& it) { return it.user == shown.common_name(); });
  if (!holds) return Error{Code::refused, "cardsign.certificate_of_another", "the card is not this user's"};
  wire::JsonWriter writer;
  writer.begin_object().member("user", shown.common_name()).member("serial", shown.subject_serial_number()).member("ends", shown.not_after_ms()).key("instruments").begin_array();
  for (const InstrumentRow& each : TF_TRY(parts_.instruments.list(payer_of(shown.common_name()))))
    writer.begin_object().member("token", each.token).member("masked", each.masked).member("wallet", each.wallet).end_object();
  return writer.end_array().end_object().take();
}

}  // namespace tf::platform
