// pki issue, show, list, revoke, release, renew, crl
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "base/file.hpp"
#include "pki/certificate.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/crl/shard.hpp"
#include "wire/encoding.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kPkiLimits{.size = 16 * 1024 * 1024, .depth = 8};
constexpr std::size_t kMostPkiFile = 64 * 1024;
constexpr const char* kCertificates = "/admin/v1/pki/certificates";

struct PkiArgs {
  AdminAccess access;
  std::string serial, holder, profile, subject, csr, out, reason, authority, state, after;
  std::vector<std::string> alternative;
  std::string shard;
  std::int64_t days = 0, limit = 100;
};

// PEM or DER; read here so that what is no request is told before anything is sent.
Result<std::string> request_of(const std::string& path) {
  const Bytes content = TF_TRY(read_file(path, kMostPkiFile));
  const bool pem = as_text(content).find("-----BEGIN") != std::string_view::npos;
  const auto request = pem ? TF_TRY(pki::CertificateRequest::from_pem(as_text(content))) : TF_TRY(pki::CertificateRequest::from_der(content));
  return wire::base64(request.der());
}

Status write_certificate(const std::string& body, const PkiArgs& args, Context& context) {
  auto answer = TF_TRY(wire::JsonObject::parse(body, kPkiLimits));
  const auto certificate = TF_TRY(pki::Certificate::from_der(TF_TRY(wire::from_base64(TF_TRY(answer.text("certificate", kMostPkiFile))))));
  const auto issuer = TF_TRY(pki::Certificate::from_der(TF_TRY(wire::from_base64(TF_TRY(answer.text("issuer", kMostPkiFile))))));
  const std::string pem = certificate.to_pem() + issuer.to_pem();
  if (!args.out.empty()) TF_CHECK(write_file_atomic(args.out, as_bytes(pem), 0644));
  if (context.json) {
    print_line(body);
    return {};
  }
  Facts facts;
  facts.add("serial", certificate.serial_hex()).add("subject", certificate.subject_text()).add("authority", TF_TRY(answer.text("authority")));
  facts.add("until", moment(certificate.not_after_ms()));
  if (!args.out.empty()) facts.add("written", args.out + "   the certificate and its issuer's");
  facts.print();
  if (args.out.empty()) print_line(pem);
  return {};
}

Status run_issue(const PkiArgs& args, Context& context) {
  TF_CHECK(need(args.profile, "--profile"));
  TF_CHECK(need(args.csr, "--csr"));
  TF_CHECK(need(args.subject, "--subject"));
  TF_CHECK(need(args.holder, "--holder"));
  const std::string request = TF_TRY(request_of(args.csr));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("profile", args.profile).member("subject", args.subject).member("holder", args.holder).member("request", request);
  if (!args.alternative.empty()) {
    writer.key("alternative").begin_array();
    for (const std::string& name : args.alternative) writer.value(name);
    writer.end_array();
  }
  if (args.days != 0) writer.member("days", args.days);
  return write_certificate(TF_TRY(client.post(kCertificates, "application/json", writer.end_object().take())), args, context);
}

Status run_renew(const PkiArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  TF_CHECK(need(args.csr, "--csr"));
  const std::string request = TF_TRY(request_of(args.csr));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("request", request).end_object();
  return write_certificate(TF_TRY(client.post(fmt::format("{}/{}/renew", kCertificates, args.serial), "application/json", writer.take())), args, context);
}

Status print_record(const std::string& body, const PkiArgs& args, Context& context) {
  auto answer = TF_TRY(wire::JsonObject::parse(body, kPkiLimits));
  const auto der = TF_TRY(answer.optional_text("certificate", kMostPkiFile));
  if (!args.out.empty() && der) {
    const auto certificate = TF_TRY(pki::Certificate::from_der(TF_TRY(wire::from_base64(*der))));
    TF_CHECK(write_file_atomic(args.out, as_bytes(certificate.to_pem()), 0644));
  }
  if (context.json) {
    print_line(body);
    return {};
  }
  Facts facts;
  const std::string state = TF_TRY(answer.text("state"));
  facts.add("serial", TF_TRY(answer.text("serial"))).add("state", state);
  if (const auto reason = TF_TRY(answer.optional_text("reason"))) facts.add("revoked", *reason + ", " + moment_in(answer, "revoked_ms"));
  facts.add("subject", TF_TRY(answer.text("subject"))).add("holder", TF_TRY(answer.text("holder"))).add("profile", TF_TRY(answer.text("profile")));
  facts.add("authority", TF_TRY(answer.text("authority"))).add("from", moment_in(answer, "not_before_ms")).add("until", moment_in(answer, "not_after_ms"));
  if (const auto renews = TF_TRY(answer.optional_text("renews"))) facts.add("renews", *renews);
  facts.print();
  return {};
}

