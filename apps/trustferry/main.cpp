#include "apps/trustferry/line/commands.hpp"

int main(int argc, char** argv) {
  tf::cli::CommandLine line;
  tf::cli::add_platform(line);
  tf::cli::add_vault(line);
  tf::cli::add_work(line);
  tf::cli::add_estate(line);
  tf::cli::add_keys(line);
  tf::cli::add_batch(line);
  tf::cli::add_operator(line);
  tf::cli::add_peer(line);
  tf::cli::add_pki(line);
  tf::cli::add_ocsp(line);
  tf::cli::add_audit(line);
  tf::cli::add_loader(line);
  tf::cli::add_terminal(line);
  tf::cli::add_access(line);
  tf::cli::add_fleet(line);
  tf::cli::add_card(line);
  tf::cli::add_demo(line);
  tf::cli::add_simulate(line);
  tf::cli::add_wallet(line);
  tf::cli::add_cardsign(line);
  tf::cli::add_onboard(line);
  tf::cli::add_bridge(line);
  tf::cli::add_tool(line);
  return line.run(argc, argv);
}
