#include "apps/trustferry/cardsign/own_card_reader.hpp"

#include "pcsc/channel.hpp"

namespace tf::cli {

void add_card_options(CLI::App& app, CardArgs& args) {
  app.add_option("--reader", args.reader, "the card reader, by its name in pcscd; otherwise the first with a card");
  app.add_option("--card", args.directory, "instead of a reader: a card in this process, by its directory (trustferry card new)");
  app.add_option("--wait", args.wait_s, "wait so many seconds for reader and card")->capture_default_str();
}

Result<OpenedCard> open_card(const CardArgs& args, const Clock& clock, Random& random) {
  OpenedCard out;
  if (!args.directory.empty()) {
    if (!args.reader.empty()) return Error{Code::invalid, "cli.card", "--card or --reader, not both"};
    out.own = TF_TRY(card::SoftwareCard::open(args.directory, random));
    out.own->card().power_on();
    out.reach = {.channel = std::make_unique<card::InProcessChannel>(out.own->card()), .hold = {}, .name = args.directory};
    return out;
  }
  out.library = std::make_unique<pcsc::Pcsclite>();
  const auto reader = TF_TRY(pcsc::wait_for_card(*out.library, clock, args.reader, std::chrono::seconds(args.wait_s)));
  auto channel = TF_TRY(pcsc::PcscChannel::open(*out.library, reader.name));
  auto* raw = channel.get();
  out.reach = {.channel = std::move(channel), .hold = [raw] { return raw->hold(); }, .name = reader.name};
  return out;
}

}  // namespace tf::cli
