#include "terminal/cardsign/card_messages.hpp"

#include "apdu/shield.hpp"

namespace tf::terminal {
namespace {

// TS 31.102, TS 101 220: as much of the name as all USIMs have.
constexpr std::array<std::uint8_t, 7> kUsim = {0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};

Result<std::uint8_t> open_for_messages(apdu::Channel& card) {
  auto channel = apdu::open_channel(card, kUsim);
  if (!channel && channel.error().code == Code::not_found) channel = apdu::open_channel(card, apdu::shield::kAid);
  if (!channel && channel.error().code == Code::not_found) return Error{Code::not_found, "cardsign.no_ota", "the card has neither a USIM nor the shield"};
  return channel;
}

}  // namespace

CardMessages::~CardMessages() {
  if (channel_) apdu::close_channel(*card_.channel, *channel_);
}

// A card that was reset meanwhile has no such channel any more (6881): one more, once.
Result<Bytes> CardMessages::envelope(const apdu::CommandApdu& command) {
  for (int attempt = 0;; ++attempt) {
    if (!channel_) channel_ = TF_TRY(open_for_messages(*card_.channel));
    apdu::CommandApdu ours = command;
    ours.cla = static_cast<std::uint8_t>(ours.cla | *channel_);
    const auto answer = TF_TRY(apdu::exchange(*card_.channel, ours));
    if (answer.ok()) return answer.data;
    if (answer.status != apdu::StatusWord::channel_not_supported || attempt == 1) return Error{Code::refused, "cardsign.message_refused", "the card answers " + apdu::describe(answer.status)};
    channel_.reset();
  }
}

Result<HandedOver> CardMessages::take(ByteView pdu) {
  const auto command = TF_TRY(apdu::ota::hand_over_received(pdu));
  if (!command) return HandedOver{};
  std::shared_ptr<void> held;
  if (card_.hold) held = TF_TRY(card_.hold());
  HandedOver out{.for_card = true, .proof = TF_TRY(envelope(*command))};
  if (auto report = apdu::ota::deliver_report(out.proof)) out.report = std::move(*report);
  return out;
}

}  // namespace tf::terminal
