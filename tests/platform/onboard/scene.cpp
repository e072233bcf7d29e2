#include "tests/platform/onboard/scene.hpp"

#include "base/file.hpp"
#include "pki/leaf/leaf.hpp"
#include "tests/support/local.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

constexpr const char* kRoles[] = {"registration", "hss", "provisioning", "phlr", "credentialing", "contract"};
const SecretBytes& passphrase() {
  static const SecretBytes text(as_bytes("a passphrase for tests"));
  return text;
}

pki::Issuer authority(const pki::Issuer& root, const char* name, const std::vector<pki::Usage>& usages, std::int64_t now_ms, Random& random) {
  auto key = crypto::PrivateKey::generate_p256();
  return {must(pki::issue_authority(root, name, usages, key.public_key(), {now_ms, pki::kAuthorityDays}, random)), key};
}

pki::Issuer ocsp_signer(const pki::Issuer& issuer, std::int64_t now_ms, Random& random) {
  auto key = crypto::PrivateKey::generate_p256();
  return {must(pki::issue_ocsp_signer(issuer, "OCSP", key.public_key(), {now_ms, pki::kOcspSignerDays}, random)), key};
}

pki::Issuer new_root(std::int64_t now_ms, Random& random) {
  auto key = crypto::PrivateKey::generate_p256();
  return {must(pki::make_root("Test root", key, {now_ms, pki::kRootDays}, random)), key};
}

}  // namespace

std::string Caller::fingerprint() const { return wire::hex_lower(chain.front().fingerprint()); }

OnboardHierarchy::OnboardHierarchy(std::int64_t now)
    : now_ms(now), root(new_root(now, random)),
      modules(authority(root, "Modules", {pki::Usage::onboard_module, pki::Usage::onboard_module_decryption}, now, random)),
      onboard(authority(root, "Onboard", {pki::Usage::onboard_operator, pki::Usage::onboard_issuer, pki::Usage::onboard_registration, pki::Usage::onboard_access, pki::Usage::tls_server,
                                          pki::Usage::tls_client}, now, random)),
      modules_ocsp(ocsp_signer(modules, now, random)), onboard_ocsp(ocsp_signer(onboard, now, random)) {}

