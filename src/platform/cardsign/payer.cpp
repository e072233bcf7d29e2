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
  out->certificate = certificate;
  out->issued = TF_TRY(ca::find_shown(rows, certificate));
  return out;
}

// Nothing else is to be read or done before its payment.
bool plain(const cardsign::CardRow& card) { return !card.user.empty() && !card.withdrawn && !card.removed && card.removals.empty() && card.preset.empty(); }

// The one that was named, or the only one; null: none fits.
const InstrumentRow* chosen(const std::vector<InstrumentRow>& all, const std::string& token) {
  if (token.empty()) return all.size() == 1 ? &all.front() : nullptr;
  const auto found = std::ranges::find(all, token, &InstrumentRow::token);
  return found == all.end() ? nullptr : &*found;
}

Error unfit(const char* reason, std::string why) { return {Code::refused, reason, std::move(why)}; }

}  // namespace

Status CardsignService::check_certificate(const pki::Certificate& shown, pki::Usage usage) const {
  return check_certificate(shown, usage, TF_TRY(ca::find_shown(context_.database, shown.serial_hex())));
}

// Ours, valid, for this, and not revoked: by the register that OCSP answers from.
Status CardsignService::check_certificate(const pki::Certificate& shown, pki::Usage usage, const std::optional<ca::Shown>& record) const {
  const std::int64_t now = context_.clock.now_ms();
  if (!record || record->der != shown.der()) return unfit("cardsign.certificate_unknown", "the platform's authority did not issue it");
  if (record->state != ca::State::issued) return unfit("cardsign.certificate_revoked", "it is " + std::string(name_of(record->state)));
  if (now < shown.not_before_ms() || now >= shown.not_after_ms()) return unfit("cardsign.certificate_expired", "it is not valid now");
  const auto issuer = TF_TRY(parts_.authority.authority(record->authority));
  const auto found = chains_.find(shown, issuer.certificate, usage, now);
  if (!found) return unfit(std::string_view(found.error().reason) == "pki.wrong_usage" ? "cardsign.certificate_usage" : "cardsign.certificate_unknown", describe(found.error()));
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

// Of an order that is open, remembered where its card paid before and the remembered instruments fit; else all of it is read in one snapshot.
Result<KnownPayerPtr> CardsignService::payer_for(const CardSession& session, const std::string& serial, std::optional<PaymentRow>& row, std::optional<StoredCard>& stored) const {
  const auto& machine = std::get<cardsign::PaymentSession>(session.work->machine);
  const cardsign::PayRequest& request = machine.request();
  const std::string certificate = machine.certificate().serial_hex();
  KnownPayers& known = *register_.payers();
  row = placed_.find(request.payment);
  if (row && context_.clock.now_ms() >= row->order.expires_ms) row.reset();
  if (row && !settings_.policy.sealed)
    if (auto payer = known.take(serial, request.container, certificate); payer && chosen(payer->instruments, request.instrument) != nullptr) return payer;
  const std::uint64_t mark = known.mark();
  KnownPayerPtr payer;
  TF_CHECK(context_.database.read([&](store::Session& rows) -> Status {
    if (!row) row = TF_TRY(load_payment(rows, request.payment));
    if (settings_.policy.sealed) stored = TF_TRY(load_card(rows, serial));
    payer = TF_TRY(load_payer(rows, serial, request.container, certificate));
    return {};
  }));
  if (payer && plain(payer->card) && !settings_.policy.sealed) known.keep(payer, mark);
  return payer;
}

// All that a payment stands on. Nothing when this card has signed it already.
Result<std::optional<cardsign::PaymentSnapshot>> CardsignService::payment_of(CardSession& session, const std::string& serial, std::optional<PaymentRow>& row) const {
  const cardsign::PayRequest& request = std::get<cardsign::PaymentSession>(session.work->machine).request();
  CardPayment& paying = session.work->paying;
  std::optional<StoredCard> stored;
  paying.payer = TF_TRY(payer_for(session, serial, row, stored));
  paying.instrument = nullptr;
  if (!paying.payer) return Error{Code::refused, "cardsign.no_card", "the card is not in the register"};
  if (!row) return Error{Code::refused, "cardsign.no_payment", "there is no such payment"};
  const KnownPayer& payer = *paying.payer;
  session.serial = serial;
  session.user = payer.card.user;
  if (row->state == "signed" && row->serial == serial && !payer.card.withdrawn && !payer.card.removed) return std::optional<cardsign::PaymentSnapshot>();
  if (row->state == "expired") return Error{Code::refused, "cardsign.payment_expired", "its time is over"};
  paying.instrument = chosen(payer.instruments, request.instrument);
  paying.order = row->order;
  cardsign::PaymentSnapshot out{.card = payer.card, .order = row->order, .is_signed = row->state == "signed", .instrument = paying.instrument != nullptr ? paying.instrument->token : ""};
  out.card.counter = payer.counter;
  if (stored) out.keys = TF_TRY(register_.scp03_keys(*stored));
  return std::optional(std::move(out));
}

}  // namespace tf::platform
