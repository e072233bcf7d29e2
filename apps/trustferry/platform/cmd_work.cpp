// root sign, work request, work install
#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "platform/authority.hpp"
#include "platform/rki/work_certificates.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMaxFile = 256 * 1024;

std::string fingerprint_of(std::string_view text) { return wire::hex_lower(crypto::sha256(as_bytes(text))); }

Status write_result(const std::string& path, const std::string& text, Context& context) {
  TF_CHECK(write_file_atomic(path, as_bytes(text), 0644));
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("file", path).member("sha256", fingerprint_of(text)).end_object().text());
  } else {
    Facts().add("written", path).add("SHA-256", fingerprint_of(text)).print();
  }
  return {};
}

struct RequestArgs {
  AdminAccess access;
  std::vector<std::string> ranges;
  bool crl_only = false, authorities_only = false;
  std::string out;
};

Status run_request(const RequestArgs& args, Context& context) {
  TF_CHECK(need(args.out, "--out"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object();
  if (args.crl_only) writer.member("crl_only", true);
  if (args.authorities_only) writer.member("authorities_only", true);
  if (!args.ranges.empty()) {
    writer.key("ranges").begin_array();
    for (const std::string& range : args.ranges) writer.value(range);
    writer.end_array();
  }
  return write_result(args.out, TF_TRY(client.post("/admin/v1/work/request", "application/json", writer.end_object().take())), context);
}

struct SignArgs {
  std::string request, root_key, root, out, passphrase_file;
  platform::RootSigning how;
};

Status run_sign(const SignArgs& args, Context& context) {
  TF_CHECK(need(args.request, "REQUEST"));
  TF_CHECK(need(args.root_key, "--root-key"));
  TF_CHECK(need(args.root, "--root"));
  TF_CHECK(need(args.out, "--out"));
  const Bytes text = TF_TRY(read_file(args.request, kMaxFile));
  const auto request = TF_TRY(platform::decode_work_request(as_text(text)));
  if (!context.json) {
    Facts facts;
    facts.add("request SHA-256", fingerprint_of(as_text(text)) + "   compare it with what work request printed");
    for (const auto& item : request.items) facts.add("sign", item.kind + " for key " + item.key_name);
    for (const auto& range : request.ranges) facts.add("serials", range.text());
    for (const auto& serial : args.how.revoke) facts.add("revoke", serial);
    facts.print();
  }
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "trustferry-root", "Root passphrase"}));
  const auto root = TF_TRY(platform::open_root(args.root, args.root_key, passphrase));
  SystemClock clock;
  SystemRandom random;
  const auto answer = TF_TRY(platform::sign_work_request(root, request, args.how, clock.now_ms(), random));
  return write_result(args.out, platform::encode(answer), context);
}

struct InstallArgs {
  AdminAccess access;
  std::string answer;
};

Status run_install(const InstallArgs& args, Context& context) {
  TF_CHECK(need(args.answer, "ANSWER"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const Bytes text = TF_TRY(read_file(args.answer, kMaxFile));
  const std::string status = TF_TRY(client.post("/admin/v1/work/install", "application/json", std::string(as_text(text))));
  print_line(context.json ? status : "Installed. New work certificates are used from now on, old ones stay valid; new authorities from the next start on.");
  return {};
}

}  // namespace

void add_work(CommandLine& line) {
  static SignArgs sign;
  CLI::App& root = line.group(line.root(), "root", "The offline root of trust; needs no platform.");
  CLI::App& sign_app = line.command(root, "sign",
      "Signs what a platform requests: new work certificates and the next CRL. Run it where the root key is, offline.",
      "trustferry root sign request.json --root-key offline/root.key --root root.crt --out answer.json",
      [](Context& context) { return run_sign(sign, context); });
  sign_app.add_option("request", sign.request, "file made by work request");
  sign_app.add_option("--root-key", sign.root_key, "the root's private key");
  sign_app.add_option("--root", sign.root, "the root's certificate");
  sign_app.add_option("--out", sign.out, "where the answer goes");
  sign_app.add_option("--revoke", sign.how.revoke, "serial (hex) to put on the CRL; may be repeated");
  sign_app.add_option("--days", sign.how.work_days, "term of the work certificates")->capture_default_str();
  sign_app.add_option("--crl-days", sign.how.crl_days, "until the next CRL is due")->capture_default_str();
  sign_app.add_option("--passphrase-file", sign.passphrase_file, "asked for otherwise");

  CLI::App& work = line.group(line.root(), "work", "Work certificates: renewed with overlap, signed by the offline root.");
  static RequestArgs request;
  request.access.as = "administrator";
  CLI::App& request_app = line.command(work, "request", "Makes new work keys in the vault and a request for the root.",
      "trustferry work request --out request.json", [](Context& context) { return run_request(request, context); });
  add_admin_options(request_app, request.access);
  request_app.add_option("--range", request.ranges, "serials to serve; default: those of the certificate in force");
  request_app.add_flag("--crl-only", request.crl_only, "no new keys: the next revocation list alone (root sign --revoke SERIAL)");
  request_app.add_flag("--authorities-only", request.authorities_only, "no new keys but those of issuing authorities that came with a later version (pki authorities names them)");
  request_app.add_option("--out", request.out, "where the request goes");

  static InstallArgs install;
  install.access.as = "administrator";
  CLI::App& install_app = line.command(work, "install", "Takes the root's answer into use.", "trustferry work install answer.json",
                                       [](Context& context) { return run_install(install, context); });
  add_admin_options(install_app, install.access);
  install_app.add_option("answer", install.answer, "file made by root sign");
}

}  // namespace tf::cli
