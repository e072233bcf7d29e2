#include "platform/cardsign/service.hpp"

#include <algorithm>

#include "base/durations.hpp"
#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "platform/cardsign/profiles.hpp"
#include "protocols/cardsign/refusal.hpp"
#include "protocols/cardsign/routes.hpp"
#include "protocols/common/identifier.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

// What does not happen to an honest card and its terminal.
constexpr std::string_view kAlarming[] = {"cardsign.wrong_signature",   "cardsign.counter",         "cardsign.attestation",           "cardsign.request",
                                          "cardsign.factory_differs",   "cardsign.channel_differs", "cardsign.certificate_of_another", "cardsign.certificate_unknown",
                                          "cardsign.other_card",        "cardsign.secure_channel",  "cardsign.card_disagrees",        "cardsign.ota_proof"};

}  // namespace

CardsignService::CardsignService(Context& context, audit::RefusalSampler& sampler, CardsignSettings settings, CardsignParts parts, std::unique_ptr<CardsignKeys> keys,
                                 std::vector<pki::Certificate> anchors)
    : context_(context), refusals_(context.database, context.trail, context.clock, sampler), settings_(std::move(settings)), parts_(parts), keys_(std::move(keys)),
      chains_(std::move(anchors)), register_(context, parts.authority, settings_.policy), sessions_(context.clock, settings_.sessions),
      ports_{.clock = context.clock, .random = context.random, .vault = context.vault, .platform = settings_.name, .server_key = cardsign_key::server,
             .parse = [this](ByteView der) { return certificates_.parse(der); }},
      begun_(context.metrics.counter("trustferry_cardsign_sessions_total", "Sessions with cards")),
      enrolled_(context.metrics.counter("trustferry_cardsign_enrolments_total", "Cards that took their last certificate")),
      payments_(context.metrics.counter("trustferry_cardsign_payments_total", "Payments signed by a card")),
      updates_(context.metrics.counter("trustferry_cardsign_updates_total", "Certificates renewed over the air")),
      packets_(context.metrics.counter("trustferry_cardsign_packets_total", "Secured packets handed to the mobile network")),
      refused_(context.metrics.counter("trustferry_cardsign_refusals_total", "Messages refused")),
      alarms_(context.metrics.counter("trustferry_cardsign_alarms_total", "What should not happen to an honest card")) {
  parts_.authority.on_standing_changed([payers = register_.payers()](const std::string&, const std::string& serial_hex) { payers->forget_certificate(serial_hex); });
  parts_.instruments.on_change([payers = register_.payers()](const std::string& registration) { payers->forget_payer(registration); });
}

Result<std::unique_ptr<CardsignService>> CardsignService::make(Context& context, audit::RefusalSampler& sampler, CardsignSettings settings, CardsignParts parts) {
  TF_CHECK(check_cardsign_profiles(parts.authority.profiles(), settings.policy));  // before a card is asked for anything
  auto keys = TF_TRY(CardsignKeys::open(context, parts.authority, settings.name));
  const OwnCertificate root = TF_TRY(context.certificates.current(kind::root));
  return std::unique_ptr<CardsignService>(new CardsignService(context, sampler, std::move(settings), parts, std::move(keys), {root.certificate}));
}

// Twice: what a proof lets go is written behind it.
CardsignService::~CardsignService() {
  refusals_.drain();
  refusals_.drain();
}

Status CardsignService::keep_house() {
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    for (const std::string& serial : TF_TRY(load_cards_to_remove_from(session))) register_.payers()->forget_card(serial);  // another process may have been told
    return {};
  }));
  TF_CHECK(keys_->renew());
  return context_.database.write([&](store::Session& session) -> Status { return TF_TRY(expire_orders(session, context_.clock.now_ms())), Status(); });
}

