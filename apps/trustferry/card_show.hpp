// What is on a card, for people or as JSON.
#pragma once
#include "card/software_card.hpp"
#include "command_line.hpp"

namespace tf::cli {

Status show_card(card::SoftwareCard& shown, const Context& context);

}  // namespace tf::cli
