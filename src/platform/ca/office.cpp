#include "platform/ca/office.hpp"

#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "net/problem.hpp"
#include "platform/ca/foundation.hpp"
#include "platform/ca/root_items.hpp"
#include "platform/rki/staples.hpp"

namespace tf::platform {
namespace {

constexpr std::string_view kRoot = "root";

wire::HttpResponse file(std::string_view type, ByteView content, int max_age_s) {
  return {.status = 200, .content_type = std::string(type), .body = std::string(as_text(content)),
          .headers = {{"Cache-Control", "public, max-age=" + std::to_string(max_age_s)}}};
}

wire::HttpResponse nothing() { return net::to_problem(Error{Code::not_found, "public.no_such_list", "there is nothing at this path"}); }

// "/crl/users/7.crl", "/crl/root.crl"
wire::HttpResponse serve_list(const Context& context, ca::CertificateAuthority& authority, std::string_view path) {
  path.remove_prefix(std::min(path.size(), std::string_view("/crl/").size()));
  if (!path.ends_with(".crl")) return nothing();
  path.remove_suffix(4);
  if (path == kRoot) return file("application/pkix-crl", context.certificates.crl(), 3600);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return nothing();
  const std::string_view digits = path.substr(slash + 1);
  std::uint32_t shard = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), shard);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits != std::to_string(shard)) return nothing();
  const auto list = authority.lists().find(path.substr(0, slash), shard);
  return list ? file("application/pkix-crl", (*list)->der, 60) : nothing();
}

// "/ca/users.crt": the authority's own certificate (RFC 2585)
wire::HttpResponse serve_certificate(const ca::CertificateAuthority& authority, std::string_view path) {
  path.remove_prefix(std::min(path.size(), std::string_view("/ca/").size()));
  if (!path.ends_with(".crt")) return nothing();
  path.remove_suffix(4);
  const auto found = authority.authority(path);
  return found ? file("application/pkix-cert", found->certificate.der(), 3600) : nothing();
}

}  // namespace

Result<ca::Standing> root_standing(const Certificates& certificates, std::string_view serial_hex) {
  if (const auto crl = certificates.current_crl())
    for (const pki::Revoked& one : crl->revoked())
      if (one.serial_hex == serial_hex) return ca::Standing{ca::StandingKind::revoked, one.reason, one.at_ms};
  const auto all = certificates.all();
  const auto root = std::ranges::find(all, std::string(kind::root), &OwnCertificate::kind);
  for (const OwnCertificate& own : all)
    if (root != all.end() && own.certificate.serial_hex() == serial_hex && own.certificate.is_issued_by(root->certificate))
      return ca::Standing{.kind = ca::StandingKind::good};
  return ca::Standing{};
}

std::vector<ca::Delegate> root_delegates(const Certificates& certificates) {
  std::vector<ca::Delegate> out;  // newest first, as Certificates has them
  for (const OwnCertificate& own : certificates.all())
    if (own.kind == kind::ocsp_root) out.push_back({std::string(kRoot), own.certificate, own.key_name});
  return out;
}

Result<std::unique_ptr<ca::CertificateAuthority>> open_authority(Context& context, const std::string& profiles_directory) {
  const PkiConfig& config = context.config.pki;
  const std::string url = config.public_url();
  ca::CaOptions options;
  options.list_hours = config.list_hours;
  options.delegate_rsa_bits = config.ocsp_rsa ? 2048 : 0;
  options.offline = [&certificates = context.certificates](const std::string&, std::string_view serial) { return root_standing(certificates, serial); };
  bool online = false;
  for (const AuthorityKind& one : issuing_authorities()) {
    const auto own = context.certificates.current(kind_of_authority(one.name));
    if (!own) continue;
    online = true;
    options.authorities.push_back({std::string(one.name), own->certificate, own->key_name,
                                   {url + "/crl/" + std::string(one.name) + "/{shard}.crl", static_cast<std::uint32_t>(config.shards), url + "/ocsp"}});
  }
  const auto root = TF_TRY(context.certificates.current(kind::root));
  options.authorities.push_back({std::string(kRoot), root.certificate, "", {}});
  if (online) options.profiles = TF_TRY(ca::load_profiles(profiles_directory));
  auto out = TF_TRY(ca::CertificateAuthority::open({context.clock, context.random, context.database, context.trail, context.vault}, std::move(options)));
  out->put_offline_delegates(root_delegates(context.certificates));
  return out;
}

