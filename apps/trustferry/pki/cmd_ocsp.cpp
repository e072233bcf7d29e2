// ocsp request, install; serve --role ocsp
#include <fmt/format.h>

#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/signals.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "platform/ca/ocsp_role.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMostFile = 64 * 1024;

struct OcspArgs {
  std::string directory = "run/ocsp";
  std::string authority, out, certificate, ca, lists, fetch, trust;
  std::int64_t shards = 0;
  bool rsa = false;
};

Status run_request(const OcspArgs& args, Context& context) {
  TF_CHECK(need(args.authority, "AUTHORITY"));
  const auto request = TF_TRY(platform::request_ocsp_delegate(args.directory, args.authority, args.rsa));
  if (!args.out.empty()) TF_CHECK(write_file_atomic(args.out, as_bytes(request.to_pem()), 0644));
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("authority", args.authority).member("request", request.to_pem()).end_object().text());
    return {};
  }
  if (args.out.empty()) print_line(request.to_pem());
  else Facts().add("request", args.out + "   for a certificate after a profile of purpose ocsp-signer").print();
  return {};
}

// The first certificate of a file.
Result<pki::Certificate> first_in(const std::string& path) {
  const auto all = TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(path, kMostFile)))));
  return all.front();
}

Status run_install(const OcspArgs& args, Context& context) {
  TF_CHECK(need(args.authority, "AUTHORITY"));
  TF_CHECK(need(args.certificate, "--certificate"));
  TF_CHECK(need(args.ca, "--ca"));
  platform::OcspAuthority authority{.listed = {args.authority, TF_TRY(first_in(args.ca)), args.lists, static_cast<std::uint32_t>(args.shards)},
                                    .fetch = args.fetch.empty() ? args.lists : args.fetch, .trust_file = args.trust};
  const auto delegate = TF_TRY(first_in(args.certificate));
  TF_CHECK(platform::install_ocsp_delegate(args.directory, authority, delegate, SystemClock().now_ms()));
  if (context.json) {
    wire::JsonWriter writer;
    print_line(writer.begin_object().member("authority", args.authority).member("serial", delegate.serial_hex()).member("not_after_ms", delegate.not_after_ms()).end_object().text());
    return {};
  }
  Facts().add("authority", args.authority).add("delegate", delegate.serial_hex()).add("until", moment(delegate.not_after_ms())).print();
  return {};
}

}  // namespace

Status serve_ocsp(const std::string& directory) {
  static const SystemClock clock;
  auto role = TF_TRY(platform::OcspRole::open(directory, clock));
  TF_CHECK(role->start());
  log::info(fmt::format("answering OCSP on port {}, /ocsp; Ctrl-C stops", role->port()));
  wait_for_stop();
  role->stop();
  log::info("stopped");
  return {};
}

void add_ocsp(CommandLine& line) {
  static OcspArgs args;
  CLI::App& group = line.group(line.root(), "ocsp", "An OCSP responder apart from the platform: its keys and what it answers about. It runs by serve --role ocsp.");
  CLI::App& request = line.command(group, "request", "Makes a key for this responder and prints the request for its certificate, which the authority issues.",
      "trustferry ocsp request users --out users.csr\ntrustferry pki issue --profile ocsp-signer-users --csr users.csr --subject \"commonName=OCSP for users\" "
      "--holder ocsp:users --out users.ocsp.crt",
      [](Context& context) { return run_request(args, context); });
  request.add_option("--out", args.out, "a PEM file; default: standard output");
  request.add_flag("--rsa", args.rsa, "an RSA-2048 key instead of P-256");
  CLI::App& install = line.command(group, "install", "Takes the certificate for the key made last, and where the authority's revocation lists are. A running responder follows.",
      "trustferry ocsp install users --certificate users.ocsp.crt --ca users-ca.crt --lists http://ca.example.org/crl/users/{shard}.crl --shards 64",
      [](Context& context) { return run_install(args, context); });
  install.add_option("--certificate", args.certificate, "the delegate's certificate (PEM)");
  install.add_option("--ca", args.ca, "the authority's certificate (PEM)");
  install.add_option("--lists", args.lists, "the URLs that its revocation lists bear, with {shard}; or the URL of its one complete list");
  install.add_option("--shards", args.shards, "how many lists; 0: one complete list")->capture_default_str();
  install.add_option("--fetch", args.fetch, "where to fetch them, when it is elsewhere: an http or https URL, or a path");
  install.add_option("--trust", args.trust, "certificates to trust for https (PEM)");
  for (CLI::App* app : {&request, &install}) {
    app->add_option("authority", args.authority, "its name here");
    app->add_option("--directory", args.directory, "the responder's directory")->capture_default_str();
  }
}

}  // namespace tf::cli
