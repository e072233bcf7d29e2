// wallet open, lines, reconcile, merchant …: the money's side for operators
#include <fmt/format.h>

#include <algorithm>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"

namespace tf::cli {
namespace {

struct DayArgs {
  AdminAccess access;
  std::string front_end, date, theirs, out;
};

Result<std::string> day_query(const DayArgs& args) {
  TF_CHECK(need(args.front_end, "--front-end"));
  TF_CHECK(need(args.date, "--date"));
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.'; };
  if (!std::ranges::all_of(args.front_end, plain) || !std::ranges::all_of(args.date, plain))
    return Error{Code::invalid, "cli.name", "a front end is letters, digits, '-', '_' and '.'; a date is 2026-11-21"};
  return fmt::format("?front_end={}&date={}", args.front_end, args.date);
}

Status run_reconcile(const DayArgs& args, Context& context) {
  const std::string query = TF_TRY(day_query(args));
  auto client = TF_TRY(AdminClient::open(args.access));
  std::string body;
  if (args.theirs.empty()) {
    body = TF_TRY(client.get("/admin/v1/payments/reconcile" + query));
  } else {
    const Bytes theirs = TF_TRY(read_file(args.theirs, 256UL << 20));
    body = TF_TRY(client.post("/admin/v1/payments/reconcile" + query, "text/csv", std::string(as_text(theirs))));
  }
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 256UL << 20}));
  auto differences = TF_TRY(answer.objects("differences", 1'000'000));
  print_line(fmt::format("{} matched, {} differ", TF_TRY(answer.integer("matched", 0, INT64_MAX)), differences.size()));
  if (differences.empty()) return {};
  TextTable table({"TRANSACTION", "TYPE", "VERDICT", "OURS", "THEIRS"});
  for (auto& each : differences)
    table.add({TF_TRY(each.text("transaction")), TF_TRY(each.text("type")), TF_TRY(each.text("verdict")), TF_TRY(each.text("ours")), TF_TRY(each.text("theirs"))});
  table.print();
  return {};
}

Status run_lines(const DayArgs& args, Context&) {
  const std::string query = TF_TRY(day_query(args));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/payments/lines" + query));
  if (!args.out.empty()) return write_file_atomic(args.out, as_bytes(body), 0644);
  print_line(std::string_view(body).substr(0, body.size() - 1));
  return {};
}

struct OpenArgs {
  AdminAccess access;
};

Status run_open(const OpenArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/payments/open"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16UL << 20}));
  TextTable table({"TRANSACTION", "WHAT", "FRONT END", "STATE", "AMOUNT", "SINCE"});
  for (const char* kind : {"orders", "refunds"})
    for (auto& each : TF_TRY(answer.objects(kind, 1'000))) {
      const auto refund = TF_TRY(each.optional_text("refund"));
      table.add({TF_TRY(each.text("transaction")), refund ? "refund " + *refund + " of " + TF_TRY(each.text("payment")) : "order", TF_TRY(each.text("front_end")), TF_TRY(each.text("state")),
                 TF_TRY(each.text("amount")) + " " + TF_TRY(each.text("currency")), moment(TF_TRY(each.integer("at_ms", 0, INT64_MAX)))});
    }
  for (auto& each : TF_TRY(answer.objects("webhooks_given_up", 1'000)))
    table.add({TF_TRY(each.text("event")), "webhook", TF_TRY(each.text("merchant")), "given up", TF_TRY(each.text("error")), moment(TF_TRY(each.integer("created_ms", 0, INT64_MAX)))});
  table.print();
  return {};
}

struct MerchantArgs {
  AdminAccess access;
  std::string merchant, url;
};

Status run_merchant_add(const MerchantArgs& args, Context& context) {
  TF_CHECK(need(args.merchant, "MERCHANT"));
  TF_CHECK(need(args.url, "--webhook"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("merchant", args.merchant).member("url", args.url).end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/merchants", "application/json", writer.text()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  Facts().add("merchant", TF_TRY(answer.text("merchant"))).add("url", TF_TRY(answer.text("url"))).add("secret", TF_TRY(answer.text("secret")) + "   shown only now").print();
  return {};
}

Status run_merchant_list(const MerchantArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/merchants"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16UL << 20}));
  TextTable table({"MERCHANT", "URL"});
  for (auto& each : TF_TRY(answer.objects("merchants", 100'000))) table.add({TF_TRY(each.text("merchant")), TF_TRY(each.text("url"))});
  table.print();
  return {};
}

void add_day_options(CLI::App& app, DayArgs& args) {
  add_admin_options(app, args.access);
  app.add_option("--front-end", args.front_end, "name of the front end");
  app.add_option("--date", args.date, "a day of the books, 2026-11-21");
}

}  // namespace

void add_wallet(CommandLine& line) {
  static DayArgs reconcile, lines;
  static OpenArgs open;
  static MerchantArgs add, list;
  reconcile.access.as = lines.access.as = open.access.as = list.access.as = "operator";
  add.access.as = "administrator";
  CLI::App& wallet = line.group(line.root(), "wallet", "Phones that pay: registrations, routes, open orders, reconciliation, merchants.");
  add_wallet_users(line, wallet);
  add_wallet_route(line, wallet);
  add_wallet_decide(line, wallet);
  add_wallet_sections(line, wallet);
  CLI::App& reconcile_app = line.command(wallet, "reconcile", "Compares a day's books with a front end's file; without one, shows the last comparison.",
                                         "trustferry wallet reconcile --front-end unionpay --date 2026-11-21 --theirs unionpay-20261121.csv",
                                         [](Context& context) { return run_reconcile(reconcile, context); });
  add_day_options(reconcile_app, reconcile);
  reconcile_app.add_option("--theirs", reconcile.theirs, "their file: CSV with date,transaction,type,amount,currency,state,reference");
  CLI::App& lines_app = line.command(wallet, "lines", "Our file of a day, in the same form.", "trustferry wallet lines --front-end unionpay --date 2026-11-21 --out ours.csv",
                                     [](Context& context) { return run_lines(lines, context); });
  add_day_options(lines_app, lines);
  lines_app.add_option("--out", lines.out, "where it goes; standard output otherwise");
  CLI::App& open_app = line.command(wallet, "open", "Orders and refunds that have not ended, webhooks that were given up.", "trustferry wallet open",
                                    [](Context& context) { return run_open(open, context); });
  add_admin_options(open_app, open.access);
  CLI::App& merchant = line.group(wallet, "merchant", "Merchants who are told of payments by webhook.");
  CLI::App& add_app = line.command(merchant, "add", "Enrols a merchant, or gives him another URL and secret; the secret is shown once.",
                                   "trustferry wallet merchant add M1 --webhook https://shop.example/payments", [](Context& context) { return run_merchant_add(add, context); });
  add_admin_options(add_app, add.access);
  add_app.add_option("merchant", add.merchant, "the merchant's number");
  add_app.add_option("--webhook", add.url, "where notices go");
  CLI::App& list_app = line.command(merchant, "list", "Merchants there are.", "trustferry wallet merchant list", [](Context& context) { return run_merchant_list(list, context); });
  add_admin_options(list_app, list.access);
}

}  // namespace tf::cli
