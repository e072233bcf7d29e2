// CardsignService: what a payment stands on. Certificate, order, card, holder, instrument: read, or remembered (known_payers.hpp).
#include <algorithm>

#include "ca/register.hpp"
#include "platform/cardsign/service.hpp"

namespace tf::platform {
namespace {

// Null when the card is not in the register.
Result<KnownPayerPtr> load_payer(store::Session& rows, const std::string& serial, std::uint8_t container, const std::string& certificate) {
  auto card = TF_TRY(load_card_row(rows, serial, container));
  if (!card) return KnownPayerPtr();
  const auto out = std::make_shared<KnownPayer>();
  out->card = std::move(*card);
  out->counter = out->card.counter;
  if (!out->card.user.empty()) out->instruments = TF_TRY(load_instruments(rows, payer_of(out->card.user)));
  out->issued = TF_TRY(ca::find_shown(rows, certificate));
  return out;
}

Error certificate(const char* reason, std::string why) { return {Code::refused, reason, std::move(why)}; }

}  // namespace

Status CardsignService::check_certificate(const pki::Certificate& shown, pki::Usage usage) const {
  return check_certificate(shown, usage, TF_TRY(ca::find_shown(context_.database, shown.serial_hex())));
}

// Ours, valid, for this, and not revoked: by the register that OCSP answers from.
Status CardsignService::check_certificate(const pki::Certificate& shown, pki::Usage usage, const std::optional<ca::Shown>& record) const {
  const std::int64_t now = context_.clock.now_ms();
  if (!record || record->der != shown.der()) return certificate("cardsign.certificate_unknown", "the platform's authority did not issue it");
  if (record->state != ca::State::issued) return certificate("cardsign.certificate_revoked", "it is " + std::string(name_of(record->state)));
  if (now < shown.not_before_ms() || now >= shown.not_after_ms()) return certificate("cardsign.certificate_expired", "it is not valid now");
  const auto issuer = TF_TRY(parts_.authority.authority(record->authority));
  const auto found = chains_.find(shown, issuer.certificate, usage, now);
  if (!found) return certificate(std::string_view(found.error().reason) == "pki.wrong_usage" ? "cardsign.certificate_usage" : "cardsign.certificate_unknown", describe(found.error()));
  return {};
}

// Before the card is asked for anything. One that a merchant ordered a moment ago is there.
Status CardsignService::check_there(const std::string& payment) const {
  const std::int64_t now = context_.clock.now_ms();
  if (const auto placed = placed_.find(payment); placed && now < placed->order.expires_ms) return {};
  std::optional<PaymentRow> row;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    row = TF_TRY(load_payment(session, payment));
    return {};
  }));
  if (!row) return Error{Code::refused, "cardsign.no_payment", "there is no such payment"};
  if (row->state != "signed" && now >= row->order.expires_ms) return Error{Code::refused, "cardsign.payment_expired", "its time is over"};
  return {};
}

// All that a payment stands on: remembered of a card that paid before, or in one snapshot. Nothing when this card has signed it already.
Result<std::optional<cardsign::PaymentSnapshot>> CardsignService::payment_of(CardSession& session, const std::string& serial, std::optional<PaymentRow>& row) const {
  const auto& machine = std::get<cardsign::PaymentSession>(session.work->machine);
  const cardsign::PayRequest& request = machine.request();
  const std::string shown = machine.certificate().serial_hex();
  CardPayment& paying = session.work->paying = {};
  std::optional<StoredCard> stored;
  cardsign::PaymentSnapshot out;
  row = placed_.find(request.payment);
  if (row && context_.clock.now_ms() >= row->order.expires_ms) row.reset();
  paying.payer = settings_.policy.sealed ? nullptr : register_.payers()->find(shown, serial, request.container);
  if (!row || !paying.payer) {
    TF_CHECK(context_.database.read([&](store::Session& rows) -> Status {
      if (!row) row = TF_TRY(load_payment(rows, request.payment));
      if (paying.payer) return {};
      if (settings_.policy.sealed) stored = TF_TRY(load_card(rows, serial));
      paying.payer = TF_TRY(load_payer(rows, serial, request.container, shown));
      return {};
    }));
  }
  if (!paying.payer) return Error{Code::refused, "cardsign.no_card", "the card is not in the register"};
  if (!row) return Error{Code::refused, "cardsign.no_payment", "there is no such payment"};
  const KnownPayer& payer = *paying.payer;
  session.serial = serial;
  session.user = payer.card.user;
  if (row->state == "signed" && row->serial == serial && !payer.card.withdrawn && !payer.card.removed) return std::optional<cardsign::PaymentSnapshot>();
  if (row->state == "expired") return Error{Code::refused, "cardsign.payment_expired", "its time is over"};
  for (const InstrumentRow& each : payer.instruments) {
    if (request.instrument.empty() ? payer.instruments.size() != 1 : each.token != request.instrument) continue;
    out.instrument = each.token;
    paying.instrument = &each;
  }
  paying.order = row->order;
  if (stored) out.keys = TF_TRY(register_.scp03_keys(*stored));
  out.card = payer.card;
  out.card.counter = payer.counter;
  out.order = row->order;
  out.is_signed = row->state == "signed";
  return std::optional(std::move(out));
}

// What a payment stood on serves the next, unless it was refused, or the card is one whose next session has more to read.
void CardsignService::note_payer(const CardSession& session, const cardsign::SignedPayment& it, bool booked) {
  const std::string shown = std::get<cardsign::PaymentSession>(session.work->machine).certificate().serial_hex();
  const KnownPayerPtr& payer = session.work->paying.payer;
  if (!booked) return register_.payers()->forget(shown);
  if (settings_.policy.sealed || !payer->card.preset.empty()) return;
  payer->counter = std::max(payer->counter.load(), it.counter);
  register_.payers()->keep(shown, payer);
}

}  // namespace tf::platform