void CardsignService::handle(const std::string& route, const wire::HttpRequest& request, Reply reply) {
  if (route == "enrol") return enrol(request.body, std::move(reply));
  if (route == "pay") return pay(request.body, std::move(reply));
  if (route == "update") return update(request.body, std::move(reply));
  if (route == "proof") return prove(request.body, std::move(reply));
  if (route == "orders") return order(request, std::move(reply));
  relay(request.body, std::move(reply));
}

// --- merchants ------------------------------------------------------------------------------------------------------

namespace {

Status check_merchant(const payment::Merchants& merchants, const cardsign::OrderRequest& order, const wire::HttpRequest& request) {
  const Error wrong{Code::refused, "cardsign.merchant_signature", "not signed with the merchant's secret"};
  const auto header = std::ranges::find(request.headers, cardsign::kSignatureHeader, &std::pair<std::string, std::string>::first);
  if (header == request.headers.end()) return wrong;
  const auto mac = merchants.sign(order.merchant, as_bytes(request.body));
  const auto given = wire::from_hex(header->second);
  if (!mac || !given || !equal_in_constant_time(mac->reveal(), *given)) return wrong;
  return {};
}

}  // namespace

void CardsignService::order(const wire::HttpRequest& request, Reply reply) {
  const auto asked = cardsign::decode_order_request(request.body);
  if (!asked) return refuse("cardsign.orders", "", asked.error(), reply);
  if (const Status known = check_merchant(parts_.merchants, *asked, request); !known) return refuse("cardsign.orders", asked->merchant, known.error(), reply);
  const std::int64_t now = context_.clock.now_ms();
  if (asked->expires_ms <= now || asked->expires_ms > now + settings_.order_hours * kHourMs)
    return refuse("cardsign.orders", asked->merchant, {Code::refused, "cardsign.order_expiry", "an order ends in the future, and not too far in it"}, reply);
  struct Held {
    cardsign::Order order;
    PaymentRow row;
  };
  const auto held = std::make_shared<Held>(Held{{.payment = protocols::new_id(context_.random), .merchant = asked->merchant, .number = asked->order, .amount = asked->amount,
                                                 .currency = asked->currency, .subject = asked->subject, .user = asked->user, .expires_ms = asked->expires_ms}, {}});
  context_.database.write_async(
      [this, held, now](store::Session& session) -> Status {
        held->row = TF_TRY(place_order(session, held->order, now));
        if (held->row.order.payment != held->order.payment) return {};  // it was there
        return context_.trail.append(session, {.at_ms = now, .actor = "merchant:" + held->order.merchant, .action = "cardsign.order", .subject = held->order.payment,
                                               .outcome = audit::Outcome::accepted, .reason = "", .detail = "{}"});
      },
      [this, held, reply = std::move(reply)](const Status& written) mutable {
        if (!written) return refuse("cardsign.orders", held->order.merchant, written.error(), reply);
        cardsign::Order asked_for = held->order;
        asked_for.payment = held->row.order.payment;
        if (asked_for != held->row.order)
          return refuse("cardsign.orders", held->order.merchant, {Code::refused, "cardsign.order_differs", "the number was used for another order"}, reply);
        if (held->row.state == "open") placed_.keep(held->row.order.payment, held->row);
        reply(encode(cardsign::OrderReply{held->row.order.payment, settings_.page + held->row.order.payment}));
      });
}

// --- sessions -------------------------------------------------------------------------------------------------------

Result<CardSessionPtr> CardsignService::begin_session() {
  auto session = std::make_shared<CardSession>(protocols::new_id(context_.random));
  session->ends_ms = context_.clock.now_ms() + cardsign::kSessionMs;
  TF_CHECK(sessions_.put(session));
  begun_.add();
  return session;
}

