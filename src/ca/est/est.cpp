#include "ca/est/est.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "ca/est/messages.hpp"
#include "crypto/digest.hpp"
#include "pki/request/enrolment.hpp"
#include "wire/encoding.hpp"

namespace tf::ca {

struct EstService::Call {
  const wire::HttpRequest& http;
  std::string operation;
  std::string label;
  pki::Profile profile;
  std::optional<pki::CertificateRequest> request = {};
};

struct EstService::Grant {
  std::string actor;   // "est:e-0A1B…" or "est:" and the certificate's holder
  std::string holder;
  pki::Names names;
  std::string code = {};  // its name; empty: by certificate
};

namespace {

Error denied() { return Error{Code::denied, "est.credentials", {}}; }
Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

bool known_operation(std::string_view name) {
  static constexpr std::string_view kAll[] = {"cacerts", "csrattrs", "simpleenroll", "simplereenroll", "serverkeygen"};
  return std::ranges::find(kAll, name) != std::end(kAll);
}

std::string_view header(const wire::HttpRequest& request, std::string_view name) {
  for (const auto& [one, value] : request.headers)
    if (one == name) return value;
  return {};
}

// Those asked for are among those approved.
Status check_asked(const pki::Names& asked, const pki::Names& approved) {
  for (const auto& one : asked.subject)
    if (std::ranges::find(approved.subject, one) == approved.subject.end())
      return refused("est.other_names", "the request asks for " + one.first + " " + one.second + ", which nobody approved");
  for (const auto& one : asked.alternative)
    if (std::ranges::find(approved.alternative, one) == approved.alternative.end())
      return refused("est.other_names", "the request asks for " + std::string(pki::name_of(one.first)) + " " + one.second + ", which nobody approved");
  return {};
}

Hash256 hash_of(const pki::CertificateRequest& request) { return crypto::sha256(request.public_key().spki()); }

// The request's own words: refused for what they are is refused as a bad request.
Result<pki::CertificateRequest> read_request(const wire::HttpRequest& http) {
  return pki::CertificateRequest::from_der(TF_TRY(est::body_der(http.body, est::says_binary(http.headers))));
}

wire::HttpResponse certificate_response(ByteView der) {
  const auto certificate = pki::Certificate::from_der(der);
  if (!certificate) return est::refusal(Error{Code::internal, "est.certificate", {}}, 0);
  return est::der_response(est::kCertsOnly, pki::certs_only({*certificate}));
}

}  // namespace

EstPorts est_ports(const Ports& ports, CertificateAuthority& authority, std::vector<pki::Certificate> above) {
  return {
      .clock = ports.clock,
      .random = ports.random,
      .database = ports.database,
      .trail = ports.trail,
      .profile = [&authority](const std::string& name) -> Result<pki::Profile> {
        const auto found = authority.profiles().find(name);
        if (found != authority.profiles().end()) return found->second;
        return Error{Code::not_found, "est.label", "there is nothing at this label"};
      },
      .chain = [&authority, above = std::move(above)](const std::string& name) -> Result<std::vector<pki::Certificate>> {
        const auto profile = authority.profiles().find(name);
        if (profile == authority.profiles().end()) return Error{Code::not_found, "est.label", "there is nothing at this label"};
        std::vector<pki::Certificate> out{TF_TRY(authority.authority(profile->second.authority)).certificate};
        for (const pki::Certificate& one : above)
          if (std::ranges::find(out, one) == out.end()) out.push_back(one);
        return out;
      },
      .issue = [&authority](IssueRequest request) { return authority.issue(std::move(request)); },
      .renew = [&authority](RenewRequest request) { return authority.renew(std::move(request)); },
      .show = [&authority](std::string_view serial_hex) { return authority.show(serial_hex); },
      .refused = {},
  };
}

wire::HttpResponse EstService::handle(const wire::HttpRequest& request) {
  auto response = route(request);
  if (response) return std::move(*response);
  const Error& error = response.error();
  const bool ours = error.code == Code::internal || error.code == Code::integrity;
  if (ours) log::error("est: " + describe(error));
  if (ports_.refused && (error.code == Code::denied || error.code == Code::refused)) ports_.refused("est.enrol", request.path, error);
  return est::refusal(error, settings_.retry_after_s);
}

Result<wire::HttpResponse> EstService::route(const wire::HttpRequest& http) {
  const Error nothing{Code::not_found, "est.path", "there is nothing at this path"};
  if (!http.path.starts_with(kPath)) return nothing;
  const std::string_view rest = std::string_view(http.path).substr(std::string_view(kPath).size());
  const std::size_t slash = rest.rfind('/');
  Call call{.http = http, .operation = std::string(rest.substr(slash == std::string_view::npos ? 0 : slash + 1)),
            .label = slash == std::string_view::npos ? settings_.default_label : std::string(rest.substr(0, slash)), .profile = {}};
  if (!known_operation(call.operation) || !settings_.labels.contains(call.label)) return nothing;
  call.profile = TF_TRY(ports_.profile(call.label));

  const bool reads = call.operation == "cacerts" || call.operation == "csrattrs";
  if (http.method != (reads ? "GET" : "POST")) {
    wire::HttpResponse out = est::text_response(405, "another method is expected here");
    out.headers = {{"Allow", reads ? "GET, HEAD" : "POST"}};
    return out;
  }
  if (call.operation == "cacerts") return est::der_response("application/pkcs7-mime", pki::certs_only(TF_TRY(ports_.chain(call.label))));
  if (call.operation == "csrattrs") {
    const std::optional<int> rsa = call.profile.rsa ? std::optional(call.profile.rsa_bits_min) : std::nullopt;
    return est::der_response("application/csrattrs", pki::csr_attributes(call.profile.p256, rsa));
  }
  if (http.content_type != est::kPkcs10) return est::text_response(415, "a request has the type application/pkcs10");
  if (call.operation == "simpleenroll") return enrol(call);
  return call.operation == "simplereenroll" ? renew(call) : generate(call);
}

// Credentials first: who proves nothing is told nothing about his request.
Result<EstService::Grant> EstService::granted(Call& call) {
  const std::string_view credentials = header(call.http, "authorization");
  Grant out = credentials.empty() ? TF_TRY(granted_by_certificate(call)) : TF_TRY(granted_by_code(call, credentials));
  call.request = TF_TRY(read_request(call.http));
  TF_CHECK(check_asked(TF_TRY(pki::names_of(*call.request)), out.names));
  return out;
}

Result<EstService::Grant> EstService::granted_by_code(Call& call, std::string_view credentials) {
  constexpr std::string_view kBasic = "basic ";
  std::string scheme(credentials.substr(0, kBasic.size()));
  for (char& c : scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (scheme != kBasic) return denied();
  auto decoded = wire::from_base64(credentials.substr(kBasic.size()));
  if (!decoded) return denied();
  const std::string_view text = as_text(*decoded);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return denied();
  const std::string name(text.substr(0, colon));
  const SecretBytes secret(as_bytes(text.substr(colon + 1)));
  wipe(decoded->data(), decoded->size());

  std::optional<EnrolmentCode> code;
  const Status checked = ports_.database.write([&](store::Session& session) -> Status {
    code = TF_TRY(check_code(session, name, secret.reveal(), ports_.clock.now_ms()));
    return {};
  });
  if (!checked && checked.error().code == Code::invalid) return denied();  // a name that is no text
  TF_CHECK(checked);
  if (!code) return denied();
  if (code->profile != call.label) return refused("est.label", "this enrolment code is for another label");
  return Grant{.actor = "est:" + code->name, .holder = code->holder, .names = code->names, .code = code->name};
}

// The certificate as our register has it: TLS has verified its way to one of our authorities.
Result<Record> EstService::client_record(const Call& call) const {
  if (!call.http.client_certificate) return denied();
  const auto certificate = pki::Certificate::from_der(*call.http.client_certificate);
  if (!certificate) return denied();
  auto record = ports_.show(certificate->serial_hex());
  if (!record && record.error().code != Code::not_found) return record.error();
  if (!record || record->der != certificate->der() || record->state != State::issued || ports_.clock.now_ms() >= record->not_after_ms) return denied();
  return record;
}

Result<EstService::Grant> EstService::granted_by_certificate(Call& call) {
  const Record record = TF_TRY(client_record(call));
  const auto allowed = settings_.by_certificate.find(call.label);
  if (allowed == settings_.by_certificate.end() || !allowed->second.contains(record.profile))
    return refused("est.profile", "certificates of profile " + record.profile + " do not enrol for " + call.label);
  return Grant{.actor = "est:" + record.holder, .holder = record.holder, .names = TF_TRY(pki::names_of(TF_TRY(pki::Certificate::from_der(record.der))))};
}

Result<std::optional<Issued>> EstService::with_code(const Grant& grant, const Hash256& spki_hash, bool repeatable,
                                                    const std::function<Result<Issued>()>& issue) {
  if (grant.code.empty()) return std::optional(TF_TRY(issue()));
  {
    const std::lock_guard lock(mutex_);
    if (!under_way_.insert(grant.code).second) return Error{Code::overloaded, "est.under_way", "this enrolment is under way"};
  }
  const std::shared_ptr<void> end(nullptr, [this, &grant](void*) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(grant.code);
  });
  Claim claim = Claim::refused;
  std::optional<EnrolmentCode> code;
  TF_CHECK(ports_.database.write([&](store::Session& session) -> Status {
    claim = TF_TRY(claim_code(session, grant.code, spki_hash));
    code = TF_TRY(find_code(session, grant.code));
    return {};
  }));
  if (claim == Claim::waits) return std::optional<Issued>();
  if (claim == Claim::used_by_this_key && repeatable) {  // the answer was lost: the same again
    const Record before = TF_TRY(ports_.show(code->serial_hex));
    if (before.state != State::issued) return refused("est.code_used", "this enrolment code was used");
    const std::vector<pki::Certificate> chain = TF_TRY(ports_.chain(before.profile));
    return std::optional(Issued{before.serial_hex, before.der, before.not_before_ms, before.not_after_ms, before.authority, chain.front()});
  }
  if (claim != Claim::granted) return refused("est.code_used", "this enrolment code was used, or waits with another request");
  auto issued = issue();
  const Status noted = ports_.database.write([&](store::Session& session) -> Status {
    return issued ? finish_code(session, grant.code, issued->serial_hex) : release_code(session, grant.code);
  });
  if (!noted) log::error("est: the use of code " + grant.code + " could not be written: " + describe(noted.error()));
  return std::optional(TF_TRY(std::move(issued)));
}

Result<wire::HttpResponse> EstService::enrol(Call& call) {
  const Grant grant = TF_TRY(granted(call));
  if (call.profile.key_source == pki::KeySource::platform)
    return refused("est.key_source", "keys of this label are made by the platform: use serverkeygen");
  const auto issued = TF_TRY(with_code(grant, hash_of(*call.request), true, [&] {
    return ports_.issue({.profile = call.label, .holder = grant.holder, .names = grant.names, .key = call.request->public_key(), .actor = grant.actor,
                         .request = call.request});
  }));
  if (issued) return certificate_response(issued->der);
  wire::HttpResponse waits = est::text_response(202, "the request waits for its approval");
  waits.headers = {{"Retry-After", std::to_string(settings_.retry_after_s)}};
  return waits;
}

Result<wire::HttpResponse> EstService::renew(Call& call) {
  const Record record = TF_TRY(client_record(call));
  if (record.profile != call.label) return refused("est.label", "the client certificate is of another label");
  call.request = TF_TRY(read_request(call.http));
  const auto before = TF_TRY(pki::Certificate::from_der(record.der));
  if (pki::asks_to_change_names(*call.request)) return refused("est.change_of_names", "names do not change by renewal");
  const pki::Names asked = TF_TRY(pki::names_of(*call.request));
  if (!(asked == TF_TRY(pki::names_of(before))))
    return refused("est.other_names", "a request to renew has subject and subjectAltName of the certificate that is renewed");
  const Issued issued = TF_TRY(ports_.renew({.serial_hex = record.serial_hex, .key = call.request->public_key(), .actor = "est:" + record.holder,
                                             .holder = record.holder, .request = call.request}));
  return certificate_response(issued.der);
}

Result<wire::HttpResponse> EstService::generate(Call& call) {
  const Grant grant = TF_TRY(granted(call));
  if (call.profile.key_source != pki::KeySource::platform)
    return refused("est.key_source", "keys of this label are made by their holders: use simpleenroll");
  std::optional<crypto::PrivateKey> key;
  const auto issued = TF_TRY(with_code(grant, hash_of(*call.request), false, [&]() -> Result<Issued> {
    key = call.profile.p256 ? crypto::PrivateKey::generate_p256() : crypto::PrivateKey::generate_rsa(std::max(settings_.rsa_bits, call.profile.rsa_bits_min));
    return ports_.issue({.profile = call.label, .holder = grant.holder, .names = grant.names, .key = key->public_key(), .actor = grant.actor});
  }));
  if (!issued) {
    wire::HttpResponse waits = est::text_response(202, "the request waits for its approval");
    waits.headers = {{"Retry-After", std::to_string(settings_.retry_after_s)}};
    return waits;
  }
  const auto certificate = TF_TRY(pki::Certificate::from_der(issued->der));
  return est::key_response(key->to_pkcs8(), pki::certs_only({certificate}), "est-" + wire::hex_lower(ports_.random.array<12>()));
}

}  // namespace tf::ca
