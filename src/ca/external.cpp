#include "ca/external.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "ca/est/messages.hpp"
#include "pki/path/foreign_path.hpp"
#include "pki/request/enrolment.hpp"

namespace tf::ca {
namespace {

constexpr std::size_t kMostWaiting = 256;

bool bears(const pki::Certificate& certificate, const crypto::PublicKey& key) {
  const auto own = certificate.public_key();
  return own && own->spki() == key.spki();
}

// DER, PEM, or PKCS #7, in base64 or not; of several certificates the one for this key.
Result<pki::Certificate> certificate_in(const std::string& body, const crypto::PublicKey& key) {
  std::vector<pki::Certificate> found;
  if (body.contains("-----BEGIN")) {
    found = TF_TRY(pki::certificates_from_pem(body));
  } else {
    const Bytes der = TF_TRY(est::body_der(body, false));
    if (auto one = pki::Certificate::from_der(der)) found.push_back(std::move(*one));
    else found = TF_TRY(pki::certificates_of(der));
  }
  const auto own = std::ranges::find_if(found, [&](const pki::Certificate& one) { return bears(one, key); });
  if (own == found.end()) return Error{Code::refused, "ca.external_key", "the other server sent no certificate for the request's key"};
  return *own;
}

}  // namespace

Result<std::unique_ptr<ExternalIssuer>> ExternalIssuer::create(ExternalSettings settings, const Clock& clock) {
  if (settings.anchors.empty()) return Error{Code::invalid, "ca.external", "an external issuer needs the roots its certificates end at"};
  std::unique_ptr<ExternalIssuer> out(new ExternalIssuer(std::move(settings), clock));
  ExternalSettings& own = out->settings_;
  if (own.kind == ExternalSettings::Kind::est) out->est_.emplace(TF_TRY(EstClient::create(own.client, own.label, own.credentials.clone())));
  else out->https_.emplace(TF_TRY(net::HttpClient::create(own.client)));
  out->thread_ = std::jthread([raw = out.get()](const std::stop_token& stop) { raw->work(stop); });
  return out;
}

ExternalIssuer::~ExternalIssuer() {
  thread_ = {};
  for (Job& job : jobs_) job.done(Error{Code::unavailable, "ca.external_stopped", "the platform stops"});
}

void ExternalIssuer::issue(const IssueRequest& request, Done<Bytes> done) {
  if (!request.request) return done(Error{Code::invalid, "ca.external_request", "a profile that is issued elsewhere needs a certificate request"});
  const auto asked = pki::names_of(*request.request);
  if (!asked) return done(asked.error());
  if (!(*asked == request.names))
    return done(Error{Code::refused, "ca.external_names", "the request has to ask for exactly the names that were approved: another server takes them from it"});
  if (request.request->public_key().spki() != request.key.spki()) return done(Error{Code::refused, "ca.external_key", "the request is for another key"});
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() < kMostWaiting) {
      jobs_.push_back({*request.request, std::move(done)});
      condition_.notify_one();
      return;
    }
  }
  done(Error{Code::overloaded, "ca.queue_full", "too many requests wait for the external issuer"});
}

void ExternalIssuer::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (condition_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    auto certificate = fetch(job.request, stop);
    if (!certificate) log::error("ca: the external issuer gave no certificate: " + describe(certificate.error()));
    job.done(std::move(certificate));
    lock.lock();
    if (stop.stop_requested()) return;
  }
}

Result<Bytes> ExternalIssuer::fetch(const pki::CertificateRequest& request, const std::stop_token& stop) {
  const pki::Certificate certificate = settings_.kind == ExternalSettings::Kind::est ? TF_TRY(over_est(request, stop)) : TF_TRY(over_https(request));
  if (!bears(certificate, request.public_key())) return Error{Code::refused, "ca.external_key", "the certificate is for another key"};
  TF_CHECK(pki::validate_foreign_path({.leaf = certificate, .intermediates = settings_.intermediates, .anchors = settings_.anchors,
                                       .at_ms = clock_.now_ms(), .must_sign = false}));
  return certificate.der();
}

// Not asked twice for one answer: a lost one may have been a certificate.
Result<pki::Certificate> ExternalIssuer::over_est(const pki::CertificateRequest& request, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + settings_.wait;
  while (true) {
    auto answer = TF_TRY(est_->enrol(request));
    if (auto* certificate = std::get_if<pki::Certificate>(&answer)) return std::move(*certificate);
    const auto next = std::chrono::steady_clock::now() + std::chrono::seconds(std::get<Later>(answer).seconds);
    if (next > until) return Error{Code::unavailable, "ca.external_later", "the other server has to approve the request first: ask again later"};
    std::unique_lock lock(mutex_);
    if (condition_.wait_until(lock, stop, next, [&] { return stop.stop_requested(); })) return Error{Code::unavailable, "ca.external_stopped", "the platform stops"};
  }
}

Result<pki::Certificate> ExternalIssuer::over_https(const pki::CertificateRequest& request) {
  net::ClientRequest out;
  out.method = "POST";
  out.target = settings_.target;
  out.content_type = est::kPkcs10;
  out.body = std::string(as_text(request.der()));
  if (!settings_.credentials.empty()) out.headers.emplace_back("Authorization", "Bearer " + std::string(as_text(settings_.credentials.reveal())));
  const auto response = https_->request(out);
  if (!out.headers.empty()) wipe(out.headers.back().second.data(), out.headers.back().second.size());
  if (!response) return response.error();
  if (response->status != 200 && response->status != 201)
    return Error{response->status >= 500 ? Code::unavailable : Code::refused, "ca.external_status", "the other server says status " + std::to_string(response->status)};
  return certificate_in(response->body, request.public_key());
}

}  // namespace tf::ca
