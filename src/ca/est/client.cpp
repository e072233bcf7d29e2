#include "ca/est/client.hpp"

#include <algorithm>

#include "ca/est/messages.hpp"
#include "pki/request/enrolment.hpp"
#include "wire/encoding.hpp"

namespace tf::ca {
namespace {

constexpr int kLongestWait = 24 * 3600;

Error told(const wire::HttpResponse& response) {
  std::string text = response.body.substr(0, 200);
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  const std::string detail = "status " + std::to_string(response.status) + ": " + text;
  if (response.status >= 500) return Error{Code::unavailable, "est.status", detail};
  return Error{Code::refused, "est.status", detail};
}

int seconds_of(const wire::HttpResponse& response) {
  return std::clamp(net::retry_after_s(response).value_or(60), 1, kLongestWait);
}

bool plain_label(const std::string& label) {
  return std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

Result<EstClient> EstClient::create(net::ClientOptions options, std::string label, SecretBytes authorization) {
  if (!plain_label(label)) return Error{Code::invalid, "est.label", "a label is letters, digits, '-', '_' and '.'"};
  return EstClient(TF_TRY(net::HttpClient::create(std::move(options))), std::move(label), std::move(authorization));
}

std::string EstClient::target(const char* operation) const {
  return "/.well-known/est/" + (label_.empty() ? std::string() : label_ + "/") + operation;
}

Result<std::vector<pki::Certificate>> EstClient::cacerts() {
  net::ClientRequest request;
  request.target = target("cacerts");
  request.repeatable = true;
  const wire::HttpResponse response = TF_TRY(client_.request(request));
  if (response.status != 200) return told(response);
  return pki::certificates_of(TF_TRY(est::body_der(response.body, false)));
}

Result<std::variant<pki::Certificate, Later>> EstClient::enrol(const pki::CertificateRequest& csr, bool again) {
  using Answer = std::variant<pki::Certificate, Later>;
  net::ClientRequest request;
  request.method = "POST";
  request.target = target(again ? "simplereenroll" : "simpleenroll");
  request.content_type = est::kPkcs10;
  request.body = est::base64_lines(csr.der());
  request.headers = {{"Content-Transfer-Encoding", "base64"}};
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", "Basic " + wire::base64(authorization_.reveal()));
  const auto response = client_.request(request);
  if (!authorization_.empty()) wipe(request.headers.back().second.data(), request.headers.back().second.size());
  if (!response) return response.error();
  if (response->status == 202) return Answer(Later{seconds_of(*response)});
  if (response->status != 200) return told(*response);
  const auto found = TF_TRY(pki::certificates_of(TF_TRY(est::body_der(response->body, false))));
  return Answer(found.front());
}

}  // namespace tf::ca
