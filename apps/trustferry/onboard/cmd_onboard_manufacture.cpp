// onboard manufacture: a factory's visit for many devices at once, with the platform's certificate authority and a PHLR that runs
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/progress.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/onboard/onboard_access.hpp"
#include "base/file.hpp"
#include "crypto/storage_key.hpp"
#include "terminal/onboard/make.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMostRequest = 64 * 1024;
constexpr std::size_t kPimsi = 15;

struct FactoryArgs {
  AdminAccess access;  // the platform's; its operator calls the PHLR too
  std::string phlr, realm = "onboard", out = "run/devices", prefix = "M2M-", pimsi_prefix = "99999", authenticate, authenticate_realm = "hss", owner = "Owner", plan = "standard";
  std::vector<std::string> registration, ocsp, operators;
  std::int64_t count = 1, first = 1, jobs = 2;
};

struct Made {
  std::string dsim_id, pimsi;
};

class Factory {
 public:
  static Result<std::unique_ptr<Factory>> open(const FactoryArgs& args, const pki::Certificate& root) {
    AdminAccess phlr = args.access;
    phlr.url = args.phlr;
    return std::unique_ptr<Factory>(new Factory(args, root, TF_TRY(AdminClient::open(args.access)), TF_TRY(AdminClient::open(phlr))));
  }

  // A device that was finished by an earlier run stays as it is.
  Result<Made> make(std::int64_t number) {
    const Made made{fmt::format("{}{:06}", args_.prefix, number), fmt::format("{}{:0{}}", args_.pimsi_prefix, number, kPimsi - args_.pimsi_prefix.size())};
    const std::string directory = args_.out + "/" + made.dsim_id;
    if (std::filesystem::exists(directory + "/decryption.crt")) return made;
    const bool interrupted = std::filesystem::exists(directory);
    std::filesystem::create_directories(directory);
    auto module = TF_TRY(module_of(directory, made.dsim_id));
    const auto requests = TF_TRY(terminal::onboard_requests(*module));
    terminal::OnboardCertificates certificates{TF_TRY(issue("onboard-module", requests.signing, made.dsim_id)), TF_TRY(issue("onboard-module-decryption", requests.decryption, made.dsim_id))};
    if (interrupted) TF_CHECK(module->erase(module::Slot::preliminary));
    TF_CHECK(terminal::certify_onboard_device(directory, *module, certificates, TF_TRY(preliminary(made.pimsi, interrupted)), clock_));
    TF_CHECK(write_file_atomic(directory + "/signing.crt", as_bytes(pki::to_pem(certificates.signing)), 0644));
    TF_CHECK(write_file_atomic(directory + "/decryption.crt", as_bytes(pki::to_pem(certificates.decryption)), 0644));
    return made;
  }

 private:
  Factory(const FactoryArgs& args, pki::Certificate root, AdminClient platform, AdminClient phlr)
      : args_(args), root_(std::move(root)), platform_(std::move(platform)), phlr_(std::move(phlr)) {}

  Result<terminal::OnboardProfile> profile_of(const std::string& dsim_id) const {
    terminal::OnboardProfile out{.dsim_id = dsim_id, .registration = {}, .ocsp = args_.ocsp, .operators = args_.operators};
    out.phlr = terminal::OnboardProfile::Aka{args_.phlr, args_.realm};
    if (!args_.authenticate.empty()) out.authenticate = terminal::OnboardProfile::Aka{args_.authenticate, args_.authenticate_realm};
    for (const std::string& each : args_.registration) {
      const std::size_t sign = each.find('=');
      if (sign == std::string::npos) return Error{Code::invalid, "cli.registration", "--registration NAME=URL, not " + each};
      out.registration.push_back({each.substr(0, sign), each.substr(sign + 1)});
    }
    return out;
  }

  Result<std::unique_ptr<module::SecureModule>> module_of(const std::string& directory, const std::string& dsim_id) {
    const auto profile = TF_TRY(profile_of(dsim_id));
    const Secret<32> key = TF_TRY(crypto::storage_key_from_file(directory, random_));
    if (!std::filesystem::exists(terminal::onboard_profile_path(directory)))
      TF_TRY(terminal::make_onboard_device(directory, profile, root_, key.clone(), random_));
    return terminal::open_onboard_module(directory, profile, key.clone(), random_);
  }

  Result<std::vector<pki::Certificate>> issue(const std::string& profile, const pki::CertificateRequest& request, const std::string& dsim_id) {
    wire::JsonWriter writer;
    writer.begin_object().member("profile", profile).member("subject", "serialNumber=" + dsim_id).member("holder", "module:" + dsim_id);
    writer.member("request", wire::base64(request.der())).end_object();
    auto answer = TF_TRY(wire::JsonObject::parse(TF_TRY(platform_.post("/admin/v1/pki/certificates", "application/json", writer.take()))));
    std::vector<pki::Certificate> out;
    for (const char* name : {"certificate", "issuer"}) out.push_back(TF_TRY(pki::Certificate::from_der(TF_TRY(wire::from_base64(TF_TRY(answer.text(name, kMostRequest)))))));
    return out;
  }

