// batch issue, list, log
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"

namespace tf::cli {
namespace {

struct BatchArgs {
  AdminAccess access;
  std::string batch, range, suites = "modern", loader, out, log;
};

Status run_issue(const BatchArgs& args, Context& context) {
  TF_CHECK(need(args.batch, "BATCH"));
  TF_CHECK(need(args.range, "--range"));
  TF_CHECK(need(args.loader, "--loader"));
  TF_CHECK(need(args.out, "--out"));
  const Bytes request = TF_TRY(read_file(args.loader, 64 * 1024));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("batch", args.batch).member("range", args.range).member("suites", args.suites);
  writer.member("loader_request", as_text(request)).end_object();
  auto answer = TF_TRY(wire::JsonObject::parse(TF_TRY(client.post("/admin/v1/batches", "application/json", writer.text())), {.size = 256 * 1024}));
  const std::string package = TF_TRY(answer.text("package", 128 * 1024));
  TF_CHECK(write_file_atomic(args.out, as_bytes(package), 0644));
  if (context.json) {
    wire::JsonWriter result;
    print_line(result.begin_object().member("batch", args.batch).member("file", args.out).end_object().text());
  } else {
    print_line(fmt::format("Batch {} ({}) for the loader is in {}; its keys open on that loader only.", args.batch, args.range, args.out));
  }
  return {};
}

Status run_list(const BatchArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/batches"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16 * 1024 * 1024}));
  TextTable table({"BATCH", "SERIALS", "LOADER", "ISSUED"});
  for (auto& batch : TF_TRY(answer.objects("batches", 100'000)))
    table.add({TF_TRY(batch.text("batch")), TF_TRY(batch.text("range")), TF_TRY(batch.text("loader")),
               moment(TF_TRY(batch.integer("issued_at_ms", 0, INT64_MAX)))});
  table.print();
  return {};
}

// A log is sent whole, as each line is linked to the one before it.
Status run_log(const BatchArgs& args, Context& context) {
  TF_CHECK(need(args.batch, "BATCH"));
  TF_CHECK(need(args.log, "LOG"));
  const Bytes log = TF_TRY(read_file(args.log, 512UL * 1024 * 1024));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.post("/admin/v1/batches/" + args.batch + "/log", "application/jose", std::string(as_text(log))));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  print_line(fmt::format("{} terminals personalised, {} not in the estate", TF_TRY(answer.integer("personalised", 0, INT64_MAX)),
                         TF_TRY(answer.integer("unknown", 0, INT64_MAX))));
  return {};
}

}  // namespace

void add_batch(CommandLine& line) {
  static BatchArgs issue, list, log;
  issue.access.as = "administrator";
  list.access.as = log.access.as = "operator";
  CLI::App& batch = line.group(line.root(), "batch", "Batches: a range of serials given to one factory loader.");
  CLI::App& issue_app = line.command(batch, "issue",
      "Makes DIK1 for a range and a package for one loader: DIK1 wrapped to its key, an issuing certificate for the range.",
      "trustferry batch issue B7 --range TF000000..TF000999 --suites modern --loader loader/request.json --out b7.package",
      [](Context& context) { return run_issue(issue, context); });
  add_admin_options(issue_app, issue.access);
  issue_app.add_option("batch", issue.batch, "name of the batch");
  issue_app.add_option("--range", issue.range, "serials, FROM..TO");
  issue_app.add_option("--suites", issue.suites, "modern, classic or modern+classic")->capture_default_str();
  issue_app.add_option("--loader", issue.loader, "the loader's request (loader init makes it)");
  issue_app.add_option("--out", issue.out, "where the package goes");
  CLI::App& list_app = line.command(batch, "list", "Batches there are.", "trustferry batch list", [](Context& context) { return run_list(list, context); });
  add_admin_options(list_app, list.access);
  CLI::App& log_app = line.command(batch, "log", "Takes a loader's signed log: its devices count as personalised.",
                                   "trustferry batch log B7 loader/loader.log", [](Context& context) { return run_log(log, context); });
  add_admin_options(log_app, log.access);
  log_app.add_option("batch", log.batch, "name of the batch");
  log_app.add_option("log", log.log, "the loader's log");
}

}  // namespace tf::cli
