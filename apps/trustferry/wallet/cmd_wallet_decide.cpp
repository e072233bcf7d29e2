// wallet decide, decisions: orders and refunds whose end nobody else can tell
#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct DecideArgs {
  AdminAccess access;
  std::string transaction, verdict, refund, reason;
};

Status run_decide(const DecideArgs& args, Context& context) {
  TF_CHECK(need(args.transaction, "TRANSACTION"));
  TF_CHECK(need(args.verdict, "VERDICT"));
  TF_CHECK(need(args.reason, "--reason"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("verdict", args.verdict).member("reason", args.reason);
  if (!args.refund.empty()) writer.member("refund", args.refund);
  writer.end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/payments/orders/" + args.transaction + "/decide", "application/json", writer.text()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  const std::string by = TF_TRY(answer.text("decided_by"));
  Facts facts;
  facts.add("transaction", TF_TRY(answer.text("transaction")));
  if (const auto refund = TF_TRY(answer.optional_text("refund"))) facts.add("refund", *refund + " of " + TF_TRY(answer.text("payment")));
  facts.add("verdict", TF_TRY(answer.text("verdict"))).add("proposed by", TF_TRY(answer.text("proposed_by")));
  facts.add("decided by", by.empty() ? "nobody yet: another person has to say the same" : by).add("state", TF_TRY(answer.text("state"))).print();
  return {};
}

Status run_decisions(const DecideArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/payments/decisions"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 4UL << 20}));
  TextTable table({"TRANSACTION", "WHAT", "VERDICT", "PROPOSED BY", "DECIDED BY", "AMOUNT", "THE FRONT END SAID LATER", "REASON"});
  for (auto& each : TF_TRY(answer.objects("decisions", 1'000))) {
    const auto refund = TF_TRY(each.optional_text("refund"));
    table.add({TF_TRY(each.text("transaction")), refund ? "refund " + *refund + " of " + TF_TRY(each.text("payment")) : "order", TF_TRY(each.text("verdict")), TF_TRY(each.text("proposed_by")), TF_TRY(each.text("decided_by")),
               TF_TRY(each.text("amount")) + " " + TF_TRY(each.text("currency")), TF_TRY(each.text("contradicted")), TF_TRY(each.text("reason"))});
  }
  table.print();
  return {};
}

}  // namespace

void add_wallet_decide(CommandLine& line, CLI::App& wallet) {
  static DecideArgs decide, decisions;
  decide.access.as = decisions.access.as = "operator";
  CLI::App& app = line.command(wallet, "decide", "Says how an order, or a refund of it, ended that its front end does not tell, after everything else was tried: one proposes, another person decides.",
                               "trustferry wallet decide 20261121000000000017 paid --reason 'in their file of the day' --as operator",
                               [](Context& context) { return run_decide(decide, context); });
  add_admin_options(app, decide.access);
  app.add_option("transaction", decide.transaction, "of the order, as wallet open shows it");
  app.add_option("verdict", decide.verdict, "paid, or undone: nobody paid; of a refund: refunded, or declined: nothing was given back");
  app.add_option("--refund", decide.refund, "a refund of that order is decided: its number, as wallet open shows it");
  app.add_option("--reason", decide.reason, "where it is known from; kept with the decision");
  CLI::App& list = line.command(wallet, "decisions", "What was proposed and decided, and where a front end said otherwise afterwards.", "trustferry wallet decisions",
                                [](Context& context) { return run_decisions(decisions, context); });
  add_admin_options(list, decisions.access);
}

}  // namespace tf::cli
