// onboard subscribe, contracts, owner: orders at a contract front end
#include <fmt/format.h>

#include <atomic>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/progress.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/onboard/onboard_access.hpp"
#include "apps/trustferry/onboard/onboard_orders.hpp"
#include "base/file.hpp"
#include "net/client/client.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kOrderLimits{.size = 16 * 1024 * 1024, .depth = 8};
constexpr std::size_t kMostChain = 64 * 1024;
// What a contract front end takes of an owner, whom only his token makes known, and of staff.
constexpr std::size_t kMostOfOwner = 64 * 1024, kMostOfStaff = onboard::kMaxBatch;
constexpr const char* kContracts = "/onboard/v1/contracts";

struct SubscriptionArgs {
  AdminAccess access;
  std::string dsim_id, owner, plan = "standard", csv, token_file, state, after;
  std::int64_t devices = 1, days = 30;
  bool again = false;
};

// As staff with a client certificate, or as an owner with his token.
class OrderLineToServer {
 public:
  static Result<OrderLineToServer> open(const SubscriptionArgs& args) {
    TF_CHECK(need(args.access.url, "--contract"));
    OrderLineToServer out;
    if (args.token_file.empty()) {
      out.staff_ = std::make_unique<AdminClient>(TF_TRY(AdminClient::open(args.access)));
      return out;
    }
    const SecretBytes token = TF_TRY(read_passphrase({args.token_file, "", "Owner's token"}));
    out.token_ = "Bearer " + std::string(as_text(token.reveal()));
    net::ClientOptions options;
    options.server = TF_TRY(net::parse_base_url(args.access.url));
    const std::string root = args.access.root.empty() ? args.access.directory + "/root.crt" : args.access.root;
    options.anchors = TF_TRY(net::certificates_from_pem(as_text(TF_TRY(read_file(root, kMostChain)))));
    out.owner_ = std::make_unique<net::HttpClient>(TF_TRY(net::HttpClient::create(std::move(options))));
    return out;
  }

  // The same rows twice are as good as once.
  Result<std::vector<onboard::RowResult>> send(const std::vector<onboard::Subscription>& rows, bool again) {
    const std::string body = onboard::encode(rows);
    const std::string target = again ? std::string(kContracts) + "/again" : kContracts;
    if (staff_) return onboard::decode_row_results(TF_TRY(staff_->post(target, "application/json", body)));
    auto response = TF_TRY(owner_->request({.method = "POST", .target = target, .content_type = "application/json", .body = body, .headers = {{"Authorization", token_}}, .repeatable = true}));
    if (response.status != 200) return net::from_problem(response);
    return onboard::decode_row_results(response.body);
  }

 private:
  std::unique_ptr<AdminClient> staff_;
  std::unique_ptr<net::HttpClient> owner_;
  std::string token_;
};

Status subscribe_one(const SubscriptionArgs& args, Context& context) {
  TF_CHECK(need(args.owner, "--owner"));
  const onboard::Subscription row{TF_TRY(onboard::parse_dsim_id(args.dsim_id)), TF_TRY(onboard::parse_owner(args.owner)), TF_TRY(onboard::parse_id(args.plan)), {}, {}};
  auto line = TF_TRY(OrderLineToServer::open(args));
  const auto results = TF_TRY(line.send({row}, args.again));
  if (results.size() != 1) return Error{Code::malformed, "cli.answer", "the server answers for another number of devices"};
  const std::string& result = results.front().result;
  if (result != "registered" && result != "accepted") return Error{Code::refused, "onboard.order_refused", row.dsim_id + ": " + result};
  if (context.json) print_line(wire::JsonWriter().begin_object().member("dsim_id", row.dsim_id).member("result", result).end_object().text());
  else Facts().add("device", row.dsim_id).add("result", result).print();
  return {};
}

Status send_all(const SubscriptionArgs& args, const OrderFile& file, OrderProgress& progress) {
  auto line = TF_TRY(OrderLineToServer::open(args));
  const auto total = static_cast<std::int64_t>(file.lines.size());
  std::atomic<std::int64_t> done{progress.done}, failed{static_cast<std::int64_t>(progress.refused.size())};
  const ProgressBar bar("subscribing", [&] { return ProgressBar::Count{done.load(), total, failed.load()}; });
  while (progress.done < total) {
    std::vector<onboard::Subscription> rows;
    const std::int64_t end = end_of_message(file, progress.done, args.token_file.empty() ? kMostOfStaff : kMostOfOwner);
    for (std::int64_t i = progress.done; i < end; ++i) rows.push_back(file.lines[static_cast<std::size_t>(i)].row);
    const auto results = TF_TRY(line.send(rows, args.again));
    if (results.size() != rows.size()) return Error{Code::malformed, "cli.answer", "the server answers for another number of devices"};
    for (std::size_t i = 0; i < results.size(); ++i) {
      const OrderLine& asked = file.lines[static_cast<std::size_t>(progress.done) + i];
      if (results[i].result == "registered") ++progress.registered;
      else if (results[i].result == "accepted") ++progress.accepted;
      else progress.refused.push_back({asked.number, asked.row.dsim_id, results[i].result});
    }
    progress.done = end;
    TF_CHECK(write_progress(args.csv + ".progress", file, progress));
    done = progress.done, failed = static_cast<std::int64_t>(progress.refused.size());
  }
  return {};
}

