// terminal onboard make, certify, run, show, reset: a device with a secure module that gets its subscription over the air.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/storage.hpp"
#include "apps/trustferry/line/system_ports.hpp"
#include "base/file.hpp"
#include "terminal/onboard/make.hpp"
#include "terminal/onboard/onboard.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMaxAnswerFile = 64 * 1024;

struct OnboardArgs {
  StorageArgs storage{.directory = "run/device", .passphrase_file = {}};
  std::string dsim_id, phlr, realm = "onboard", root, authenticate, hss_realm = "hss", module = "software", tcti, card, reader, card_root;
  std::string manufacturer = "Trustferry", model = "reference", language = "en";
  std::vector<std::string> registration, ocsp, operators;
  std::string signing, decryption, preliminary;
  std::string listen;
  std::int64_t seconds = 600, patience = 20;
  bool yes = false;
};

// device.json is read from wherever the device is run.
std::string absolute(const std::string& path) { return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string(); }

Result<terminal::OnboardProfile> profile_of(const OnboardArgs& args) {
  TF_CHECK(need(args.dsim_id, "--dsim-id"));
  TF_CHECK(need(args.registration.empty() ? "" : args.registration.front(), "--registration"));
  TF_CHECK(need(args.ocsp.empty() ? "" : args.ocsp.front(), "--ocsp"));
  const bool tpm = args.module == "tpm", uicc = args.module == "uicc";
  if (args.module != "software" && !tpm && !uicc) return Error{Code::invalid, "cli.module", "--module is software, tpm or uicc"};
  if (tpm) TF_CHECK(need(args.tcti, "--tcti"));
  if (!uicc && !(args.card + args.reader + args.card_root).empty()) return Error{Code::invalid, "cli.module", "--card, --reader and --card-root are for --module uicc"};
  if (!args.card.empty() && !args.reader.empty()) return Error{Code::invalid, "cli.card", "--card or --reader, not both"};
  terminal::OnboardProfile out{.dsim_id = args.dsim_id, .registration = {}, .ocsp = args.ocsp, .operators = args.operators, .authenticate = {},
                               .manufacturer = args.manufacturer, .model = args.model, .language = args.language,
                               .module = tpm ? terminal::ModuleKind::tpm : uicc ? terminal::ModuleKind::uicc : terminal::ModuleKind::software, .tcti = args.tcti,
                               .reader = args.reader, .card = absolute(args.card), .card_root = absolute(args.card_root)};
  for (const std::string& each : args.registration) {
    const std::size_t sign = each.find('=');
    if (sign == std::string::npos) return Error{Code::invalid, "cli.registration", "--registration NAME=URL, not " + each};
    out.registration.push_back({each.substr(0, sign), each.substr(sign + 1)});
  }
  if (!args.phlr.empty()) out.phlr = terminal::OnboardProfile::Aka{args.phlr, args.realm};
  if (!args.authenticate.empty()) out.authenticate = terminal::OnboardProfile::Aka{args.authenticate, args.hss_realm};
  return out;
}

Status run_make(const OnboardArgs& args, Context& context) {
  TF_CHECK(need(args.root, "--root"));
  const std::string& directory = args.storage.directory;
  const auto root = TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(args.root, kMaxAnswerFile)))));
  const auto profile = TF_TRY(profile_of(args));
  const auto made = TF_TRY(terminal::make_onboard_device(directory, profile, root, TF_TRY(storage_key(args.storage, system_random)), system_random));
  TF_CHECK(write_file_atomic(directory + "/signing.csr", as_bytes(made.signing.to_pem()), 0644));
  TF_CHECK(write_file_atomic(directory + "/decryption.csr", as_bytes(made.decryption.to_pem()), 0644));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("dsim_id", args.dsim_id).member("signing", made.signing.to_pem())
                   .member("decryption", made.decryption.to_pem()).end_object().text());
    return {};
  }
  Facts().add("device", args.dsim_id).add("requests", directory + "/signing.csr (profile onboard-module), " + directory + "/decryption.csr (onboard-module-decryption)")
      .add("next", "terminal onboard certify").print();
  return {};
}

Result<std::vector<pki::Certificate>> chain_in(const std::string& path) { return pki::certificates_from_pem(as_text(TF_TRY(read_file(path, kMaxAnswerFile)))); }

