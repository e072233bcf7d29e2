// The terminal between platform and card (docs/protocols/cardsign.md, The relay): commands pass as they came, answers as they are. What is
// added is GET RESPONSE where a card has more to say, and nothing else.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apdu/channel.hpp"

namespace tf::terminal {

// A card within reach: over PC/SC, or in this process.
struct CardInReach {
  std::unique_ptr<apdu::Channel> channel;
  // Nobody comes between until what it gives is gone; empty where nobody else can reach the card.
  std::function<Result<std::shared_ptr<void>>()> hold = {};
  std::string name;  // of the reader, for people
};

struct Carried {
  std::vector<Bytes> answers;  // up to and including the first that is not 9000
  std::optional<Error> gone;   // the card is; then the answers are worth nothing
};

// A batch of commands. Code::malformed "apdu.response", "apdu.answer_too_long" for a card that answers nonsense.
Result<Carried> carry_out(CardInReach& card, const std::vector<Bytes>& commands);
// The errors after which the card's session is over: it was pulled out, or reset by another program, or its reader went.
bool is_gone(const Error& error);

}  // namespace tf::terminal
