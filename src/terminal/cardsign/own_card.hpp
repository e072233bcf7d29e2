// What a terminal does with a card by itself, without a platform: reading what is public, and unblocking a PIN by the PUK. Both secrets go to
// the card sealed to its certified channel key, as for a payment (docs/protocols/cardsign.md).
#pragma once
#include <string>
#include <vector>

#include "apdu/shield.hpp"
#include "terminal/cardsign/display.hpp"
#include "terminal/cardsign/relay.hpp"

namespace tf::terminal {

struct CardFacts {
  std::string serial;
  std::uint8_t container = 0;            // the one that was looked at
  std::vector<std::uint8_t> containers;  // all of them
  apdu::shield::Tries tries{};
  std::uint64_t counter = 0;             // payments signed
  bool signs_hashes = false;             // suite classic
  struct Slot {
    apdu::shield::Slot slot;
    pki::Certificate certificate;
  };
  std::vector<Slot> slots;               // those with a certificate
};

// Code::not_found "cardsign.no_shield": a card, but none of ours. Code::refused "apdu.status".
Result<std::string> read_card_serial(CardInReach& card);
Result<CardFacts> read_card(CardInReach& card, std::uint8_t container);

struct PinState {
  std::string serial;
  apdu::shield::Tries tries{};  // of PIN and PUK of the container
};
Result<PinState> read_pin_state(CardInReach& card, std::uint8_t container);

struct UnblockOrder {
  std::uint8_t container = 0;
  SecretBytes puk, pin;  // pin: the new one
};
// Code::refused "cardsign.puk" (tries left in the detail), "cardsign.puk_blocked", "cardsign.channel"; Code::invalid "cardsign.pin".
Status unblock_card(CardInReach& card, const UnblockOrder& order, const CardsignTrust& trust, std::int64_t now_ms);

}  // namespace tf::terminal