void print_facts(const terminal::OnboardFacts& facts, Context& context) {
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("dsim_id", facts.dsim_id).member("state", onboard::name_of(facts.stage)).member("certified", facts.certified);
    writer.member("pimsi", facts.pimsi).member("operator", facts.operator_id).member("delivery", facts.delivery).member("imsi", facts.imsi);
    writer.member("authenticated", facts.used).key("items").begin_array();
    for (const std::string& item : facts.items) writer.value(item);
    return print_line(writer.end_array().end_object().text());
  }
  std::string items;
  for (const std::string& item : facts.items) items += (items.empty() ? "" : ", ") + item;
  const auto or_none = [](const std::string& text) { return text.empty() ? std::string("none") : text; };
  Facts().add("device", facts.dsim_id).add("state", std::string(onboard::name_of(facts.stage))).add("certificates", facts.certified ? "there" : "none")
      .add("preliminary", or_none(facts.pimsi)).add("operator", or_none(facts.operator_id)).add("delivery", or_none(facts.delivery))
      .add("subscription", or_none(facts.imsi)).add("first use", facts.used ? "authenticated" : "not yet").add("items", or_none(items)).print();
}

terminal::OnboardPorts ports(Context& context) {
  return {.clock = system_clock, .random = system_random, .progress = [json = context.json](std::string_view step, const std::string& what) {
            if (!json) fmt::print(stderr, "{:<11} {}\n", step, what);
          }};
}

Result<terminal::OnboardDevice> open_device(const OnboardArgs& args, Context& context) {
  return terminal::OnboardDevice::open(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), ports(context));
}

Status run_certify(const OnboardArgs& args, Context& context) {
  TF_CHECK(need(args.signing, "--signing"));
  TF_CHECK(need(args.decryption, "--decryption"));
  TF_CHECK(need(args.preliminary, "--preliminary"));
  terminal::OnboardCertificates certificates{TF_TRY(chain_in(args.signing)), TF_TRY(chain_in(args.decryption))};
  auto preliminary = TF_TRY(terminal::decode_preliminary(TF_TRY(read_secret_file(args.preliminary, kMaxAnswerFile))));
  auto device = TF_TRY(open_device(args, context));
  TF_CHECK(terminal::certify_onboard_device(args.storage.directory, device.module(), certificates, std::move(preliminary), system_clock));
  print_facts(TF_TRY(device.facts()), context);
  return {};
}

Status run_run(const OnboardArgs& args, Context& context) {
  auto device = TF_TRY(open_device(args, context));
  const terminal::OnboardRun options{.total = std::chrono::seconds(args.seconds), .patience = std::chrono::seconds(args.patience), .listen = args.listen};
  print_facts(TF_TRY(device.run(options)), context);
  return {};
}

Status run_show(const OnboardArgs& args, Context& context) {
  print_facts(TF_TRY(TF_TRY(open_device(args, context)).facts()), context);
  return {};
}

Status run_reset(const OnboardArgs& args, Context& context) {
  if (!args.yes) return Error{Code::invalid, "cli.yes", "this erases the subscription, which the operator does not deliver again; say --yes if it is meant"};
  auto device = TF_TRY(open_device(args, context));
  TF_CHECK(device.reset());
  print_facts(TF_TRY(device.facts()), context);
  return {};
}

Status run_retire(const OnboardArgs& args, Context& context) {
  if (!args.yes) return Error{Code::invalid, "cli.yes", "this erases the module with its keys and all credentials, for good; say --yes if it is meant"};
  const auto profile = TF_TRY(terminal::read_onboard_profile(args.storage.directory));
  TF_CHECK(terminal::retire_onboard_device(args.storage.directory, TF_TRY(storage_key(args.storage, system_random)), system_random));
  if (context.json) {
    print_line(wire::JsonWriter().begin_object().member("dsim_id", profile.dsim_id).member("retired", true).end_object().text());
    return {};
  }
  Facts().add("device", profile.dsim_id).add("state", "retired").add("next", "revoke its certificates: trustferry pki revoke --holder module:" + profile.dsim_id + " --reason cessationOfOperation").print();
  return {};
}

