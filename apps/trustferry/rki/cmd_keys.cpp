// keys list, show, renew, export, import, zone add, zone list
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "base/file.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

struct KeysArgs {
  AdminAccess access;
  std::string serial, zone, slot, block, algorithm = "aes", component, kcv;
  std::int64_t of = 2;
};

// A table of the members of each object in an array of the answer.
Status print_objects(const std::string& body, const char* array, const std::vector<std::string>& members, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, {.size = 16 * 1024 * 1024}));
  TextTable table(members);
  for (auto& object : TF_TRY(answer.objects(array, 100'000))) {
    std::vector<std::string> row;
    for (const std::string& member : members) {
      if (const auto text = object.text(member, 4096)) {
        row.push_back(*text);
      } else if (const auto number = object.integer(member, INT64_MIN, INT64_MAX)) {
        row.push_back(std::to_string(*number));
      } else if (const auto truth = object.boolean(member)) {
        row.push_back(*truth ? "yes" : "no");
      } else {
        row.push_back("-");
      }
    }
    table.add(std::move(row));
  }
  table.print();
  return {};
}

Status run_list(const KeysArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_objects(TF_TRY(client.get("/admin/v1/keys")), "counts", {"slot", "suite", "status", "keys"}, context);
}

Status run_show(const KeysArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_objects(TF_TRY(client.get("/admin/v1/keys/" + args.serial)), "keys", {"slot", "set", "part", "suite", "kcv", "status"}, context);
}

Status run_renew(const KeysArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.post("/admin/v1/keys/" + args.serial + "/renew", "application/json", "{}"));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  print_line(fmt::format("{} gets set {} at its next download", args.serial, TF_TRY(answer.integer("set", 1, INT64_MAX))));
  return {};
}

Status run_export(const KeysArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  TF_CHECK(need(args.zone, "--zone"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("zone", args.zone);
  if (!args.slot.empty()) writer.member("slot", args.slot);
  const std::string body = TF_TRY(client.post("/admin/v1/keys/" + args.serial + "/export", "application/json", writer.end_object().take()));
  return print_objects(body, "keys", {"slot", "set", "status", "kcv", "block"}, context);
}

Status run_import(const KeysArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  TF_CHECK(need(args.zone, "--zone"));
  TF_CHECK(need(args.slot, "--slot"));
  TF_CHECK(need(args.block, "BLOCK"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("zone", args.zone).member("slot", args.slot);
  writer.member("block", TF_TRY(text_argument(args.block, "BLOCK"))).end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/keys/" + args.serial + "/import", "application/json", writer.text()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body));
  print_line(fmt::format("{} gets the key (KCV {}) with set {} at its next download", args.serial, TF_TRY(answer.text("kcv")),
                         TF_TRY(answer.integer("set", 1, INT64_MAX))));
  return {};
}

Status run_zone_add(const KeysArgs& args, Context& context) {
  TF_CHECK(need(args.zone, "NAME"));
  TF_CHECK(need(args.component, "--component"));
  TF_CHECK(need(args.kcv, "--kcv"));
  const SecretBytes component = TF_TRY(secret_argument(args.component, "--component"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("algorithm", args.algorithm).member("of", args.of);
  writer.member("component", wire::hex_upper(component.reveal())).member("kcv", args.kcv).end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/zones/" + args.zone + "/components", "application/json", writer.text()));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto zone = TF_TRY(wire::JsonObject::parse(body));
  if (TF_TRY(zone.boolean("complete"))) {
    print_line(fmt::format("Zone {} is complete. KCV of the whole key: {}. Compare it with the acquirer's.", args.zone, TF_TRY(zone.text("kcv"))));
  } else {
    print_line(fmt::format("Component taken, KCV {}. {} of {} are here; the next one comes from another custodian.", args.kcv,
                           TF_TRY(zone.texts("custodians", 16)).size(), args.of));
  }
  return {};
}

Status run_zone_list(const KeysArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_objects(TF_TRY(client.get("/admin/v1/zones")), "zones", {"name", "algorithm", "size", "components", "complete", "kcv"}, context);
}

}  // namespace

void add_keys(CommandLine& line) {
  static KeysArgs args;
  args.access.as = "custodian-1";
  static KeysArgs operations;
  operations.access.as = "operator";
  CLI::App& keys = line.group(line.root(), "keys", "The keys of terminals, and the zone keys under which an acquirer gets them.");
  CLI::App& list = line.command(keys, "list", "How many keys there are, by slot, suite and status.", "trustferry keys list",
                                [](Context& context) { return run_list(operations, context); });
  CLI::App& show = line.command(keys, "show", "The keys of one terminal with their KCVs.", "trustferry keys show TF000001",
                                [](Context& context) { return run_show(operations, context); });
  CLI::App& renew = line.command(keys, "renew", "Makes a new set for a terminal; the old keys stay valid for the grace period.",
                                 "trustferry keys renew TF000001", [](Context& context) { return run_renew(operations, context); });
  CLI::App& exports = line.command(keys, "export", "A terminal's keys as X9.143 blocks under a zone key, for the acquirer's host.",
                                   "trustferry keys export TF000001 --zone acquirer-1 --slot tmk",
                                   [](Context& context) { return run_export(args, context); });
  CLI::App& imports = line.command(keys, "import", "A key from the acquirer (X9.143 block under a zone key) for a slot of a terminal.",
                                   "trustferry keys import TF000001 --zone acquirer-1 --slot tmk @block.txt",
                                   [](Context& context) { return run_import(args, context); });
  for (auto [app, to] : {std::pair{&list, &operations}, {&show, &operations}, {&renew, &operations}, {&exports, &args}, {&imports, &args}})
    add_admin_options(*app, to->access);
  for (auto [app, to] : {std::pair{&show, &operations}, {&renew, &operations}, {&exports, &args}, {&imports, &args}})
    app->add_option("serial", to->serial, "the terminal's serial (DSN)");
  for (CLI::App* app : {&exports, &imports}) {
    app->add_option("--zone", args.zone, "name of the zone");
    app->add_option("--slot", args.slot, "tmk, pin, mac or data");
  }
  imports.add_option("block", args.block, "the key block, or @FILE, or -");

  CLI::App& zone = line.group(keys, "zone", "Zone keys.");
  CLI::App& add = line.command(zone, "add",
      "Brings one component of a zone key, confirmed by its KCV. Each custodian brings one; the last one completes the key.",
      "trustferry keys zone add acquirer-1 --as custodian-1 --component @component.hex --kcv A1B2C3",
      [](Context& context) { return run_zone_add(args, context); });
  add_admin_options(add, args.access);
  add.add_option("name", args.zone, "name of the zone");
  add.add_option("--algorithm", args.algorithm, "aes or tdes")->capture_default_str();
  add.add_option("--of", args.of, "components that make the key")->capture_default_str();
  add.add_option("--component", args.component, "HEX, @FILE or -");
  add.add_option("--kcv", args.kcv, "the component's KCV, 6 hex digits");
  CLI::App& zones = line.command(zone, "list", "Zones and their KCVs.", "trustferry keys zone list",
                                 [](Context& context) { return run_zone_list(args, context); });
  add_admin_options(zones, args.access);
}

}  // namespace tf::cli
