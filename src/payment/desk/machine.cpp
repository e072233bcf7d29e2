#include "payment/desk/machine.hpp"

namespace tf::payment {

std::optional<Step> step(State state, Event event, FrontEnd::Resolves how, std::span<const Transition> table) {
  for (const Transition& line : table)
    if (line.from == state && line.on == event && (!line.how || *line.how == how)) return Step{line.to, line.effects};
  return std::nullopt;
}

}  // namespace tf::payment
