// The card that a command of the terminal works with: in a reader over PC/SC, or of this process where there is no pcscd.
#pragma once
#include <memory>
#include <string>

#include "apps/trustferry/line/command_line.hpp"
#include "card/software_card.hpp"
#include "pcsc/pcsclite.hpp"
#include "terminal/cardsign/relay.hpp"

namespace tf::cli {

struct CardArgs {
  std::string directory;  // of a card in this process; empty: a reader
  std::string reader;     // empty: the first with a card
  std::int64_t wait_s = 0;
};
void add_card_options(CLI::App& app, CardArgs& args);

struct OpenedCard {
  std::unique_ptr<card::SoftwareCard> own;
  std::unique_ptr<pcsc::Pcsclite> library;
  terminal::CardInReach reach;
};
// Errors of pcsc/reader.hpp and of card/software_card.hpp.
Result<OpenedCard> open_card(const CardArgs& args, const Clock& clock, Random& random);

}  // namespace tf::cli
