#include "platform/ca/est_desk.hpp"

namespace tf::platform {
namespace {

Error unknown_label(const std::string& label) {
  return Error{Code::invalid, "config.value", "pki.est: \"" + label + "\" is no profile; pki profiles lists them"};
}

Result<ca::EstSettings> settings_of(const EstConfig& config, const ca::Profiles& profiles) {
  ca::EstSettings out;
  out.default_label = config.default_label;
  out.retry_after_s = static_cast<int>(config.retry_after_s);
  for (const std::string& label : config.labels) {
    if (!profiles.contains(label)) return unknown_label(label);
    out.labels.insert(label);
  }
  if (!out.default_label.empty() && !out.labels.contains(out.default_label)) return unknown_label(out.default_label);
  for (const std::string& pair : config.by_certificate) {
    const std::size_t colon = pair.find(':');
    const std::string from = pair.substr(0, colon), to = colon == std::string::npos ? "" : pair.substr(colon + 1);
    if (!profiles.contains(from)) return unknown_label(from);
    if (!out.labels.contains(to)) return unknown_label(to);
    out.by_certificate[to].insert(from);
  }
  return out;
}

}  // namespace

EstDesk::EstDesk(Context& context, ca::CertificateAuthority& authority)
    : context_(context), authority_(authority), sampler_(context.clock), refusals_(context.database, context.trail, context.clock, sampler_) {}

Result<std::unique_ptr<EstDesk>> EstDesk::open(Context& context, ca::CertificateAuthority& authority) {
  ca::EstSettings settings = TF_TRY(settings_of(context.config.pki.est, authority.profiles()));
  std::unique_ptr<EstDesk> out(new EstDesk(context, authority));
  const OwnCertificate root = TF_TRY(context.certificates.current(kind::root));
  ca::EstPorts ports = ca::est_ports({context.clock, context.random, context.database, context.trail, context.vault}, authority, {root.certificate});
  ports.refused = [raw = out.get()](const std::string& action, const std::string& subject, const Error& error) {
    raw->refusals_.record({action, subject, error});
  };
  out->service_ = std::make_unique<ca::EstService>(std::move(ports), std::move(settings));
  return out;
}

EstDesk::~EstDesk() { stop(std::chrono::milliseconds(0)); }

Result<net::TlsServerConfig> EstDesk::tls() const {
  const OwnCertificate own = TF_TRY(context_.certificates.current(kind::tls));
  const OwnCertificate above = TF_TRY(context_.certificates.current(kind::operations_ca));
  const crypto::PrivateKey key = TF_TRY(context_.vault.signing_handle(own.key_name));
  net::TlsServerConfig out;
  out.chain = {net::share(own.certificate.native()), net::share(above.certificate.native())};
  out.key = net::share(key.native());
  for (const ca::Authority& one : authority_.authorities()) out.client_anchors.push_back(net::share(one.certificate.native()));
  return out;
}

Status EstDesk::start(std::shared_ptr<net::WorkerPool> pool) {
  const EstConfig& config = context_.config.pki.est;
  net::ServerOptions options;
  options.name = "est";
  options.address = config.listen.address;
  options.port = config.listen.port;
  options.io_threads = 1;
  options.max_connections = static_cast<std::size_t>(context_.config.connections);
  options.kept_headers = {"authorization", "content-transfer-encoding"};
  return server_.start(std::move(options), TF_TRY(tls()),
                       {.handler = [this](const wire::HttpRequest& request) { return service_->handle(request); }, .pool = std::move(pool), .prompt = {}},
                       context_.metrics);
}

Status EstDesk::renew_tls() { return server_.replace_tls(TF_TRY(tls())); }

void EstDesk::stop(std::chrono::milliseconds grace) {
  server_.stop(grace);
  refusals_.drain();
}

}  // namespace tf::platform