std::vector<pki::Certificate> OnboardHierarchy::issue(const std::string& name, const std::string& subject, const std::vector<std::string>& alternative, const crypto::PublicKey& key) {
  const auto profile = must(pki::parse_profile(tf::test::read_text(std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/profiles/" + name + ".toml")));
  const auto names = must(pki::parse_names(subject, alternative));
  const pki::Issuer& issuer = profile.authority == "modules" ? modules : onboard;
  const pki::RevocationPlaces places{"http://ca.example/crl/{shard}.crl", 1, "http://ca.example/ocsp"};
  const auto leaf = must(pki::build_leaf({.profile = profile, .names = names, .key = key, .issuer = issuer.certificate, .places = places, .now_ms = now_ms}, random));
  return {must(pki::Certificate::from_der(must(pki::sign_leaf(leaf, issuer.key)))), issuer.certificate};
}

Caller OnboardHierarchy::caller(const std::string& name) {
  auto key = crypto::PrivateKey::generate_p256();
  return {key, issue("onboard-server", "commonName=" + name, {"dns:" + name}, key.public_key())};
}

ToldResponder::ToldResponder(OnboardHierarchy& pki, const Clock& clock) : pki_(pki), clock_(clock) {
  net::ServerOptions options;
  options.name = "ocsp";
  must(server_.start_plain(options, {.handler = [this](const wire::HttpRequest& request) { return answer(request); }, .pool = std::make_shared<net::WorkerPool>(2)}, metrics_));
}

std::string ToldResponder::url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/ocsp"; }

void ToldResponder::revoke(const pki::Certificate& certificate) {
  const std::lock_guard lock(mutex_);
  revoked_.insert(certificate.serial_hex());
}

wire::HttpResponse ToldResponder::answer(const wire::HttpRequest& request) {
  if (silent) return {.status = 503, .content_type = "text/plain", .body = "", .headers = {}};
  ++asked;
  const auto asked_for = must(pki::ocsp::decode_request(as_bytes(request.body)));
  const bool of_modules = pki::ocsp::IssuerHashes(pki_.modules.certificate).match(asked_for.cert_ids.front());
  const pki::Issuer& signer = of_modules ? pki_.modules_ocsp : pki_.onboard_ocsp;
  const std::int64_t now = clock_.now_ms();
  pki::ocsp::ResponseData data{.responses = {}, .produced_at_ms = now, .nonce = asked_for.nonce};
  const std::lock_guard lock(mutex_);
  for (const auto& id : asked_for.cert_ids) {
    const bool bad = revoked_.contains(id.serial_hex);
    data.responses.push_back({.cert_id = id, .status = bad ? pki::ocsp::CertStatus::revoked : pki::ocsp::CertStatus::good, .revoked_at_ms = bad ? now - 1000 : 0,
                              .this_update_ms = now - 60'000, .next_update_ms = now + 600'000});
  }
  const Bytes der = must(pki::ocsp::make_response(data, must(pki::ocsp::responder_of(signer.certificate, signer.key))));
  return {.status = 200, .content_type = "application/ocsp-response", .body = std::string(as_text(der)), .headers = {}};
}

DeafServer::DeafServer() {
  net::ServerOptions options;
  options.name = "deaf";
  must(server_.start_plain(options, {.handler = [](const wire::HttpRequest&) { return wire::HttpResponse{.status = 503, .content_type = "text/plain", .body = "", .headers = {}}; },
                                     .pool = std::make_shared<net::WorkerPool>(1)}, metrics_));
}

std::uint64_t DeafServer::called() { return metrics_.counter("trustferry_http_connections_total", "", {{"listener", "deaf"}}).value(); }

std::uint64_t DeafServer::answered() { return metrics_.counter("trustferry_http_requests_total", "", {{"listener", "deaf"}, {"status", "5xx"}}).value(); }

std::string Answer::reason() const { return wire::peek_text(body, "reason").value_or(""); }

OnboardScene::OnboardScene() : pki(SystemClock().now_ms()), clock(pki.now_ms), ocsp(pki, clock), staff(pki.caller("staff")) {
  for (const char* role : kRoles) ports_[role] = tf::test::free_port();
}

// Every directory is made before the first server starts, so that all know each other's certificates.
void OnboardScene::make(const std::string& role) {
  OnboardSettings settings;
  settings.roles = {role};
  settings.name = role + "-1";
  settings.operator_id = kOperator;
  settings.listen = {"127.0.0.1", ports_.at(role)};
  settings.workers = 8;
  settings.gather_ms = 0;
  for (const char* other : kRoles) settings.phlr.hosts.push_back("localhost:" + std::to_string(ports_.at(other)));
  settings.phlr.hosts.push_back(ocsp.url().substr(7, ocsp.url().rfind('/') - 7));
  if (tweak) tweak(role, settings);
  must(initialise_onboard(directory(role), settings, pki.root.certificate, passphrase(), {.n = 1 << 10, .r = 8, .p = 1}));
  std::vector<pki::Certificate> all;
  for (const OnboardKey& key : keys_of(settings)) {
    const auto request = must(pki::CertificateRequest::from_pem(tf::test::read_text(OnboardPaths{directory(role)}.request(key.name))));
    const std::vector<std::string> names = key.name == onboard_key::tls ? std::vector<std::string>{"dns:localhost"} : std::vector<std::string>{};
    for (auto& one : pki.issue(key.profile, "commonName=" + key.subject, names, request.public_key())) all.push_back(one);
    if (key.name == onboard_key::tls) fingerprints_[role] = wire::hex_lower(all[all.size() - 2].fingerprint());
  }
  must(install_onboard(directory(role), all, clock.now_ms()));
}

void OnboardScene::add_peer(const std::string& at, OnboardPeer peer) { must(add_onboard_peer(directory(at), peer)); }

OnboardServer& OnboardScene::start(const std::string& role) {
  if (fingerprints_.empty()) {
    for (const char* each : kRoles) make(each);
    for (const char* at : kRoles) {
      for (const char* other : kRoles)
        add_peer(at, {.role = other, .name = std::string(other) + "-1", .url = url(other), .operator_id = kOperator, .fingerprints = {fingerprints_.at(other)}, .server_id = "trustferry"});
      add_peer(at, {.role = "ocsp", .name = "ocsp-1", .url = ocsp.url(), .operator_id = {}, .fingerprints = {}, .server_id = {}});
      add_peer(at, {.role = "staff", .name = "anna", .url = {}, .operator_id = {}, .fingerprints = {staff.fingerprint()}, .server_id = {}});
    }
  }
  auto opened = must(OnboardServer::open(directory(role), passphrase(), {}, clock), role.c_str());
  must(opened->start(), role.c_str());
  return *(servers_[role] = std::move(opened));
}

void OnboardScene::stop(const std::string& role) { servers_.erase(role); }

OnboardServer& OnboardScene::restart(const std::string& role) {
  stop(role);
  return start(role);
}

void OnboardScene::start_all() {
  for (const char* role : kRoles) start(role);
}

void OnboardScene::start_as_one() {
  const std::uint16_t port = ports_.at("contract");
  for (auto& [role, its] : ports_) its = port;
  tweak = [also = tweak](const std::string& role, OnboardSettings& settings) {
    settings.roles = {std::begin(kRoles), std::end(kRoles)};
    settings.name = "registration-1";
    settings.workers = 1;
    if (also) also(role, settings);
  };
  start("contract");
  for (const char* role : kRoles)
    add_peer("contract", {.role = role, .name = std::string(role) + "-1", .url = url("contract"), .operator_id = kOperator, .fingerprints = {fingerprint("contract")}, .server_id = "trustferry"});
  restart("contract");
}

std::int64_t OnboardScene::audited(const std::string& role, const std::string& action, const std::string& actor) {
  std::int64_t out = 0;
  must(server(role).opened().database->read([&](store::Session& session) -> Status {
    out = TF_TRY(session.query_one("SELECT COUNT(*) FROM audit_entries WHERE action = $1 AND ($2 = '' OR actor = $2)", {action, actor}, [](const store::Row& row) { return row.integer(0); })).value_or(0);
    return {};
  }));
  return out;
}

Answer OnboardScene::call(const std::string& role, net::ClientRequest request, const Caller* caller) {
  net::ClientOptions options;
  options.server = must(net::parse_base_url(url(role)));
  options.anchors = {net::share(pki.root.certificate.native())};
  if (caller != nullptr) {
    for (const auto& certificate : caller->chain) options.chain.push_back(net::share(certificate.native()));
    options.key = net::share(caller->key.native());
  }
  auto client = must(net::HttpClient::create(std::move(options)));
  auto response = must(client.request(request), role.c_str());
  Answer out{response.status, std::move(response.body)};
  for (auto& [name, value] : response.headers) out.headers[name] = value;
  return out;
}

Answer OnboardScene::post(const std::string& role, const std::string& path, const std::string& body, const Caller* caller, std::vector<std::pair<std::string, std::string>> headers,
                          const std::string& type) {
  return call(role, {.method = "POST", .target = path, .content_type = type, .body = body, .headers = std::move(headers)}, caller);
}

Answer OnboardScene::get(const std::string& role, const std::string& target, const Caller* caller) { return call(role, {.method = "GET", .target = target, .content_type = {}, .body = {}, .headers = {}}, caller); }

std::string OnboardScene::subscribe(const std::string& dsim_id) {
  const auto answer = post("contract", "/onboard/v1/contracts", onboard::encode(std::vector<onboard::Subscription>{{dsim_id, "Waterworks", "standard", {}, {}}}), &staff);
  return answer.status == 200 ? must(onboard::decode_row_results(answer.body)).front().result : answer.body;
}

}  // namespace tf::platform::test
