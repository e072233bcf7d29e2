#include "protocols/cardsign/refusal.hpp"

#include "wire/json.hpp"

namespace tf::cardsign {
namespace {

struct Published {
  std::string_view exact;
  std::string_view reason;
};
constexpr Published kPublished[] = {
    {"cardsign.session", "session"},
    {"cardsign.step", "session"},
    {"cardsign.card_removed", "session"},
    {"cardsign.superseded", "superseded"},
    {"cardsign.wrong_code", "code"},
    {"cardsign.code_expired", "code"},
    {"cardsign.code_used", "code"},
    {"cardsign.no_card", "card"},
    {"cardsign.not_assigned", "card"},
    {"cardsign.withdrawn", "card"},
    {"cardsign.removed", "card"},
    {"cardsign.other_card", "card"},
    {"cardsign.factory_differs", "card"},
    {"cardsign.channel_differs", "card"},
    {"cardsign.attestation", "card"},
    {"cardsign.request", "card"},
    {"cardsign.secure_channel", "card"},
    {"cardsign.card_status", "card"},
    {"cardsign.container_there", "card"},
    {"cardsign.no_certificate", "certificate"},
    {"cardsign.certificate_unknown", "certificate"},
    {"cardsign.certificate_revoked", "certificate"},
    {"cardsign.certificate_expired", "certificate"},
    {"cardsign.certificate_usage", "certificate"},
    {"cardsign.certificate_of_another", "certificate"},
    {"cardsign.no_payment", "payment"},
    {"cardsign.payment_expired", "payment"},
    {"cardsign.payment_of_another", "payment"},
    {"cardsign.payment_signed", "payment"},
    {"cardsign.order_differs", "payment"},
    {"cardsign.wrong_signature", "signature"},
    {"cardsign.counter", "signature"},
    {"cardsign.card_disagrees", "signature"},
    {"cardsign.pin_blocked", "pin_blocked"},
    {"cardsign.no_instrument", "instrument"},
};

}  // namespace

std::string_view public_reason(const Error& error) {
  for (const Published& published : kPublished)
    if (published.exact == error.reason) return published.reason;
  return "refused";
}

std::string refusal_body(const Error& error) {
  wire::JsonWriter writer;
  writer.begin_object().member("type", "urn:trustferry:problem:refused").member("title", "Refused").member("status", 403);
  return writer.member("code", "refused").member("reason", public_reason(error)).end_object().take();
}

}  // namespace tf::cardsign
