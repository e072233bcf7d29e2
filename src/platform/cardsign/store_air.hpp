// Rows of renewal by short messages: the numbers of cards, and the packet that is under way to each. Statements run in the caller's transaction.
#pragma once
#include "platform/cardsign/store.hpp"

namespace tf::platform {

// Where a card's messages go: E.164 digits, "" for nowhere. What is under way begins anew. Code::not_found "cardsign.no_card"; Code::conflict "cardsign.number_taken", "cardsign.withdrawn".
Status put_number(store::Session& session, const std::string& serial, const std::string& number, std::int64_t now_ms);
Result<std::string> load_number(store::Session& session, const std::string& serial);  // "" for none
Result<std::optional<std::string>> card_of_number(store::Session& session, const std::string& number);

struct Packet {
  std::string serial;
  std::string number;
  std::uint64_t counter = 0;
  std::int64_t tries = 0;  // this one included
  bool waiting = true;     // its certificate does; false once that was proved to be on the card, whatever way it went, or another one took its place
  std::uint64_t proved = 0;  // counter of the packet that was carried out last, 0 for none: its proof may come again
  cardsign::Update update;
};
// Cards with a number for which a certificate waits, and to which nothing was sent lately: the packet to be sent now, written down as sent, with its counter. A packet
// that was sent before keeps its counter; after kMostTries it rests until the terminal asks by itself, another number or another certificate.
Result<std::vector<Packet>> take_due(store::Session& session, std::int64_t now_ms, std::size_t most, std::int64_t repeat_ms);
Result<bool> any_due(store::Session& session, std::int64_t now_ms);
inline constexpr std::int64_t kMostTries = 6;
// How long after so many tries the next one is: repeat_ms, four times that, sixteen times, and so on, but a day at most.
std::int64_t pause_after_ms(std::int64_t tries, std::int64_t repeat_ms);

// The last one that was sent to the card.
Result<std::optional<Packet>> load_packet(store::Session& session, const std::string& serial);
// Its proof came: it was carried out; the card's counter was higher, so that it is due again with another one; the card will not have it. False when another packet
// took its place.
Result<bool> end_packet(store::Session& session, const Packet& packet);
Result<bool> count_on(store::Session& session, const Packet& packet, std::int64_t now_ms);
Result<bool> rest_packet(store::Session& session, const Packet& packet);

}  // namespace tf::platform
