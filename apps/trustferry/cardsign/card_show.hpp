// What is on a card, for people or as JSON.
#pragma once
#include "apps/trustferry/line/command_line.hpp"
#include "card/software_card.hpp"

namespace tf::cli {

Status show_card(card::SoftwareCard& shown, const Context& context);

}  // namespace tf::cli
