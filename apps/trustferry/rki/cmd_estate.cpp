// estate import, list, show, deny, allow, forget-key, alarms
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/progress.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"
#include "platform/estate.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMaxCsv = 1024UL * 1024 * 1024;
constexpr std::size_t kRowsPerCall = 500;
constexpr std::size_t kShortFingerprint = 16;

struct EstateArgs {
  AdminAccess access;
  std::string file, serial, after;
  std::int64_t limit = 100;
};

// The whole file is checked here first; then it goes in pieces, each all or nothing. A piece that was taken before counts
// as unchanged, so an interrupted import is simply run again.
Status run_import(const EstateArgs& args, Context& context) {
  TF_CHECK(need(args.file, "FILE.csv"));
  const Bytes text = TF_TRY(read_file(args.file, kMaxCsv));
  const auto rows = TF_TRY(platform::parse_estate_csv(as_text(text)));
  auto client = TF_TRY(AdminClient::open(args.access));
  std::int64_t added = 0, changed = 0, unchanged = 0;
  std::atomic<std::int64_t> done{0};
  {
    const ProgressBar bar("importing", [&] { return ProgressBar::Count{done, static_cast<std::int64_t>(rows.size()), 0}; });
    for (std::size_t begin = 0; begin < rows.size(); begin += kRowsPerCall) {
      const std::size_t end = std::min(rows.size(), begin + kRowsPerCall);
      const std::vector<platform::EstateRow> piece(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end));
      auto answer = TF_TRY(wire::JsonObject::parse(TF_TRY(client.post("/admin/v1/estate", "text/csv", platform::estate_csv(piece)))));
      added += TF_TRY(answer.integer("added", 0, INT64_MAX));
      changed += TF_TRY(answer.integer("changed", 0, INT64_MAX));
      unchanged += TF_TRY(answer.integer("unchanged", 0, INT64_MAX));
      done = static_cast<std::int64_t>(end);
    }
  }
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("added", added).member("changed", changed).member("unchanged", unchanged).end_object().text());
  } else {
    print_line(fmt::format("{} added, {} changed, {} unchanged", added, changed, unchanged));
  }
  return {};
}

std::vector<std::string> row_of(wire::JsonObject& terminal) {
  const auto text = [&](const char* name) { return terminal.text(name).value_or(""); };
  const std::int64_t set = terminal.integer("completed_set", 0, INT64_MAX).value_or(0);
  return {text("serial"), text("model"), text("group"), text("suites"), text("device_key"),
          terminal.boolean("denied").value_or(false) ? "denied" : set > 0 ? fmt::format("complete, set {}", set) : "waiting"};
}

Status run_list(const EstateArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get(fmt::format("/admin/v1/estate?after={}&limit={}", args.after, args.limit)));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16 * 1024 * 1024}));
  TextTable table({"SERIAL", "MODEL", "GROUP", "SUITES", "DEVICE KEY", "STATE"});
  for (auto& terminal : TF_TRY(answer.objects("terminals", 1000))) {
    auto row = row_of(terminal);
    row[4] = row[4].empty() ? "-" : row[4].substr(0, kShortFingerprint);
    table.add(std::move(row));
  }
  table.print();
  if (const auto next = TF_TRY(answer.optional_text("next_after"))) print_line("more: --after " + *next);
  return {};
}

Status print_terminal(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto terminal = TF_TRY(wire::JsonObject::parse(body));
  const auto row = row_of(terminal);
  Facts().add("serial", row[0]).add("model", row[1]).add("group", row[2]).add("suites", row[3]).add("state", row[5])
      .add("personalised", terminal.boolean("personalised").value_or(false) ? "yes" : "not reported by a loader")
      .add("device key", row[4].empty() ? "none remembered yet" : row[4]).print();
  return {};
}

Status run_show(const EstateArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_terminal(TF_TRY(client.get("/admin/v1/estate/" + args.serial)), context);
}

Status run_decide(const EstateArgs& args, const std::string& decision, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_terminal(TF_TRY(client.post("/admin/v1/estate/" + args.serial + "/" + decision, "application/json", "{}")), context);
}

Status run_alarms(const EstateArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/rki/alarms"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16 * 1024 * 1024}));
  TextTable table({"ALARM", "WHAT", "SERIAL", "REFUSED KEY", "REMEMBERED KEY", "STATE"});
  for (auto& entry : TF_TRY(answer.objects("alarms", 10'000)))
    table.add({TF_TRY(entry.text("id")), TF_TRY(entry.text("kind")), TF_TRY(entry.text("serial")),
               TF_TRY(entry.text("device_key")).substr(0, kShortFingerprint), TF_TRY(entry.text("remembered")).substr(0, kShortFingerprint),
               TF_TRY(entry.text("state"))});
  table.print();
  return {};
}

}  // namespace

void add_estate(CommandLine& line) {
  static EstateArgs args;
  args.access.as = "operator";
  CLI::App& estate = line.group(line.root(), "estate", "The terminals there are.");
  CLI::App& import = line.command(estate, "import",
      "Imports terminals from a CSV file: serial,model,group,suites with suites modern, classic or modern+classic. The whole file is "
      "checked before anything is taken.",
      "trustferry estate import terminals.csv", [](Context& context) { return run_import(args, context); });
  add_admin_options(import, args.access);
  import.add_option("file", args.file, "FILE.csv");

  CLI::App& list = line.command(estate, "list", "Lists terminals in order of serials.", "trustferry estate list --limit 20",
                                [](Context& context) { return run_list(args, context); });
  add_admin_options(list, args.access);
  list.add_option("--after", args.after, "begin behind this serial");
  list.add_option("--limit", args.limit, "at most so many")->capture_default_str();

  CLI::App& show = line.command(estate, "show", "Shows one terminal.", "trustferry estate show TF000001",
                                [](Context& context) { return run_show(args, context); });
  CLI::App& deny = line.command(estate, "deny", "Denies a terminal: it gets no more keys.", "trustferry estate deny TF000001",
                                [](Context& context) { return run_decide(args, "deny", context); });
  CLI::App& allow = line.command(estate, "allow", "Lets a denied terminal in again.", "trustferry estate allow TF000001",
                                 [](Context& context) { return run_decide(args, "allow", context); });
  CLI::App& forget = line.command(estate, "forget-key",
      "Forgets the device key of a terminal that was personalised anew: the next key that it proves itself with is remembered instead.",
      "trustferry estate forget-key TF000001", [](Context& context) { return run_decide(args, "forget-key", context); });
  CLI::App& alarms = line.command(estate, "alarms", "Terminals for which a second device came, with a key of its own, newest first.",
                                  "trustferry estate alarms", [](Context& context) { return run_alarms(args, context); });
  add_admin_options(alarms, args.access);
  for (CLI::App* app : {&show, &deny, &allow, &forget}) {
    add_admin_options(*app, args.access);
    app->add_option("serial", args.serial, "the terminal's serial (DSN)");
  }
}

}  // namespace tf::cli
