// terminal cardsign attach: the terminal's card in the reader of the PC it is attached to.
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "apps/trustferry/cardsign/own_card_reader.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "pcsc/card_in_reader.hpp"
#include "terminal/cardsign/attach.hpp"

namespace tf::cli {
namespace {

struct AttachArgs {
  CardArgs card;
  std::string to = "127.0.0.1:35963";
};

Result<terminal::AttachOrder> order_of(const AttachArgs& args) {
  const Error wrong{Code::invalid, "cli.to", "--to is HOST:PORT"};
  const std::size_t colon = args.to.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong;
  const std::string digits = args.to.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos) return wrong;
  const int port = std::stoi(digits);
  if (port < 1 || port > 65535) return wrong;
  return terminal::AttachOrder{.host = args.to.substr(0, colon), .port = static_cast<std::uint16_t>(port), .reader = args.card.reader};
}

Status run(const AttachArgs& args, Context&) {
  const auto order = TF_TRY(order_of(args));
  hold_stop_signals();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  const int stop = ::signalfd(-1, &set, SFD_CLOEXEC);
  if (stop < 0) return Error{Code::internal, "cli.signalfd", "signals cannot be waited for"};
  pcsc::Pcsclite library;
  const terminal::AttachPorts ports{.clock = system_clock, .library = library, .stop = stop, .progress = [](const std::string& what) { print_line(what); ::fflush(stdout); }};
  const auto done = [&]() -> Status {
    if (args.card.directory.empty()) return terminal::attach(order, ports);
    const auto own = TF_TRY(card::SoftwareCard::open(args.card.directory, system_random));
    pcsc::CardInReader card(own->card());
    return terminal::attach_card(card, order, ports);
  }();
  ::close(stop);
  return done;
}

}  // namespace

void add_terminal_cardsign_attach(CommandLine& line, CLI::App& cardsign) {
  static AttachArgs args;
  CLI::App& app = line.command(cardsign, "attach", "Puts the terminal's card into the virtual reader (vpcd) of the PC it is attached to; until Ctrl-C.",
                               "trustferry terminal cardsign attach --to 192.168.42.1:35963", [](Context& context) { return run(args, context); });
  app.add_option("--to", args.to, "the PC's vpcd, HOST:PORT; it has no authentication: over USB or a tunnel only")->capture_default_str();
  app.add_option("--reader", args.card.reader, "the terminal's card reader; otherwise the first with a card");
  app.add_option("--card", args.card.directory, "instead of a reader: a card in this process, by its directory");
}

}  // namespace tf::cli
