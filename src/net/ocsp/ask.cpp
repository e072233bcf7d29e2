#include "net/ocsp/ask.hpp"

#include "net/client/client.hpp"

namespace tf::net {
namespace {

struct Place {
  std::string base;
  std::string target;
};

Place split(const std::string& url) {
  const std::size_t host = url.find("://");
  const std::size_t path = host == std::string::npos ? std::string::npos : url.find('/', host + 3);
  if (path == std::string::npos) return {url, "/"};
  return {url.substr(0, path), url.substr(path)};
}

// The response's octets; Code::unavailable for whatever is no answer.
Result<Bytes> exchange(const std::string& url, const Bytes& request, const OcspResponders& responders) {
  const Place place = split(url);
  ClientOptions options;
  options.server = TF_TRY(parse_any_base_url(place.base));
  options.connect_timeout = options.handshake_timeout = options.response_timeout = responders.patience;
  if (options.server.tls)
    for (const pki::Certificate& anchor : responders.anchors) options.anchors.push_back(share(anchor.native()));
  options.max_response_bytes = pki::ocsp::kMaxResponse;
  auto client = TF_TRY(HttpClient::create(std::move(options)));
  const HttpResponse response = TF_TRY(client.request({.method = "POST", .target = place.target, .content_type = "application/ocsp-request",
                                                       .body = std::string(as_text(request)), .headers = {{"accept", "application/ocsp-response"}}}));
  if (response.status != 200) return Error{Code::unavailable, "ocsp.http", url + " gives status " + std::to_string(response.status)};
  return to_bytes(as_bytes(response.body));
}

}  // namespace

Result<pki::ocsp::Verified> ask_ocsp(const OcspResponders& responders, const pki::Certificate& certificate, const pki::Certificate& issuer, const Clock& clock,
                                     Random& random) {
  if (responders.urls.empty()) return Error{Code::invalid, "ocsp.no_responder", "there is no OCSP responder to ask"};
  Bytes nonce(pki::ocsp::kNonce);
  random.fill(nonce);
  const Bytes request = TF_TRY(pki::ocsp::encode_request({TF_TRY(pki::ocsp::cert_id(issuer, certificate.serial_hex()))}, nonce));
  std::string why;
  for (const std::string& url : responders.urls) {
    const auto response = exchange(url, request, responders);
    if (!response) {
      why += (why.empty() ? "" : "; ") + url + ": " + describe(response.error());
      continue;
    }
    auto verified = pki::ocsp::verify(*response, {.issuer = issuer, .serial_hex = certificate.serial_hex(), .now_ms = clock.now_ms(), .nonce = nonce});
    if (verified || verified.error().code != Code::unavailable) return verified;
    why += (why.empty() ? "" : "; ") + url + ": " + describe(verified.error());
  }
  return Error{Code::unavailable, "ocsp.silent", "no OCSP responder answers: " + why};
}

Status ask_good(const OcspResponders& responders, const pki::Certificate& certificate, const pki::Certificate& issuer, const Clock& clock, Random& random) {
  return pki::ocsp::require_good(TF_TRY(ask_ocsp(responders, certificate, issuer, clock, random)));
}

}  // namespace tf::net