Status run_show(const PkiArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_record(TF_TRY(client.get(fmt::format("{}/{}", kCertificates, args.serial))), args, context);
}

Status run_revoke(const PkiArgs& args, Context& context) {
  TF_CHECK(need(args.reason, "--reason"));
  if (args.serial.empty() == args.holder.empty())
    return Error{Code::invalid, "cli.missing", "say which certificate: SERIAL, or --holder for all of one holder's"};
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("reason", args.reason);
  if (!args.holder.empty()) {
    writer.member("holder", args.holder).end_object();
    const std::string body = TF_TRY(client.post("/admin/v1/pki/holders/revoke", "application/json", writer.take()));
    auto answer = TF_TRY(wire::JsonObject::parse(body));
    print_line(context.json ? body : fmt::format("{} certificates of {} are revoked", TF_TRY(answer.integer("revoked", 0, INT64_MAX)), args.holder));
    return {};
  }
  writer.end_object();
  return print_record(TF_TRY(client.post(fmt::format("{}/{}/revoke", kCertificates, args.serial), "application/json", writer.take())), args, context);
}

Status run_release(const PkiArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  return print_record(TF_TRY(client.post(fmt::format("{}/{}/release", kCertificates, args.serial), "application/json", "{}")), args, context);
}

// Holders may hold anything.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    plain ? out += c : out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Status run_list(const PkiArgs& args, Context& context) {
  std::string target = fmt::format("{}?limit={}", kCertificates, args.limit);
  const std::pair<const char*, const std::string*> filters[] = {
      {"authority", &args.authority}, {"state", &args.state}, {"holder", &args.holder}, {"after", &args.after}};
  for (const auto& [name, value] : filters)
    if (!value->empty()) target += fmt::format("&{}={}", name, percent_encoded(*value));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get(target));
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kPkiLimits));
  TextTable table({"SERIAL", "STATE", "PROFILE", "HOLDER", "SUBJECT", "UNTIL"});
  for (auto& entry : TF_TRY(answer.objects("certificates", 1000)))
    table.add({TF_TRY(entry.text("serial")), TF_TRY(entry.text("state")), TF_TRY(entry.text("profile")), TF_TRY(entry.text("holder")),
               TF_TRY(entry.text("subject")), moment_in(entry, "not_after_ms")});
  table.print();
  if (const auto next = TF_TRY(answer.optional_text("next_after"))) print_line("more: --after " + *next);
  return {};
}

// All shards one after another make a file that openssl verify -CRLfile reads.
Status run_crl(const PkiArgs& args, Context& context) {
  TF_CHECK(need(args.authority, "AUTHORITY"));
  auto client = TF_TRY(AdminClient::open(args.access));
  std::int64_t first = 0, last = 0;
  if (!args.shard.empty()) {
    if (args.shard.size() > 4 || args.shard.find_first_not_of("0123456789") != std::string::npos)
      return Error{Code::invalid, "cli.shard", "a shard is a number from 0 on"};
    first = last = std::stoll(args.shard);
  } else if (args.authority != "root") {
    auto all = TF_TRY(wire::JsonObject::parse(TF_TRY(client.get("/admin/v1/pki/authorities")), kPkiLimits));
    last = -1;
    for (auto& one : TF_TRY(all.objects("authorities", 64)))
      if (TF_TRY(one.text("name")) == args.authority && one.has("shards")) last = TF_TRY(one.integer("shards", 1, 4096)) - 1;
    if (last < 0) return Error{Code::not_found, "ca.no_such_authority", "there is no authority \"" + args.authority + "\"; pki authorities lists them"};
  }
  std::string pem;
  std::size_t revoked = 0;
  for (std::int64_t shard = first; shard <= last; ++shard) {
    const std::string der = TF_TRY(client.get(fmt::format("/admin/v1/pki/crls/{}/{}", args.authority, shard)));
    if (args.authority == "root") {
      const auto list = TF_TRY(pki::Crl::from_der(as_bytes(der)));
      pem += list.to_pem(), revoked += list.revoked().size();
    } else {
      const auto list = TF_TRY(pki::CrlShard::from_der(as_bytes(der)));
      pem += list.to_pem(), revoked += list.revoked().size();
    }
  }
  if (args.out.empty() && !context.json) {
    print_line(pem);
    return {};
  }
  if (!args.out.empty()) TF_CHECK(write_file_atomic(args.out, as_bytes(pem), 0644));
  wire::JsonWriter writer;
  writer.begin_object().member("authority", args.authority).member("lists", last - first + 1).member("revoked", static_cast<std::int64_t>(revoked)).end_object();
  print_line(context.json ? writer.text() : fmt::format("{} lists with {} revoked certificates: {}", last - first + 1, revoked, args.out));
  return {};
}

}  // namespace