  // K and OPc are made here and go over TLS to the PHLR and into the module, and lie in no file.
  Result<module::Credential> preliminary(const std::string& pimsi, bool interrupted) {
    module::Credential out{.imsi = pimsi, .key = crypto::AkaKey::random(crypto::AkaAlgorithm::milenage, random_)};
    if (interrupted) TF_TRY(phlr_.post("/onboard/v1/subscribers/remove", "application/json", wire::JsonWriter().begin_object().member("pimsi", pimsi).end_object().take()));
    std::string k = wire::hex_lower(out.key.k()), opc = wire::hex_lower(out.key.opc());
    wire::JsonWriter writer;
    writer.begin_object().key("subscribers").begin_array().begin_object().member("pimsi", pimsi).member("k", k).member("opc", opc).end_object().end_array().end_object();
    std::string body = writer.take();
    const auto answer = phlr_.post("/onboard/v1/subscribers", "application/json", body);
    for (std::string* text : {&k, &opc, &body}) wipe(text->data(), text->size());
    if (!answer) return answer.error();
    return out;
  }

  const FactoryArgs& args_;
  const pki::Certificate root_;
  AdminClient platform_, phlr_;
  SystemClock clock_;
  SystemRandom random_;
};

Status write_orders(const FactoryArgs& args, const std::vector<Made>& made) {
  std::string text = "dsim_id,owner,plan,signing,decryption\n";
  for (const Made& one : made) text += fmt::format("{0},{1},{2},{0}/signing.crt,{0}/decryption.crt\n", one.dsim_id, args.owner, args.plan);
  return write_file_atomic(args.out + "/modules.csv", as_bytes(text), 0644);
}

Status run_manufacture(const FactoryArgs& args, Context& context) {
  TF_CHECK(need(args.phlr, "--phlr"));
  TF_CHECK(need(args.registration.empty() ? "" : args.registration.front(), "--registration"));
  TF_CHECK(need(args.ocsp.empty() ? "" : args.ocsp.front(), "--ocsp"));
  if (args.pimsi_prefix.size() > 8 || args.pimsi_prefix.find_first_not_of("0123456789") != std::string::npos)
    return Error{Code::invalid, "cli.pimsi_prefix", "--pimsi-prefix is up to 8 digits"};
  const std::string root_file = args.access.root.empty() ? args.access.directory + "/root.crt" : args.access.root;
  const auto root = TF_TRY(pki::Certificate::from_pem(as_text(TF_TRY(read_file(root_file, kMostRequest)))));
  std::vector<Made> made(static_cast<std::size_t>(args.count));
  std::atomic<std::int64_t> next{0}, done{0};
  std::mutex mutex;
  Status outcome;
  const auto work = [&] {
    const Status worked = [&]() -> Status {
      const auto factory = TF_TRY(Factory::open(args, root));
      for (std::int64_t i = next++; i < args.count; i = next++, ++done) made[static_cast<std::size_t>(i)] = TF_TRY(factory->make(args.first + i));
      return {};
    }();
    if (worked) return;
    next = args.count;
    const std::lock_guard lock(mutex);
    outcome = worked;
  };
  {
    const ProgressBar bar("manufacturing", [&] { return ProgressBar::Count{done.load(), args.count, 0}; });
    std::vector<std::jthread> threads;
    for (std::int64_t i = 0; i < args.jobs; ++i) threads.emplace_back(work);
  }
  TF_CHECK(outcome);
  TF_CHECK(write_orders(args, made));
  if (context.json) {
    wire::JsonWriter writer;
    writer.begin_object().member("directory", args.out).member("orders", args.out + "/modules.csv").key("devices").begin_array();
    for (const Made& one : made) writer.begin_object().member("dsim_id", one.dsim_id).member("pimsi", one.pimsi).end_object();
    print_line(writer.end_array().end_object().text());
    return {};
  }
  Facts().add("devices", fmt::format("{} in {}", args.count, args.out)).add("orders", args.out + "/modules.csv   for onboard subscribe --csv").print();
  return {};
}

}  // namespace

void add_onboard_manufacture(CommandLine& line, CLI::App& group) {
  static FactoryArgs args;
  args.access.as = "operator";
  CLI::App& app = line.command(group, "manufacture", "Makes devices as a factory does: a software module each, certificates by the platform, the preliminary credential shared with the PHLR. Goes on where it was interrupted.",
      "trustferry onboard manufacture --count 200 --out run/devices --phlr https://localhost:8451 --registration reg-1=https://localhost:8450 --ocsp http://localhost:8446/ocsp",
      [](Context& context) { return run_manufacture(args, context); });
  add_onboard_options(app, args.access, "--admin", "https://host:port of the platform's admin listener; default: that of PLATFORM");
  app.add_option("--count", args.count, "how many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  app.add_option("--first", args.first, "the first number")->capture_default_str()->check(CLI::Range(0, 999'999));
  app.add_option("--out", args.out, "where the devices' directories go")->capture_default_str();
  app.add_option("--prefix", args.prefix, "DSIM_ID: PREFIX and six digits")->capture_default_str();
  app.add_option("--pimsi-prefix", args.pimsi_prefix, "PIMSI: PREFIX and digits, 15 in all")->capture_default_str();
  app.add_option("--phlr", args.phlr, "https://host:port of the PHLR");
  app.add_option("--realm", args.realm, "the PHLR's realm")->capture_default_str();
  app.add_option("--registration", args.registration, "NAME=URL of a registration server; several in the order to ask");
  app.add_option("--ocsp", args.ocsp, "an OCSP responder; several in the order to ask");
  app.add_option("--operator", args.operators, "an operator that the owner allows; several; left out: any");
  app.add_option("--authenticate", args.authenticate, "the operator's HSS for the first use");
  app.add_option("--authenticate-realm", args.authenticate_realm, "its realm")->capture_default_str();
  app.add_option("--owner", args.owner, "who orders, in modules.csv")->capture_default_str();
  app.add_option("--plan", args.plan, "likewise")->capture_default_str();
  app.add_option("--jobs", args.jobs, "so many at once")->capture_default_str()->check(CLI::Range(1, 64));
}

}  // namespace tf::cli