Status subscribe_many(const SubscriptionArgs& args, Context& context) {
  const OrderFile file = TF_TRY(read_orders(args.csv));
  OrderProgress progress = read_progress(args.csv + ".progress", file);
  const std::int64_t resumed = progress.done;
  const Status sent = file.lines.empty() ? Status() : send_all(args, file, progress);
  TF_CHECK(write_refused(args.csv + ".refused.csv", file, progress));
  TF_CHECK(sent);
  const auto refused = static_cast<std::int64_t>(progress.refused.size() + file.refused.size());
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("lines", static_cast<std::int64_t>(file.lines.size() + file.refused.size())).member("resumed_behind", resumed).member("registered", progress.registered);
    print_line(writer.member("accepted", progress.accepted).member("refused", refused).member("report", args.csv + ".refused.csv").end_object().text());
    return {};
  }
  Facts facts;
  facts.add("registered", std::to_string(progress.registered)).add("accepted, registered later", std::to_string(progress.accepted)).add("refused", std::to_string(refused));
  if (resumed != 0) facts.add("done by an earlier run", std::to_string(resumed));
  if (refused != 0) facts.add("refused lines", args.csv + ".refused.csv");
  facts.print();
  return {};
}

Status run_subscribe(const SubscriptionArgs& args, Context& context) {
  if (args.dsim_id.empty() == args.csv.empty()) return Error{Code::invalid, "cli.missing", "say which device: DEVICE, or --csv FILE for many"};
  return args.csv.empty() ? subscribe_one(args, context) : subscribe_many(args, context);
}

Status run_contracts(const SubscriptionArgs& args, Context& context) {
  TF_CHECK(need(args.access.url, "--contract"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get(fmt::format("{}?state={}&after={}", kContracts, args.state, args.after)));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kOrderLimits));
  TextTable table({"DEVICE", "STATE", "RESULT", "OWNER", "PLAN"});
  for (auto& row : TF_TRY(answer.objects("contracts", 1000)))
    table.add({TF_TRY(row.text("dsim_id")), TF_TRY(row.text("state")), TF_TRY(row.text("result")), TF_TRY(row.text("owner")), TF_TRY(row.text("plan"))});
  table.print();
  auto counts = TF_TRY(answer.object("counts"));
  Facts facts;
  for (const char* state : {"accepted", "registered", "refused"})
    if (counts.has(state)) facts.add(state, std::to_string(TF_TRY(counts.integer(state, 0, INT64_MAX))));
  facts.print();
  if (const auto next = TF_TRY(answer.optional_text("next_after"))) print_line("more: --after " + *next);
  return {};
}

Status run_owner(const SubscriptionArgs& args, Context& context) {
  TF_CHECK(need(args.access.url, "--contract"));
  TF_CHECK(need(args.owner, "OWNER"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.post("/onboard/v1/owners", "application/json",
                                              wire::JsonWriter().begin_object().member("owner", args.owner).member("devices", args.devices).member("days", args.days).end_object().take()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  Facts().add("owner", TF_TRY(answer.text("owner"))).add("token", TF_TRY(answer.text("token")) + "   is shown this once").print();
  return {};
}

}  // namespace

void add_onboard_orders(CommandLine& line, CLI::App& group) {
  static SubscriptionArgs args;
  args.access.as = "operator";
  CLI::App& subscribe = line.command(group, "subscribe", "Orders subscriptions, for one device or for the lines of a CSV file (dsim_id,owner,plan). An interrupted run is taken up again.",
      "trustferry onboard subscribe M2M-0001 --owner \"Waterworks Nord\" --contract https://localhost:8453\n"
      "trustferry onboard subscribe --csv modules.csv --contract https://localhost:8453",
      [](Context& context) { return run_subscribe(args, context); });
  subscribe.add_option("device", args.dsim_id, "its DSIM_ID");
  subscribe.add_option("--csv", args.csv, "many: FILE; beside it FILE.progress and FILE.refused.csv");
  subscribe.add_option("--owner", args.owner, "of the one device");
  subscribe.add_option("--plan", args.plan, "of the one device")->capture_default_str();
  subscribe.add_option("--token-file", args.token_file, "an owner's token, instead of a client certificate; - for standard input");
  subscribe.add_flag("--again", args.again, "another contract for devices whose subscription has ended; staff only");
  CLI::App& contracts = line.command(group, "contracts", "Orders of a contract front end, and how they stand.", "trustferry onboard contracts --contract https://localhost:8453 --state refused",
                                     [](Context& context) { return run_contracts(args, context); });
  contracts.add_option("--state", args.state, "accepted, registered or refused");
  contracts.add_option("--after", args.after, "begin behind this device");
  CLI::App& owner = line.command(group, "owner", "A token by which an owner orders for himself, at the web form or by subscribe --token-file.",
                                 "trustferry onboard owner \"Waterworks Nord\" --devices 500 --contract https://localhost:8453", [](Context& context) { return run_owner(args, context); });
  owner.add_option("owner", args.owner, "his name");
  owner.add_option("--devices", args.devices, "how many")->capture_default_str();
  owner.add_option("--days", args.days, "how long")->capture_default_str();
  for (CLI::App* app : {&subscribe, &contracts, &owner}) add_onboard_options(*app, args.access, "--contract", "https://host:port of the contract front end");
}

}  // namespace tf::cli