void add_pki(CommandLine& line) {
  static PkiArgs args;
  args.access.as = "operator";
  CLI::App& group = line.group(line.root(), "pki", "The certificate authority: certificates for users, devices and servers, their renewal and revocation.");
  CLI::App& issue = line.command(group, "issue", "Issues a certificate for the key of a CSR. Of the CSR only the key is taken: the names are those said here.",
      "trustferry pki issue --profile user-signing --csr anna.csr --subject \"commonName=Anna, serialNumber=17\" --holder user:17 --out anna.crt\n"
      "trustferry pki issue --profile server --csr www.csr --subject commonName=www.example.org --alt dns:www.example.org --holder server:www",
      [](Context& context) { return run_issue(args, context); });
  issue.add_option("--profile", args.profile, "after which profile; pki profiles lists them");
  issue.add_option("--csr", args.csr, "certificate request, PEM or DER; it proves that the asker has the key");
  issue.add_option("--subject", args.subject, "ATTRIBUTE=VALUE, …: commonName, serialNumber, organizationName");
  issue.add_option("--alt", args.alternative, "dns:, ip:, email:, uri:, upn:NAME or hardware:OID:SERIAL; may be repeated");
  issue.add_option("--days", args.days, "how long; default: as long as the profile allows");
  CLI::App& renew = line.command(group, "renew", "The same certificate anew, also some time after its end where the profile says so.",
      "trustferry pki renew 4F2A… --csr anna.csr --out anna.crt", [](Context& context) { return run_renew(args, context); });
  renew.add_option("--csr", args.csr, "certificate request with the new or the same key");
  CLI::App& show = line.command(group, "show", "What the register knows about a certificate; with --out the certificate itself.", "trustferry pki show 4F2A…",
                                [](Context& context) { return run_show(args, context); });
  CLI::App& list = line.command(group, "list", "The register, page by page in the order of serial numbers.", "trustferry pki list --holder user:17 --state issued",
                                [](Context& context) { return run_list(args, context); });
  list.add_option("--authority", args.authority, "of this authority alone");
  list.add_option("--state", args.state, "intended, issued, revoked or failed");
  list.add_option("--after", args.after, "begin behind this serial number");
  list.add_option("--limit", args.limit, "at most so many, up to 1000")->capture_default_str();
  CLI::App& revoke = line.command(group, "revoke", "Revokes a certificate, or all of a holder's. OCSP says so at once, the revocation list within seconds.",
      "trustferry pki revoke 4F2A… --reason keyCompromise\ntrustferry pki revoke --holder user:17 --reason cessationOfOperation",
      [](Context& context) { return run_revoke(args, context); });
  revoke.add_option("--reason", args.reason, "keyCompromise, affiliationChanged, superseded, cessationOfOperation, certificateHold, privilegeWithdrawn, unspecified");
  CLI::App& release = line.command(group, "release", "Ends a certificateHold; no other revocation ends.", "trustferry pki release 4F2A…",
                                   [](Context& context) { return run_release(args, context); });
  CLI::App& crl = line.command(group, "crl", "An authority's revocation list as PEM: one shard, or all one after another.",
      "trustferry pki crl users --out users.crl\nopenssl verify -crl_check -CAfile root.crt -untrusted anna.crt -CRLfile users.crl anna.crt",
      [](Context& context) { return run_crl(args, context); });
  crl.add_option("authority", args.authority, "devices, users, servers or root");
  crl.add_option("shard", args.shard, "which shard; default: all");
  add_pki_authorities(line, group);
  add_pki_est(line, group);
  for (CLI::App* app : {&issue, &renew, &show, &list, &revoke, &release, &crl}) add_admin_options(*app, args.access);
  for (CLI::App* app : {&renew, &show, &revoke, &release}) app->add_option("serial", args.serial, "the certificate's serial number, hex");
  for (CLI::App* app : {&issue, &list, &revoke}) app->add_option("--holder", args.holder, "whom it is for, \"user:17\": your word for him, not shown in the certificate");
  for (CLI::App* app : {&issue, &renew, &show, &crl}) app->add_option("--out", args.out, "a PEM file; default: standard output where there is one");
}

}  // namespace tf::cli
