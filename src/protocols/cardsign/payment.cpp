#include "protocols/cardsign/payment.hpp"

#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"

namespace tf::cardsign {
namespace {

namespace shield = apdu::shield;

Result<std::string> sign_jws(std::string_view typ, std::string_view payload, const PlatformPorts& ports) {
  return crypto::jws_sign_es256([&](ByteView data) { return ports.vault.sign_es256(ports.server_key, data); }, typ, payload);
}

// Whose certificate it is: the register's user and card, and nobody else's. The manufacturer did not know the user of a preset one.
Status check_holder(const pki::Certificate& certificate, const CardRow& card) {
  if (!card.preset.empty() && certificate.der() == card.preset) return {};
  if (certificate.common_name() == card.user && certificate.subject_serial_number() == card.serial) return {};
  return Error{Code::refused, "cardsign.certificate_of_another", "the card shows the certificate of " + certificate.subject_text()};
}

// A preset one was verified up to its manufacturer's root when the card's record was imported; it is revoked by withdrawing the card.
Status check_preset(const pki::Certificate& certificate, pki::Usage usage, std::int64_t now_ms) {
  if (!certificate.has_usage(usage)) return Error{Code::refused, "cardsign.certificate_usage", "the preset certificate is not for this"};
  if (now_ms >= certificate.not_before_ms() && now_ms < certificate.not_after_ms()) return {};
  return Error{Code::refused, "cardsign.certificate_expired", "the preset certificate is not valid now"};
}

Status check_order(const PaymentSnapshot& at, std::int64_t now_ms) {
  if (at.is_signed) return Error{Code::refused, "cardsign.payment_signed", "it was paid already"};
  if (now_ms >= at.order.expires_ms) return Error{Code::refused, "cardsign.payment_expired", "its time is over"};
  if (!at.order.user.empty() && at.order.user != at.card.user) return Error{Code::refused, "cardsign.payment_of_another", "another user has to pay it"};
  if (at.instrument.empty()) return Error{Code::refused, "cardsign.no_instrument", "the user has no such card or account, or several and did not say which"};
  return {};
}

}  // namespace

Result<std::string> sign_display(const DisplayClaim& claim, const PlatformPorts& ports) { return sign_jws(typ::display, encode(claim), ports); }
Result<std::string> sign_result(const ResultClaim& claim, const PlatformPorts& ports) { return sign_jws(typ::result, encode(claim), ports); }

Result<PaymentSession> PaymentSession::make(const Policy& policy, PayRequest request) {
  if (request.suite == Suite::classic && !policy.classic) return Error{Code::refused, "cardsign.suite", "this platform takes no signatures of hashes"};
  return PaymentSession(policy.sealed, std::move(request));
}

Result<PaymentSession::Next> PaymentSession::begin() {
  if (std::exchange(state_, State::reading) != State::begun) return out_of_step();
  std::vector<apdu::CommandApdu> commands{shield::select(), shield::get_data(shield::Object::serial), shield::get_data(shield::Object::channel),
                                          shield::set_container(request_.container), shield::read_certificate(slot_)};
  if (!sealed_) commands.push_back(shield::prepare_payment());
  return Next(TF_TRY(line_.send(commands)));
}

Result<PaymentSession::Next> PaymentSession::answered(const std::vector<Bytes>& answers, const PlatformPorts& ports) {
  const State was = std::exchange(state_, State::over);
  switch (was) {
    case State::reading: return read(answers, ports);
    case State::opening:
      state_ = State::authenticating;
      return Next(TF_TRY(line_.authenticate(answers)));
    case State::authenticating:
      TF_CHECK(line_.established(answers));
      return prepare();
    case State::preparing: return show(TF_TRY(line_.receive_all(answers)).back(), ports);
    case State::signing: return check_signature(answers);
    default: return out_of_step();
  }
}

Result<PaymentSession::Next> PaymentSession::read(const std::vector<Bytes>& answers, const PlatformPorts& ports) {
  auto received = TF_TRY(line_.receive(answers));
  constexpr std::size_t kCertificate = 4;
  for (std::size_t i = 0; i < received.size(); ++i) {
    if (received[i].ok()) continue;
    if (i == kCertificate) return Error{Code::refused, "cardsign.no_certificate", "the card has no certificate in this slot: " + describe(received[i].status)};
    return Error{Code::refused, "cardsign.card_status", "the card answers " + describe(received[i].status)};
  }
  serial_ = TF_TRY(shield::read_serial(received[1].data));
  channel_ = std::move(received[2].data);
  const Bytes& shown = received[kCertificate].data;
  auto certificate = ports.parse ? ports.parse(shown) : pki::Certificate::from_der(shown);
  if (!certificate) return Error{Code::refused, "cardsign.no_certificate", "what the card shows is no certificate"};
  certificate_ = std::move(*certificate);
  if (!sealed_) prepared_ = std::move(received.back().data);
  state_ = State::looking;
  return Next(CardWanted{serial_});
}

Result<PaymentSession::Next> PaymentSession::found(PaymentSnapshot snapshot, const CheckCertificate& check, const PlatformPorts& ports) {
  if (std::exchange(state_, State::over) != State::looking) return out_of_step();
  const CardRow& card = snapshot.card;
  const std::int64_t now = ports.clock.now_ms();
  if (card.withdrawn) return Error{Code::refused, "cardsign.withdrawn", "the card was withdrawn"};
  if (card.removed) return removed_from_card();
  if (card.user.empty()) return Error{Code::refused, "cardsign.not_assigned", "the card is nobody's"};
  if (channel_ != card.channel) return Error{Code::refused, "cardsign.channel_differs", "the card shows another channel certificate than its record"};
  TF_CHECK(check_holder(*certificate_, card));
  TF_CHECK(!card.preset.empty() && certificate_->der() == card.preset ? check_preset(*certificate_, usage_of(slot_), now) : check(*certificate_, usage_of(slot_)));
  TF_CHECK(check_order(snapshot, now));
  const Order& order = snapshot.order;
  payment_ = {.domain = ports.platform, .payee = order.merchant, .amount = static_cast<std::uint64_t>(order.amount), .currency = order.currency, .order = order.number,
              .subject = order.subject, .nonce = ports.random.array<32>(), .expires_ms = order.expires_ms};
  structure_ = TF_TRY(payment_.encode());
  at_ = std::move(snapshot);
  if (!sealed_) return show(prepared_, ports);
  state_ = State::opening;
  return Next(TF_TRY(line_.open(at_->keys, ports.random)));
}

Result<PaymentSession::Next> PaymentSession::prepare() {
  state_ = State::preparing;
  std::vector<apdu::CommandApdu> commands;
  // A secure channel may begin with the default container again.
  if (sealed_ && !tries_) commands.push_back(shield::set_container(request_.container));
  commands.push_back(shield::prepare_payment());
  return Next(TF_TRY(line_.send(commands)));
}

// Each nonce is shown once: after a wrong PIN there is another, and another signature of ours.
Result<PaymentSession::Next> PaymentSession::show(const Bytes& prepared, const PlatformPorts& ports) {
  nonce_ = TF_TRY(shield::read_prepared(prepared));
  if (nonce_.counter < at_->card.counter)
    return Error{Code::refused, "cardsign.counter", "the card has signed " + std::to_string(at_->card.counter) + " payments and says " + std::to_string(nonce_.counter)};
  DisplayClaim claim{.platform = ports.platform, .user = at_->card.user, .serial = serial_, .suite = request_.suite, .payment = structure_, .card_nonce = nonce_.nonce,
                     .container = request_.container, .counter = nonce_.counter + 1};
  Display out{.jws = TF_TRY(sign_display(claim, ports)), .channel = {at_->card.channel}, .tries = tries_};
  out.channel.insert(out.channel.end(), at_->card.factory.begin(), at_->card.factory.end());
  state_ = State::showing;
  return Next(std::move(out));
}

Result<PaymentSession::Next> PaymentSession::entered(ByteView pin_envelope) {
  if (std::exchange(state_, State::over) != State::showing) return out_of_step();
  const bool modern = request_.suite == Suite::modern;
  auto next = TF_TRY(line_.send({modern ? shield::sign_payment(structure_, pin_envelope) : shield::sign_hash(crypto::sha256(signed_octets(nonce_.counter + 1)), pin_envelope)}));
  state_ = State::signing;
  return Next(std::move(next));
}

Bytes PaymentSession::signed_octets(std::uint64_t counter) const {
  return request_.suite == Suite::modern ? apdu::signed_payment(serial_, structure_, nonce_.nonce, counter) : apdu::signed_hash(serial_, structure_, nonce_.nonce, counter);
}

Result<PaymentSession::Next> PaymentSession::check_signature(const std::vector<Bytes>& answers) {
  const apdu::ResponseApdu answer = TF_TRY(line_.receive(answers)).front();
  if (const int tries = apdu::tries_of(answer.status); tries >= 0) {
    if (tries == 0) return Error{Code::refused, "cardsign.pin_blocked", "the last try was wrong"};
    tries_ = tries;
    return prepare();
  }
  if (answer.status == apdu::StatusWord::blocked) return Error{Code::refused, "cardsign.pin_blocked", "the card says that its PIN is blocked"};
  if (!answer.ok()) return Error{Code::refused, "cardsign.card_disagrees", "the card does not sign: " + describe(answer.status)};
  shield::SignedPayment made = TF_TRY(shield::read_signed(answer.data));
  if (made.counter != nonce_.counter + 1 || made.counter <= at_->card.counter)
    return Error{Code::refused, "cardsign.counter", "the payment counter of the card did not rise by one"};
  SignedPayment out{.payment = request_.payment, .serial = serial_, .user = at_->card.user, .container = request_.container, .suite = request_.suite, .structure = structure_,
                    .octets = signed_octets(made.counter), .signature = std::move(made.signature), .counter = made.counter, .certificate = certificate_->der(),
                    .instrument = at_->instrument};
  out.digest = digest_ = crypto::sha256(out.octets);
  if (!shield::verify_signature(TF_TRY(certificate_->public_key()), out.octets, out.signature))
    return Error{Code::refused, "cardsign.wrong_signature", "the signature is not this card's over this payment"};
  state_ = State::booking;
  return Next(std::move(out));
}

Result<PaymentSession::Next> PaymentSession::booked(const Booked& order, const PlatformPorts& ports) const {
  if (state_ != State::booking) return out_of_step();
  return Next(Paid{TF_TRY(sign_result({.platform = ports.platform, .user = at_->card.user, .serial = serial_, .digest = digest_, .transaction = order.transaction,
                                       .outcome = order.outcome, .amount = order.amount, .currency = order.currency, .time_ms = ports.clock.now_ms()}, ports))});
}

}  // namespace tf::cardsign
