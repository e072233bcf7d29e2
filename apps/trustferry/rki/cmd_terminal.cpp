// terminal personalise, download, show
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/storage.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "terminal/device_file.hpp"
#include "terminal/download.hpp"
#include "terminal/http_transport.hpp"
#include "terminal/personalise.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

struct TerminalArgs {
  StorageArgs storage{.directory = "run/terminal", .passphrase_file = {}};
  std::string serial, socket, staple = "ask";
  terminal::PlatformAddress address{.url = "https://127.0.0.1:8443"};
};

Result<terminal::DeviceFiles> open_files(const TerminalArgs& args) {
  return terminal::DeviceFiles(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), system_random, true);
}

void print_device(const terminal::Device& device, Context& context) {
  wire::JsonWriter writer;
  writer.begin_object().member("serial", device.identity.dsn.text()).member("complete", device.complete()).member("set", device.set);
  writer.key("suites").begin_array();
  for (const rki::Suite suite : device.identity.suites) writer.value(name_of(suite));
  writer.end_array().key("keys").begin_array();
  TextTable table({"SLOT", "SET", "USAGE", "VERSION", "KCV", "STATE"});
  for (const auto& key : device.keys) {
    table.add({std::string(name_of(key.slot)), std::to_string(key.set), key.usage, key.version, key.kcv, key.confirmed ? "in use" : "not confirmed"});
    writer.begin_object().member("slot", name_of(key.slot)).member("set", key.set).member("usage", key.usage).member("version", key.version);
    writer.member("kcv", key.kcv).member("confirmed", key.confirmed).end_object();
  }
  if (context.json) {
    print_line(writer.end_array().end_object().text());
  } else {
    Facts().add("serial", device.identity.dsn.text()).add("download", device.complete() ? "complete" : "not complete").print();
    table.print();
  }
}

Status run_personalise(const TerminalArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "--serial"));
  TF_CHECK(need(args.socket, "--socket"));
  const wire::Dsn dsn = TF_TRY(wire::Dsn::parse(args.serial));
  const auto files = TF_TRY(open_files(args));
  if (files.exists(dsn)) return Error{Code::conflict, "terminal.exists", args.serial + " is personalised already"};
  const auto staple = TF_TRY(rki::parse_staple(args.staple));
  const auto device = TF_TRY(terminal::personalise(args.socket, dsn, system_clock, [&](const terminal::Device& made) { return files.save(made); }, staple));
  print_device(device, context);
  return {};
}

Status run_download(const TerminalArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "--serial"));
  const auto files = TF_TRY(open_files(args));
  auto device = TF_TRY(files.load(TF_TRY(wire::Dsn::parse(args.serial))));
  auto transport = TF_TRY(terminal::HttpTransport::create(args.address, device.identity.root));
  TF_TRY(terminal::download(device, transport, {system_clock, system_random}, [&](const terminal::Device& changed) { return files.save(changed); }));
  print_device(device, context);
  return {};
}

Status run_show(const TerminalArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "--serial"));
  const auto files = TF_TRY(open_files(args));
  print_device(TF_TRY(files.load(TF_TRY(wire::Dsn::parse(args.serial)))), context);
  return {};
}

}  // namespace

void add_terminal(CommandLine& line) {
  static TerminalArgs args;
  CLI::App& group = line.group(line.root(), "terminal", "One device, used by hand; its secure store is a sealed file.");
  CLI::App& personalise = line.command(group, "personalise", "In the factory: makes the device's key and asks the loader for the rest.",
                                       "trustferry terminal personalise --serial TF000001 --socket loader/cable",
                                       [](Context& context) { return run_personalise(args, context); });
  personalise.add_option("--socket", args.socket, "the loader's local connection");
  personalise.add_option("--staple", args.staple, "OCSP response with the platform's certificate: none, ask or require")->capture_default_str();
  CLI::App& download = line.command(group, "download", "Downloads the keys, going on where an earlier try was interrupted.",
                                    "trustferry terminal download --serial TF000001 --url https://127.0.0.1:8443",
                                    [](Context& context) { return run_download(args, context); });
  download.add_option("--url", args.address.url, "the platform")->capture_default_str();
  download.add_flag("--tls12", args.address.allow_tls12, "allow TLS 1.2 too");
  CLI::App& show = line.command(group, "show", "What the device holds: slots and KCVs, never a key.", "trustferry terminal show --serial TF000001",
                                [](Context& context) { return run_show(args, context); });
  for (CLI::App* app : {&personalise, &download, &show}) {
    add_storage_options(*app, args.storage);
    app->add_option("--serial", args.serial, "the device's serial (DSN)");
  }
  add_terminal_wallet(line, group);
  add_terminal_access(line, group);
  add_terminal_onboard(line, group);
  add_terminal_cardsign(line, group);
}

}  // namespace tf::cli
