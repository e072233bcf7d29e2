// loader init, receive, serve, log
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "apps/trustferry/line/storage.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "factory/loader.hpp"
#include "factory/station.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct LoaderArgs {
  StorageArgs storage{.directory = "run/loader", .passphrase_file = {}};
  std::string name, root, package, socket, factor = "random";
};

Result<factory::Loader> open_loader(const LoaderArgs& args) {
  return factory::Loader::open(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), {system_clock, system_random});
}

Status run_init(const LoaderArgs& args, Context& context) {
  TF_CHECK(need(args.name, "--name"));
  TF_CHECK(need(args.root, "--root"));
  const Bytes pem = TF_TRY(read_file(args.root, 64 * 1024));
  const auto root = TF_TRY(pki::Certificate::from_pem(as_text(pem)));
  const auto key = TF_TRY(storage_key(args.storage, system_random));
  const auto loader = TF_TRY(factory::Loader::create(args.storage.directory, args.name, root, key, {system_clock, system_random}));
  const std::string file = args.storage.directory + "/request.json";
  TF_CHECK(write_file_atomic(file, as_bytes(factory::encode(TF_TRY(loader.request()))), 0644));
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("request", file).end_object().text());
  } else {
    print_line("The loader's request is in " + file + ": take it to the platform (batch issue --loader).");
  }
  return {};
}

Status run_receive(const LoaderArgs& args, Context&) {
  TF_CHECK(need(args.package, "PACKAGE"));
  auto loader = TF_TRY(open_loader(args));
  const Bytes package = TF_TRY(read_file(args.package, 256 * 1024));
  TF_CHECK(loader.receive(as_text(package)));
  for (const auto& [name, batch] : loader.batches()) print_line(fmt::format("batch {}: {}", name, batch.range.text()));
  return {};
}

Status run_serve(const LoaderArgs& args, Context&) {
  TF_CHECK(need(args.socket, "--socket"));
  hold_stop_signals();
  auto loader = TF_TRY(open_loader(args));
  const auto kind = args.factor == "composed" ? factory::FactorKind::composed : factory::FactorKind::random;
  if (args.factor != "composed" && args.factor != "random")
    return Error{Code::invalid, "cli.factor", "--factor is random or composed"};
  log::info("loader " + loader.name() + " waits for devices on " + args.socket + "; Ctrl-C stops");
  const std::int64_t done = TF_TRY(factory::run_station(loader, args.socket, kind, stop_requested));
  log::info(fmt::format("{} devices personalised", done));
  return {};
}

Status run_log(const LoaderArgs& args, Context& context) {
  const auto loader = TF_TRY(open_loader(args));
  wire::JsonWriter writer;
  writer.begin_object().key("entries").begin_array();
  TextTable table({"NUMBER", "AT", "BATCH", "SERIAL", "CERTIFICATE SHA-256"});
  for (const auto& entry : loader.log().entries()) {
    table.add({std::to_string(entry.number), moment(entry.at_ms), entry.batch, entry.dsn.text(), entry.certificate});
    writer.begin_object().member("number", entry.number).member("at_ms", entry.at_ms).member("batch", entry.batch);
    writer.member("serial", entry.dsn.text()).member("certificate", entry.certificate).end_object();
  }
  if (context.json) {
    print_line(writer.end_array().end_object().text());
  } else {
    table.print();
  }
  return {};
}

}  // namespace

void add_loader(CommandLine& line) {
  static LoaderArgs args;
  CLI::App& loader = line.group(line.root(), "loader", "The factory's offline mother terminal: personalises devices.");
  CLI::App& init = line.command(loader, "init", "Makes a loader with keys of its own and a request for the platform.",
                                "trustferry loader init --directory loader --name L1 --root root.crt",
                                [](Context& context) { return run_init(args, context); });
  init.add_option("--name", args.name, "the loader's serial");
  init.add_option("--root", args.root, "the platform's root certificate, brought here by a trusted way");
  CLI::App& receive = line.command(loader, "receive", "Takes a batch's package: verified, unwrapped, kept sealed.",
                                   "trustferry loader receive b7.package --directory loader",
                                   [](Context& context) { return run_receive(args, context); });
  receive.add_option("package", args.package, "file made by batch issue");
  CLI::App& serve = line.command(loader, "serve", "Personalises one device after another on a local socket until Ctrl-C.",
                                 "trustferry loader serve --directory loader --socket loader/cable",
                                 [](Context& context) { return run_serve(args, context); });
  serve.add_option("--socket", args.socket, "the local connection");
  serve.add_option("--factor", args.factor, "random: one a device; composed: loader, date and batch")->capture_default_str();
  CLI::App& log = line.command(loader, "log", "Verifies and shows what this loader personalised.", "trustferry loader log --directory loader",
                               [](Context& context) { return run_log(args, context); });
  for (CLI::App* app : {&init, &receive, &serve, &log}) add_storage_options(*app, args.storage);
}

}  // namespace tf::cli