void add_make_options(CLI::App& make, OnboardArgs& args) {
  make.add_option("--dsim-id", args.dsim_id, "the module's name");
  make.add_option("--registration", args.registration, "NAME=URL of a registration server, its certificate's name and where it is; several in the order to ask");
  make.add_option("--phlr", args.phlr, "the PHLR; left out: the device has a network already");
  make.add_option("--realm", args.realm, "the PHLR's realm")->capture_default_str();
  make.add_option("--ocsp", args.ocsp, "an OCSP responder; several in the order to ask");
  make.add_option("--root", args.root, "the root certificate (PEM) that the device trusts");
  make.add_option("--operator", args.operators, "an operator that the owner allows; several; left out: any");
  make.add_option("--authenticate", args.authenticate, "the operator's HSS for the first use; left out: as the operator says with the delivery");
  make.add_option("--authenticate-realm", args.hss_realm, "its realm")->capture_default_str();
  make.add_option("--manufacturer", args.manufacturer, "for device management")->capture_default_str();
  make.add_option("--model", args.model, "likewise")->capture_default_str();
  make.add_option("--language", args.language, "likewise")->capture_default_str();
  make.add_option("--module", args.module, "software, tpm: a TPM 2.0, or uicc: a smart card")->capture_default_str();
  make.add_option("--tcti", args.tcti, "where the TPM is, as device:/dev/tpmrm0 or swtpm:host=127.0.0.1,port=2321");
  make.add_option("--reader", args.reader, "the card's reader, by its name in pcscd; otherwise the first with a card");
  make.add_option("--card", args.card, "instead of a reader: a card in this process, by its directory (trustferry card new)");
  make.add_option("--card-root", args.card_root, "root certificate (PEM) of the card's manufacturer; no other's card is taken");
}

}  // namespace

void add_terminal_onboard(CommandLine& line, CLI::App& terminal) {
  static OnboardArgs args;
  CLI::App& group = line.group(terminal, "onboard", "A device with a secure module that gets its subscription over the air.");
  const auto command = [&](const char* name, const char* about, const char* example, Status (*run)(const OnboardArgs&, Context&)) -> CLI::App& {
    CLI::App& app = line.command(group, name, about, example, [run](Context& context) { return run(args, context); });
    add_storage_options(app, args.storage);
    return app;
  };
  add_make_options(command("make", "In the factory: a new device, its module with two keys, and the requests for their certificates.",
                           "trustferry terminal onboard make --directory device --dsim-id M2M-0001 --registration reg-1=https://localhost:8450 "
                           "--phlr https://localhost:8451 --ocsp http://localhost:8080/ocsp --root root.crt",
                           run_make),
                   args);
  CLI::App& certify = command("certify", "In the factory: takes the module's certificates and the preliminary credential.",
                              "trustferry terminal onboard certify --directory device --signing signing.crt --decryption decryption.crt --preliminary preliminary.json",
                              run_certify);
  certify.add_option("--signing", args.signing, "certificate after profile onboard-module (PEM, those above it behind)");
  certify.add_option("--decryption", args.decryption, "certificate after profile onboard-module-decryption, likewise");
  certify.add_option("--preliminary", args.preliminary, "{\"pimsi\": DIGITS, \"k\": HEX, \"opc\": HEX}, a file that only its owner reads");
  CLI::App& run = command("run", "Onboards, going on where it stands; says each step.", "trustferry terminal onboard run --directory device", run_run);
  run.add_option("--listen", args.listen, "HOST:PORT (UDP): wait for the provisioning server's notification");
  run.add_option("--seconds", args.seconds, "silent and busy servers are tried again so long")->capture_default_str()->check(CLI::Range(1, 7 * 86'400));
  run.add_option("--patience", args.patience, "seconds to wait for an answer")->capture_default_str()->check(CLI::Range(1, 600));
  command("show", "What the device holds, never a key.", "trustferry terminal onboard show --directory device", run_show);
  CLI::App& reset = command("reset", "Erases the subscription; keys and preliminary credential stay.", "trustferry terminal onboard reset --directory device --yes", run_reset);
  reset.add_flag("--yes", args.yes, "it is meant");
  CLI::App& retire = command("retire", "Erases the module itself, for good: its card or TPM may be another device's.", "trustferry terminal onboard retire --directory device --yes", run_retire);
  retire.add_flag("--yes", args.yes, "it is meant");
}

}  // namespace tf::cli
