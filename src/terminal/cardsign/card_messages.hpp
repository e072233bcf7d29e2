// Short messages for the card, as the terminal's modem tells them: each goes to the card by ENVELOPE as it came (SMS-PP download, apdu/sms_download.hpp). What the card
// answers to the last part of a packet is its proof of receipt, which goes back in the delivery report or by the platform's route "proof"
// (docs/protocols/cardsign.md, Renewal over the air).
#pragma once
#include "apdu/sms_download.hpp"
#include "terminal/cardsign/relay.hpp"

namespace tf::terminal {

struct HandedOver {
  bool for_card = false;  // else it is for people, and the card has not seen it
  Bytes proof = {};       // response packet; empty: more parts are to come
  Bytes report = {};      // the SMS-DELIVER-REPORT with it; empty where it is too long for one, or there is none
};

// The parts that a card has are lost with its power, and with its channel here.
class CardMessages {
 public:
  explicit CardMessages(CardInReach& card) : card_(card) {}
  ~CardMessages();
  CardMessages(const CardMessages&) = delete;
  CardMessages& operator=(const CardMessages&) = delete;

  // pdu: service centre's address and SMS-DELIVER, as TS 27.005 has them. Code::malformed "ota.message"; Code::not_found "cardsign.no_ota" for a card that takes
  // nothing over the air; Code::refused "cardsign.message_refused" with the card's status; errors of the card's way.
  Result<HandedOver> take(ByteView pdu);

 private:
  Result<Bytes> envelope(const apdu::CommandApdu& command);
  CardInReach& card_;
  std::optional<std::uint8_t> channel_{};  // with the USIM selected, or where there is none the shield
};

}  // namespace tf::terminal
