// wallet route explain: which front end a payment would go to, and why, by the file of rules alone
#include <algorithm>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"
#include "payment/money.hpp"
#include "payment/rules/rules_file.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct ExplainArgs {
  std::string rules = "run/platform/payment.toml", prefix, wallet, amount, currency = "CNY", merchant;
  std::vector<std::string> down;
};

void print(const payment::Router::Explanation& explanation, const Context& context) {
  if (!context.json) {
    TextTable table({"ROUTE", "FITS", "WHY"});
    for (const auto& finding : explanation.findings) table.add({finding.route, finding.taken ? "taken" : finding.fits ? "yes" : "no", finding.why});
    table.print();
    return print_line("The payment " + explanation.conclusion + ".");
  }
  wire::JsonWriter writer;
  writer.begin_object();
  if (explanation.front_end) writer.member("front_end", *explanation.front_end);
  writer.member("conclusion", explanation.conclusion).key("routes").begin_array();
  for (const auto& finding : explanation.findings)
    writer.begin_object().member("route", finding.route).member("fits", finding.fits).member("taken", finding.taken).member("why", finding.why).end_object();
  print_line(writer.end_array().end_object().text());
}

Status run_explain(const ExplainArgs& args, Context& context) {
  TF_CHECK(need(args.amount, "--amount"));
  const Bytes text = TF_TRY(read_file(args.rules, 1024 * 1024));
  const payment::Rules rules = TF_TRY(payment::parse_rules(as_text(text)));
  const payment::Routed routed{args.prefix, args.wallet, args.merchant, TF_TRY(payment::parse_money(args.amount, args.currency))};
  const auto healthy = [&](const std::string& name) { return std::ranges::find(args.down, name) == args.down.end(); };
  print(payment::Router(rules.routes).explain(routed, healthy), context);
  return {};
}

}  // namespace

void add_wallet_route(CommandLine& line, CLI::App& wallet) {
  static ExplainArgs args;
  CLI::App& route = line.group(wallet, "route", "Which front end a payment goes to.");
  CLI::App& explain = line.command(route, "explain", "Asks every route of the file of rules and says why it fits or does not.",
                                   "trustferry wallet route explain --prefix 622202 --amount 10.00 --currency CNY --merchant M1",
                                   [](Context& context) { return run_explain(args, context); });
  explain.add_option("--rules", args.rules, "the file of rules")->capture_default_str();
  explain.add_option("--prefix", args.prefix, "the card number's first digits");
  explain.add_option("--wallet", args.wallet, "the kind of e-wallet, for a payment without a card");
  explain.add_option("--amount", args.amount, "like 10.00");
  explain.add_option("--currency", args.currency, "three letters")->capture_default_str();
  explain.add_option("--merchant", args.merchant, "the merchant's number");
  explain.add_option("--down", args.down, "a front end to be taken for unhealthy; may be repeated");
}

}  // namespace tf::cli
