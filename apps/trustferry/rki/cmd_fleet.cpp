// fleet personalise, download
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/progress.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "apps/trustferry/line/storage.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "terminal/device_file.hpp"
#include "terminal/fleet.hpp"
#include "terminal/personalise.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct FleetArgs {
  StorageArgs storage{.directory = "run/fleet", .passphrase_file = {}};
  std::string range, socket, staple = "ask";
  terminal::FleetOptions options;
};

// Device stores of a simulated fleet are not forced to disk one by one.
Result<terminal::DeviceFiles> open_files(const FleetArgs& args) {
  return terminal::DeviceFiles(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), system_random, false);
}

// The serials of a range, where its ends differ in trailing digits only.
Result<std::vector<wire::Dsn>> serials_of(const wire::DsnRange& range) {
  const std::string& from = range.from().text();
  const std::string& to = range.to().text();
  std::size_t prefix = from.size();
  while (prefix > 0 && from[prefix - 1] >= '0' && from[prefix - 1] <= '9' && from.size() - prefix < 9) --prefix;
  if (from.substr(0, prefix) != to.substr(0, prefix))
    return Error{Code::invalid, "cli.range", "a fleet's range runs over trailing digits: TF000000..TF000999"};
  std::vector<wire::Dsn> out;
  const long first = prefix == from.size() ? 0 : std::stol(from.substr(prefix));
  const long last = prefix == to.size() ? 0 : std::stol(to.substr(prefix));
  for (long number = first; number <= last; ++number)
    out.push_back(TF_TRY(wire::Dsn::parse(prefix == from.size() ? from : fmt::format("{}{:0{}}", from.substr(0, prefix), number, from.size() - prefix))));
  return out;
}

Status run_personalise(const FleetArgs& args, Context& context) {
  TF_CHECK(need(args.range, "--range"));
  TF_CHECK(need(args.socket, "--socket"));
  const auto serials = TF_TRY(serials_of(TF_TRY(wire::DsnRange::parse(args.range))));
  const auto staple = TF_TRY(rki::parse_staple(args.staple));
  const auto files = TF_TRY(open_files(args));
  std::atomic<std::int64_t> done{0};
  std::int64_t made = 0;
  {
    const ProgressBar bar("personalising", [&] { return ProgressBar::Count{done, static_cast<std::int64_t>(serials.size()), 0}; });
    for (const wire::Dsn& dsn : serials) {
      if (!files.exists(dsn)) {
        TF_TRY(terminal::personalise(args.socket, dsn, system_clock, [&](const terminal::Device& device) { return files.save(device); }, staple));
        ++made;
      }
      ++done;
    }
  }
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("terminals", serials.size()).member("personalised", made).end_object().text());
  } else {
    print_line(fmt::format("{} terminals, {} personalised now", serials.size(), made));
  }
  return {};
}

void print_report(const terminal::FleetReport& report, const Context& context) {
  const double rate = report.seconds > 0 ? static_cast<double>(report.completed) / report.seconds : 0;
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("terminals", report.terminals).member("completed", report.completed).member("skipped", report.skipped);
    writer.member("failed", report.failed).member("refused", report.refused).member("keys", report.keys).member("retries", report.retries);
    writer.key("suites").begin_object();
    for (const auto& [suite, count] : report.suites) writer.member(suite, count);
    writer.end_object().member("seconds", report.seconds).member("downloads_per_second", rate);
    writer.member("p50_ms", report.percentile_ms(0.5)).member("p99_ms", report.percentile_ms(0.99)).key("errors").begin_array();
    for (const std::string& error : report.first_errors) writer.value(error);
    print_line(writer.end_array().end_object().text());
    return;
  }
  std::string suites;
  for (const auto& [suite, count] : report.suites) suites += fmt::format("{}{} {}", suites.empty() ? "" : ", ", count, suite);
  Facts().add("terminals", fmt::format("{} ({} complete before)", report.terminals, report.skipped))
      .add("downloads", fmt::format("{} ({})", report.completed, suites.empty() ? "none" : suites))
      .add("keys", std::to_string(report.keys)).add("refusals", std::to_string(report.refused))
      .add("failures", std::to_string(report.failed)).add("retries", std::to_string(report.retries))
      .add("latency", fmt::format("p50 {:.1f} ms, p99 {:.1f} ms", report.percentile_ms(0.5), report.percentile_ms(0.99)))
      .add("rate", fmt::format("{:.0f} downloads/s over {:.1f} s", rate, report.seconds)).print();
  for (const std::string& error : report.first_errors) print_line("  " + error);
}

Status run_download(const FleetArgs& args, Context& context) {
  hold_stop_signals();
  const auto files = TF_TRY(open_files(args));
  terminal::FleetProgress progress;
  const std::jthread watch([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (stop_requested()) progress.stop = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  const auto report = TF_TRY([&]() -> Result<terminal::FleetReport> {
    const ProgressBar bar("downloading", [&] { return ProgressBar::Count{progress.done, progress.total, progress.failed}; });
    return terminal::run_fleet(files, files.list(), args.options, system_clock, system_random, progress);
  }());
  print_report(report, context);
  if (report.refused > 0) return Error{Code::refused, "fleet.refused", fmt::format("{} terminals were refused", report.refused)};
  if (report.failed > 0) return Error{Code::unavailable, "fleet.failed", fmt::format("{} terminals failed; run it again to complete them", report.failed)};
  if (progress.stop) return Error{Code::unavailable, "fleet.stopped", "stopped before the end; run it again to complete the rest"};
  return {};
}

}  // namespace

void add_fleet(CommandLine& line) {
  static FleetArgs args;
  args.options.address.url = "https://127.0.0.1:8443";
  CLI::App& fleet = line.group(line.root(), "fleet", "Many simulated terminals, for the demo and for load.");
  CLI::App& personalise = line.command(fleet, "personalise", "Has a loader personalise a range of simulated terminals.",
                                       "trustferry fleet personalise --range TF000000..TF000999 --socket loader/cable",
                                       [](Context& context) { return run_personalise(args, context); });
  personalise.add_option("--range", args.range, "serials, FROM..TO, running over trailing digits");
  personalise.add_option("--socket", args.socket, "the loader's local connection");
  personalise.add_option("--staple", args.staple, "OCSP response with the platform's certificate: none, ask or require")->capture_default_str();
  CLI::App& download = line.command(fleet, "download",
      "Lets every terminal of the directory download its keys; those that are complete are skipped, so an interrupted run is run again.",
      "trustferry fleet download --url https://127.0.0.1:8443 --concurrency 64", [](Context& context) { return run_download(args, context); });
  download.add_option("--url", args.options.address.url, "the platform")->capture_default_str();
  download.add_option("--concurrency", args.options.concurrency, "downloads at a time")->capture_default_str();
  download.add_option("--attempts", args.options.patience.attempts, "tries before a terminal gives up")->capture_default_str();
  download.add_flag("--again", args.options.again, "also those that are complete");
  download.add_flag("--fresh", args.options.fresh_connections, "a TLS connection for each download");
  download.add_flag("--tls12", args.options.address.allow_tls12, "allow TLS 1.2 too");
  for (CLI::App* app : {&personalise, &download}) add_storage_options(*app, args.storage);
}

}  // namespace tf::cli
