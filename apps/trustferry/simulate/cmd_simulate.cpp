// simulate …: the other side of the front ends, each in a file of its own
#include "apps/trustferry/line/commands.hpp"

namespace tf::cli {

void add_simulate(CommandLine& line) {
  CLI::App& group = line.group(line.root(), "simulate", "The other side of the front ends, for demonstrations and tests.");
  add_simulate_acquirer(line, group);
  add_simulate_ewallet(line, group);
}

}  // namespace tf::cli