void CardsignService::relay(const std::string& body, Reply reply) {
  const auto request = cardsign::decode_relay_request(body);
  if (!request) return refuse("cardsign.relay", "", request.error(), reply);
  const CardSessionPtr session = sessions_.find(request->session);
  if (!session) return refuse("cardsign.relay", "", {Code::refused, "cardsign.session", "there is no such session, or it has ended"}, reply);
  const Hash256 hash = crypto::sha256(as_bytes(body));
  {
    std::unique_lock lock(session->mutex);
    if (session->request == hash) {
      if (!session->reply) return session->waiting.push_back(std::move(reply));
      auto again = *session->reply;
      lock.unlock();
      return reply(std::move(again));
    }
    const char* wrong = session->superseded ? "cardsign.superseded" : session->over ? "cardsign.session" : request->step != session->step || !session->reply ? "cardsign.step" : nullptr;
    if (wrong != nullptr) {
      lock.unlock();
      return refuse("cardsign.relay", session->serial, {Code::refused, wrong, "not what this session waits for"}, reply);
    }
    session->request = hash;
    session->reply.reset();
    session->waiting.push_back(std::move(reply));
  }
  if (request->removed) return refuse(session, {Code::refused, "cardsign.card_removed", "the card was pulled out, or the person gave up"});
  advance(session, *request);
}

void CardsignService::advance(const CardSessionPtr& session, const cardsign::RelayRequest& request) {
  if (session->work->removal && request.pin_envelope.empty()) return proceed(session, session->work->removal->answered(request.answers, ports_));
  if (auto* enrolment = std::get_if<cardsign::EnrolmentSession>(&session->work->machine)) return proceed(session, enrolment->answered(request.answers, ports_));
  if (auto* payment = std::get_if<cardsign::PaymentSession>(&session->work->machine)) {
    const bool shown = payment->asks_for_pin();
    if (shown != !request.pin_envelope.empty() || (shown && !request.answers.empty()))
      return refuse(session, {Code::refused, "cardsign.answers", "a PIN envelope where none was asked for, or none where one was"});
    return proceed(session, shown ? payment->entered(request.pin_envelope) : payment->answered(request.answers, ports_));
  }
  updated(session, request.answers);
}

void CardsignService::answer(const CardSessionPtr& session, std::variant<cardsign::Commands, cardsign::Display, cardsign::Done> next) {
  const bool done = std::holds_alternative<cardsign::Done>(next);
  cardsign::SessionReply reply{.session = session->id, .step = session->step + 1, .next = std::move(next)};
  conclude(session, encode(reply), done);
}

// Whoever waits for this answer gets it; the machine is another message's from here on.
void CardsignService::conclude(const CardSessionPtr& session, Result<std::string> reply, bool over) {
  std::vector<Reply> waiting;
  if (over) session->work.reset();
  {
    const std::lock_guard lock(session->mutex);
    session->over = over;
    ++session->step;
    session->ends_ms = context_.clock.now_ms() + cardsign::kSessionMs;
    session->reply = reply;
    waiting.swap(session->waiting);
  }
  for (Reply& each : waiting) each(reply);
}

void CardsignService::refuse(const CardSessionPtr& session, const Error& error) {
  note_refusal(*session, error);
  conclude(session, error, true);
}

void CardsignService::note_refusal(const CardSession& session, const Error& error) {
  refused_.add();
  refusals_.record({"cardsign.session", session.serial, error}, alarm_of(error, session.serial, session.user, session.payment));
}

void CardsignService::refuse(const std::string& action, const std::string& subject, const Error& error, Reply& reply) {
  refused_.add();
  refusals_.record({action, subject, error});
  reply(error);
}

store::WriteFn CardsignService::alarm_of(const Error& error, std::string serial, std::string user, std::string payment) {
  if (std::ranges::find(kAlarming, std::string_view(error.reason)) == std::end(kAlarming)) return {};
  alarms_.add();
  const std::string_view kind = std::string_view(error.reason).substr(std::string_view("cardsign.").size());
  return [id = protocols::new_id(context_.random), kind, serial = std::move(serial), user = std::move(user), payment = std::move(payment), now = context_.clock.now_ms()](store::Session& session) {
    return raise_cardsign_alarm(session, id, kind, serial, user, payment, now);
  };
}

}  // namespace tf::platform
