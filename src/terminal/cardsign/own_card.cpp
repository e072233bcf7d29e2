#include "terminal/cardsign/own_card.hpp"

#include <fmt/format.h>

#include "apdu/pin_envelope.hpp"

namespace tf::terminal {
namespace {

namespace shield = apdu::shield;
using shield::Object;

Status select(CardInReach& card) {
  const auto answer = TF_TRY(apdu::exchange(*card.channel, shield::select()));
  if (answer.ok()) return {};
  return Error{Code::not_found, "cardsign.no_shield", "the card has no shield application: " + apdu::describe(answer.status)};
}

Result<Bytes> object(CardInReach& card, Object which) { return apdu::exchange_ok(*card.channel, shield::get_data(which)); }

Result<std::uint64_t> number(ByteView octets) {
  if (octets.size() != 8) return Error{Code::malformed, "cardsign.answer", "a counter is eight octets"};
  std::uint64_t out = 0;
  for (const std::uint8_t octet : octets) out = out << 8 | octet;
  return out;
}

Result<std::shared_ptr<void>> held(CardInReach& card) {
  if (card.hold) return card.hold();
  return std::shared_ptr<void>();
}

}  // namespace

Result<std::string> read_card_serial(CardInReach& card) {
  const auto guard = TF_TRY(held(card));
  TF_CHECK(select(card));
  return shield::read_serial(TF_TRY(object(card, Object::serial)));
}

Result<CardFacts> read_card(CardInReach& card, std::uint8_t container) {
  const auto guard = TF_TRY(held(card));
  TF_CHECK(select(card));
  CardFacts out{.serial = TF_TRY(shield::read_serial(TF_TRY(object(card, Object::serial)))), .container = container, .containers = {}, .slots = {}};
  for (const std::uint8_t each : TF_TRY(object(card, Object::containers))) out.containers.push_back(each);
  TF_TRY(apdu::exchange_ok(*card.channel, shield::set_container(container)));
  out.tries = TF_TRY(shield::read_tries(TF_TRY(object(card, Object::tries))));
  out.counter = TF_TRY(number(TF_TRY(object(card, Object::counter))));
  out.signs_hashes = TF_TRY(object(card, Object::policy)) == Bytes{0x01};
  for (const shield::Slot slot : cardsign::kSlots) {
    const auto answer = TF_TRY(apdu::exchange(*card.channel, shield::read_certificate(slot)));
    if (!answer.ok()) continue;  // none there
    out.slots.push_back({slot, TF_TRY(pki::Certificate::from_der(answer.data))});
  }
  return out;
}

Result<PinState> read_pin_state(CardInReach& card, std::uint8_t container) {
  const auto guard = TF_TRY(held(card));
  TF_CHECK(select(card));
  std::string serial = TF_TRY(shield::read_serial(TF_TRY(object(card, Object::serial))));
  TF_TRY(apdu::exchange_ok(*card.channel, shield::set_container(container)));
  return PinState{std::move(serial), TF_TRY(shield::read_tries(TF_TRY(object(card, Object::tries))))};
}

Status unblock_card(CardInReach& card, const UnblockOrder& order, const CardsignTrust& trust, std::int64_t now_ms) {
  const auto guard = TF_TRY(held(card));
  TF_CHECK(select(card));
  const std::string serial = TF_TRY(shield::read_serial(TF_TRY(object(card, Object::serial))));
  std::vector<Bytes> chain{TF_TRY(object(card, Object::channel))};
  for (Bytes& one : TF_TRY(shield::read_chain(TF_TRY(object(card, Object::factory))))) chain.push_back(std::move(one));
  const crypto::PublicKey channel = TF_TRY(verify_channel(chain, serial, trust, now_ms));
  TF_TRY(apdu::exchange_ok(*card.channel, shield::set_container(order.container)));
  const auto prepared = TF_TRY(shield::read_prepared(TF_TRY(apdu::exchange_ok(*card.channel, shield::prepare_payment()))));
  const apdu::PinLetter letter{.serial = serial, .container = order.container, .pin = TF_TRY(apdu::pin_block(as_text(order.pin.reveal()))),
                               .bound_to = apdu::unblock_binding(), .nonce = prepared.nonce, .puk = TF_TRY(apdu::pin_block(as_text(order.puk.reveal())))};
  const Bytes envelope = TF_TRY(apdu::seal_pin(letter, channel));
  const auto answer = TF_TRY(apdu::exchange(*card.channel, shield::reset_retry_counter(envelope)));
  if (answer.ok()) return {};
  if (const int tries = apdu::tries_of(answer.status); tries > 0)
    return Error{Code::refused, "cardsign.puk", fmt::format("the PUK is wrong; {} {} left", tries, tries == 1 ? "try is" : "tries are")};
  if (apdu::tries_of(answer.status) == 0 || answer.status == apdu::StatusWord::blocked)
    return Error{Code::refused, "cardsign.puk_blocked", "the PUK is blocked: the card is of no use any more, ask for another"};
  if (answer.status == apdu::StatusWord::wrong_data) return Error{Code::invalid, "cardsign.pin", "the card takes a PIN of 6 to 8 digits and a PUK of 6 to 8 characters"};
  return Error{Code::refused, "apdu.status", "the card refused: " + apdu::describe(answer.status)};
}

}  // namespace tf::terminal
