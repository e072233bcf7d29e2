#include "net/ocsp/client.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/log.hpp"
#include "net/client/client.hpp"
#include "net/client/silence.hpp"

namespace tf::net {
namespace {

namespace ocsp = pki::ocsp;
constexpr std::size_t kMostIdle = 32;

// Base and path of a URL.
std::pair<std::string, std::string> split(const std::string& url) {
  const std::size_t host = url.find("://");
  const std::size_t path = host == std::string::npos ? std::string::npos : url.find('/', host + 3);
  if (path == std::string::npos) return {url, "/"};
  return {url.substr(0, path), url.substr(path)};
}

}  // namespace

struct OcspClient::Responder {
  explicit Responder(const Clock& clock) : silence(clock) {}
  Silence silence;
  std::string url, target;
  ClientOptions options;
  std::mutex mutex;
  std::vector<std::unique_ptr<HttpClient>> idle;

  // The response's octets; Code::unavailable for whatever is no answer.
  Result<Bytes> exchange(const Bytes& request) {
    std::unique_ptr<HttpClient> client;
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        client = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (!client) client = std::make_unique<HttpClient>(TF_TRY(HttpClient::create(options)));
    auto answer = client->request({.method = "POST", .target = target, .content_type = "application/ocsp-request", .body = std::string(as_text(request)),
                                   .headers = {{"accept", "application/ocsp-response"}}, .repeatable = true});
    if (!answer) return answer.error();
    {
      const std::lock_guard lock(mutex);
      if (idle.size() < kMostIdle) idle.push_back(std::move(client));
    }
    if (answer->status != 200) return Error{Code::unavailable, "ocsp.http", url + " gives status " + std::to_string(answer->status)};
    return to_bytes(as_bytes(answer->body));
  }
};

OcspClient::OcspClient(std::vector<std::unique_ptr<Responder>> responders, const Clock& clock, Random& random)
    : responders_(std::move(responders)), clock_(&clock), random_(&random) {}
OcspClient::OcspClient(OcspClient&&) noexcept = default;
OcspClient::~OcspClient() = default;

Result<OcspClient> OcspClient::create(OcspOptions options, const Clock& clock, Random& random) {
  std::vector<std::unique_ptr<Responder>> responders;
  for (OcspResponder& each : options.responders) {
    auto responder = std::make_unique<Responder>(clock);
    auto [base, target] = split(each.url);
    ClientOptions& to = responder->options;
    to.server = TF_TRY(parse_any_base_url(base));
    to.pinned = std::move(each.pinned);
    if (to.server.tls)
      for (const pki::Certificate& anchor : options.anchors) to.anchors.push_back(share(anchor.native()));
    to.connect_timeout = to.handshake_timeout = to.response_timeout = options.patience;
    to.max_response_bytes = ocsp::kMaxResponse;
    responder->url = std::move(each.url);
    responder->target = std::move(target);
    responders.push_back(std::move(responder));
  }
  return OcspClient(std::move(responders), clock, random);
}

std::vector<OcspClient::Responder*> OcspClient::to_try() const {
  std::vector<Responder*> out, last;
  for (const auto& responder : responders_) (responder->silence.lately() ? last : out).push_back(responder.get());
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

// Code::unavailable: the next one is to be asked.
Result<OcspClient::Answers> OcspClient::ask(Responder& responder, const std::vector<const OcspQuestion*>& same_issuer) {
  const pki::Certificate& issuer = same_issuer.front()->issuer;
  std::vector<ocsp::CertId> ids;
  std::vector<std::string> serials;
  for (const OcspQuestion* one : same_issuer) {
    serials.push_back(one->certificate.serial_hex());
    ids.push_back(TF_TRY(ocsp::cert_id(issuer, serials.back())));
  }
  Bytes nonce(ocsp::kNonce);
  random_->fill(nonce);
  const Bytes response = TF_TRY(responder.exchange(TF_TRY(ocsp::encode_request(ids, nonce))));
  const auto verified = ocsp::verify_each(response, {.issuer = issuer, .serial_hex = {}, .now_ms = clock_->now_ms(), .nonce = nonce, .max_age_ms = {}}, serials);
  if (!verified && verified.error().code == Code::unavailable) return verified.error();  // it says: later
  Answers out;
  for (std::size_t i = 0; i < serials.size(); ++i)
    out.push_back(!verified ? Status(verified.error()) : (*verified)[i] ? ocsp::require_good(*(*verified)[i]) : Status((*verified)[i].error()));
  return out;
}

OcspClient::Answers OcspClient::ask_all(const std::vector<const OcspQuestion*>& same_issuer) {
  if (responders_.empty()) return Answers(same_issuer.size(), Error{Code::invalid, "ocsp.no_responder", "there is no OCSP responder to ask"});
  std::string why;
  for (Responder* responder : to_try()) {
    auto answer = ask(*responder, same_issuer);
    responder->silence.note(!answer);
    if (answer) return std::move(*answer);
    log::warn("OCSP responder " + responder->url + ": " + describe(answer.error()));
    why += (why.empty() ? "" : "; ") + responder->url + ": " + describe(answer.error());
  }
  return Answers(same_issuer.size(), Error{Code::unavailable, "ocsp.silent", "no OCSP responder answers: " + why});
}

std::vector<Status> OcspClient::good(const std::vector<OcspQuestion>& questions) {
  std::map<Hash256, std::vector<std::size_t>> by_issuer;
  for (std::size_t i = 0; i < questions.size(); ++i) by_issuer[questions[i].issuer.fingerprint()].push_back(i);
  std::vector<Status> out(questions.size());
  for (const auto& [issuer, places] : by_issuer) {
    for (std::size_t from = 0; from < places.size(); from += ocsp::kMaxSingle) {
      const std::size_t to = std::min(places.size(), from + ocsp::kMaxSingle);
      std::vector<const OcspQuestion*> group;
      for (std::size_t i = from; i < to; ++i) group.push_back(&questions[places[i]]);
      Answers answers = ask_all(group);
      for (std::size_t i = from; i < to; ++i) out[places[i]] = std::move(answers[i - from]);
    }
  }
  return out;
}

}  // namespace tf::net