Result<std::unique_ptr<PkiOffice>> PkiOffice::open(Context& context, const std::string& profiles_directory) {
  std::unique_ptr<PkiOffice> out(new PkiOffice(context));
  out->authority_ = TF_TRY(open_authority(context, profiles_directory));
  context.authority = out->authority_.get();
  context.profiles_directory = profiles_directory;
  for (const std::string& name : missing_authorities(context.certificates))
    log::warn("pki: this platform was made before there was an authority \"" + name + "\" as it is now; work request --authorities-only asks the root for it");
  out->responder_ = std::make_unique<ca::ResponderHere>(*out->authority_, context.vault, context.clock);
  TF_CHECK(out->responder_->take_delegates());
  renew_staples(context);
  TF_CHECK(out->take_external_issuers(profiles_directory + "/../external"));
  out->add_routes();
  return out;
}

Status PkiOffice::take_external_issuers(const std::string& directory) {
  external_ = TF_TRY(open_external_issuers(directory, context_.clock));
  for (const auto& [profile, issuer] : external_) {
    if (!authority_->profiles().contains(profile)) return Error{Code::invalid, "config.value", "external/" + profile + ".toml: there is no such profile"};
    authority_->issue_elsewhere(profile, [raw = issuer.get()](const ca::IssueRequest& request, ca::Done<Bytes> done) { raw->issue(request, std::move(done)); });
  }
  return {};
}

PkiOffice::~PkiOffice() {
  context_.authority = nullptr;
  context_.profiles_directory.clear();
  listener_.stop(std::chrono::milliseconds(0));
  est_.reset();
  external_.clear();  // what still waits for another server is told so
  if (housekeeper_) housekeeper_->stop();
  authority_.reset();  // ends what is under way, which may still wake the housekeeper
}

void PkiOffice::add_routes() {
  listener_.add({.prefix = "/ocsp", .methods = {"GET", "POST"}, .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) {
                   answer(responder_->handle(request, "/ocsp"));
                   return true;
                 }});
  listener_.add({.prefix = "/crl", .methods = {"GET"}, .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) {
                   answer(serve_list(context_, *authority_, request.path));
                   return true;
                 }});
  listener_.add({.prefix = "/ca", .methods = {"GET"}, .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) {
                   answer(serve_certificate(*authority_, request.path));
                   return true;
                 }});
}

Status PkiOffice::start(std::shared_ptr<net::WorkerPool> pool) {
  housekeeper_ = std::make_unique<ca::Housekeeper>(*authority_);
  authority_->on_revocation([this] { housekeeper_->wake(); });
  const PkiConfig& config = context_.config.pki;
  if (config.est.listen.port != 0) {
    est_ = TF_TRY(EstDesk::open(context_, *authority_));
    TF_CHECK(est_->start(pool));
  }
  if (config.listen.port == 0) return {};
  return listener_.start(config.listen, static_cast<std::size_t>(context_.config.connections), std::move(pool), context_.metrics);
}

Status PkiOffice::renew_tls() { return est_ ? est_->renew_tls() : Status(); }

void PkiOffice::stop(std::chrono::milliseconds grace) {
  listener_.stop(grace);
  if (est_) est_->stop(grace);
  if (housekeeper_) housekeeper_->stop();
  external_.clear();
  authority_->drain();
}

}  // namespace tf::platform
