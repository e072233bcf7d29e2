#include "ca/est/messages.hpp"

#include "wire/encoding.hpp"

namespace tf::ca::est {
namespace {

constexpr std::size_t kLine = 64;

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i]) != lower[i]) return false;
  return true;
}

}  // namespace

std::string base64_lines(ByteView der) {
  const std::string text = wire::base64(der);
  std::string out;
  out.reserve(text.size() + text.size() / kLine * 2 + 2);
  for (std::size_t at = 0; at < text.size(); at += kLine) out.append(text, at, kLine).append("\r\n");
  return out;
}

Result<Bytes> body_der(std::string_view body, bool binary) {
  if (binary || body.starts_with('\x30')) {
    // '0' begins base64 of nothing that is DER of a SEQUENCE: that begins with 'M'.
    return to_bytes(as_bytes(body));
  }
  std::string text;
  text.reserve(body.size());
  for (const char c : body)
    if (c != '\r' && c != '\n' && c != ' ' && c != '\t') text.push_back(c);
  auto der = wire::from_base64(text);
  if (!der || der->empty()) return Error{Code::malformed, "est.body", "the body is neither base64 nor DER"};
  return der;
}

bool says_binary(const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers)
    if (name == "content-transfer-encoding") return equals_ignoring_case(value, "binary");
  return false;
}

wire::HttpResponse der_response(std::string content_type, ByteView der) {
  return {.status = 200, .content_type = std::move(content_type), .body = base64_lines(der), .headers = {{"Content-Transfer-Encoding", "base64"}}};
}

wire::HttpResponse key_response(const SecretBytes& pkcs8, ByteView certs_only, std::string_view boundary) {
  std::string key = base64_lines(pkcs8.reveal());
  wire::HttpResponse out{.status = 200, .content_type = "multipart/mixed; boundary=" + std::string(boundary), .body = {}, .headers = {}};
  const auto part = [&](const char* type, std::string_view content) {
    out.body.append("--").append(boundary).append("\r\nContent-Type: ").append(type);
    out.body.append("\r\nContent-Transfer-Encoding: base64\r\n\r\n").append(content);
  };
  part("application/pkcs8", key);
  part(kCertsOnly, base64_lines(certs_only));
  out.body.append("--").append(boundary).append("--\r\n");
  wipe(key.data(), key.size());
  return out;
}

wire::HttpResponse text_response(int status, std::string_view line) {
  return {.status = status, .content_type = "text/plain", .body = std::string(line) + "\n", .headers = {}};
}

wire::HttpResponse refusal(const Error& error, int retry_after_s) {
  const auto again = [&](wire::HttpResponse response) {
    response.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
    return response;
  };
  switch (error.code) {
    case Code::invalid:
    case Code::malformed: return text_response(400, error.detail);
    case Code::denied: {
      wire::HttpResponse out = text_response(401, "an enrolment code or a client certificate is needed, and this is none that is good here");
      out.headers = {{"WWW-Authenticate", "Basic realm=\"est\", charset=\"UTF-8\""}};
      return out;
    }
    case Code::refused:
    case Code::conflict: return text_response(403, error.detail);
    case Code::not_found: return text_response(404, error.detail);
    case Code::overloaded:
    case Code::unavailable:
    case Code::sealed: return again(text_response(503, "not now: come back later"));
    case Code::integrity:
    case Code::internal: break;
  }
  return text_response(500, "an error of ours; it is in our log");
}

}  // namespace tf::ca::est
