// tool cert lint: what is wrong with a certificate by RFC 5280 and, where one is given, by a profile.
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"
#include "base/ports.hpp"
#include "pki/lint/lint.hpp"
#include "wire/json.hpp"

namespace tf::cli {
namespace {

constexpr std::size_t kMost = 128 * 1024;

struct LintArgs {
  std::string file, issuer, profile;
};

// DER as it is, or the certificate of a PEM file; what is neither is lint's to say.
Result<Bytes> der_of(const std::string& path) {
  Bytes content = TF_TRY(read_file(path, kMost));
  if (as_text(content).find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) return content;
  return pki::certificate_der(as_text(content));
}

void print(const std::vector<pki::Finding>& findings, const Context& context) {
  if (!context.json) {
    TextTable table({"SEVERITY", "RULE", "WHERE", "WHAT"});
    for (const auto& finding : findings) table.add({std::string(name_of(finding.severity)), finding.rule, finding.where, finding.text});
    if (findings.empty()) return print_line("nothing found");
    return table.print();
  }
  wire::JsonWriter writer;
  writer.begin_object().key("findings").begin_array();
  for (const auto& finding : findings)
    writer.begin_object().member("severity", name_of(finding.severity)).member("rule", finding.rule).member("where", finding.where)
        .member("text", finding.text).end_object();
  print_line(writer.end_array().end_object().text());
}

Status run_lint(const LintArgs& args, Context& context) {
  TF_CHECK(need(args.file, "FILE"));
  pki::LintContext about{.issuer = {}, .profile = nullptr, .now_ms = SystemClock().now_ms()};
  if (!args.issuer.empty()) about.issuer = TF_TRY(pki::Certificate::from_der(TF_TRY(der_of(args.issuer))));
  std::optional<pki::Profile> profile;
  if (!args.profile.empty()) {
    const Bytes text = TF_TRY(read_file(args.profile, kMost));
    profile = TF_TRY(pki::parse_profile(as_text(text)));
    about.profile = &*profile;
  }
  const auto findings = pki::lint(TF_TRY(der_of(args.file)), about);
  print(findings, context);
  return pki::refuse_errors(findings);
}

}  // namespace

void add_lint(CommandLine& line, CLI::App& tool) {
  static LintArgs args;
  CLI::App& group = line.group(tool, "cert", "Certificates, whoever issued them.");
  CLI::App& lint = line.command(group, "lint", "What is wrong with a certificate by RFC 5280, good practice and a profile; exit status 5 on errors.",
                                "trustferry tool cert lint device.crt --issuer estate.crt --profile device.toml",
                                [](Context& context) { return run_lint(args, context); });
  lint.add_option("file", args.file, "the certificate, PEM or DER");
  lint.add_option("--issuer", args.issuer, "its issuer's certificate: name, key identifier, validity and signature are compared");
  lint.add_option("--profile", args.profile, "a profile file that it should follow");
}

}  // namespace tf::cli
