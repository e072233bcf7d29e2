// wallet enable, wallet front-end add, cardsign enable: sections of a platform's configuration, without an editor
#include <filesystem>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/section_options.hpp"
#include "platform/cardsign/profiles.hpp"
#include "platform/data_directory.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct SectionArgs {
  std::string directory = "run/platform", name;
  SectionOptions options;
};

Status add_section(const SectionArgs& args, std::vector<platform::Setting> settings, const std::string& section, Context& context) {
  const platform::Paths paths{args.directory};
  if (!std::filesystem::exists(paths.vault())) return Error{Code::not_found, "platform.none", "there is no platform in " + args.directory + ": trustferry init makes one"};
  settings.push_back({.section = section});
  TF_CHECK(platform::add_to_config(paths.config(), settings));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("file", paths.config()).member("section", section).end_object().text());
  } else {
    Facts().add("added", "[" + section + "] to " + paths.config()).add("in force", "when the platform is next started").print();
  }
  return {};
}

Status run_front_end(const SectionArgs& args, Context& context) {
  TF_CHECK(need(args.name, "NAME"));
  const std::string section = "wallet.front_ends." + args.name;
  auto settings = args.options.given();
  for (auto& setting : settings) setting.section = section;
  return add_section(args, std::move(settings), section, context);
}

// A platform that lacks what cards are certified by would not start any more.
Status run_cardsign(const SectionArgs& args, Context& context) {
  const platform::Paths paths{args.directory};
  auto settings = args.options.given();
  settings.push_back({.section = "cardsign"});
  auto config = TF_TRY(platform::read_config(paths.config()));
  TF_CHECK(platform::take_settings(config, settings));
  TF_CHECK(platform::check_cardsign_profiles(TF_TRY(ca::load_profiles(paths.profiles())), config.cardsign->policy));
  return add_section(args, std::move(settings), "cardsign", context);
}

void add_directory(CLI::App& app, SectionArgs& args) { app.add_option("--directory", args.directory, "the platform's data directory")->capture_default_str(); }

}  // namespace

void add_wallet_sections(CommandLine& line, CLI::App& wallet) {
  static SectionArgs enable, front_end;
  CLI::App& enable_app = line.command(wallet, "enable", "Turns mobile payment on: adds [wallet] to platform.toml, checked as serve checks it.",
                                      "trustferry wallet enable --listen 0.0.0.0:8447 --sms-kind smpp --sms-address smsc.example:2775 --sms-system-id trustferry --sms-secret-file smpp.password",
                                      [](Context& context) { return add_section(enable, enable.options.given(), "wallet", context); });
  add_directory(enable_app, enable);
  enable.options.add(enable_app, "wallet");
  enable.options.add(enable_app, "wallet.sms", "sms");
  CLI::App& group = line.group(wallet, "front-end", "Ways to the money.");
  CLI::App& add_app = line.command(group, "add", "Adds a front end to platform.toml, checked as serve checks it.",
                                   "trustferry wallet front-end add unionpay --kind card --address 10.0.0.7:8583 --zone unionpay", [](Context& context) { return run_front_end(front_end, context); });
  add_app.add_option("name", front_end.name, "1 to 32 of a–z 0–9 -");
  add_directory(add_app, front_end);
  front_end.options.add(add_app, "wallet.front_ends");
}

void add_cardsign_sections(CommandLine& line, CLI::App& cardsign) {
  static SectionArgs enable;
  CLI::App& app = line.command(cardsign, "enable", "Turns payments by smart card on: adds [cardsign] to platform.toml, which has [wallet], checked as serve checks it.",
                               "trustferry cardsign enable --listen 0.0.0.0:8449 --slots payment,authentication,card", [](Context& context) { return run_cardsign(enable, context); });
  add_directory(app, enable);
  enable.options.add(app, "cardsign");
}

}  // namespace tf::cli
