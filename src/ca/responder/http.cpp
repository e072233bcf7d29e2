// OCSP over HTTP (RFC 6960 appendix A, RFC 9919 §6 and §7).
#include <fmt/format.h>

#include <chrono>

#include "ca/responder/responder.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"

namespace tf::ca {
namespace {

constexpr const char* kRequestType = "application/ocsp-request";
constexpr const char* kResponseType = "application/ocsp-response";

wire::HttpResponse response_of(ByteView der) {
  return {.status = 200, .content_type = kResponseType, .body = std::string(as_text(der)), .headers = {}};
}

wire::HttpResponse plain_text(int status, std::string body) {
  return {.status = status, .content_type = "text/plain", .body = std::move(body), .headers = {}};
}

// "Sun, 01 Nov 2026 00:00:00 GMT" (RFC 9110 §5.6.7)
std::string http_date(std::int64_t ms) {
  using namespace std::chrono;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds moment{std::chrono::seconds(ms / 1000)};
  const auto midnight = floor<days>(moment);
  const year_month_day date(midnight);
  const hh_mm_ss clock(moment - midnight);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(midnight).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

bool names_tag(const wire::HttpRequest& request, const std::string& tag) {
  for (const auto& [name, value] : request.headers)
    if (name == "if-none-match" && (value == "*" || value.contains(tag))) return true;
  return false;
}

}  // namespace

void Responder::tell_proxies(Answer& answer) {
  answer.tag = '"' + wire::hex_lower(crypto::sha256(answer.der)) + '"';
  answer.last_modified = http_date(answer.this_update_ms);
  answer.expires = http_date(answer.next_update_ms);
}

// Proxies may keep an answer made ahead until there is a newer one, and must not after its nextUpdate.
wire::HttpResponse Responder::get(const wire::HttpRequest& request, std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);  // base64 of a SEQUENCE begins with 'M'
  const auto der = pki::ocsp::path_der(path);
  if (!der) return response_of(pki::ocsp::error_response(der.error()));
  const auto found = answer(*der);
  wire::HttpResponse out = response_of(found->der);
  if (!found->successful || !found->made_ahead) return out;
  const std::int64_t left_s = std::max<std::int64_t>(0, (found->next_update_ms - clock_.now_ms()) / 1000);
  out.headers = {{"Last-Modified", found->last_modified},
                 {"Expires", found->expires},
                 {"ETag", found->tag},
                 {"Cache-Control", fmt::format("max-age={},public,no-transform,must-revalidate", left_s)}};
  if (!names_tag(request, found->tag)) return out;
  out.status = 304;
  out.body.clear();
  return out;
}

wire::HttpResponse Responder::handle(const wire::HttpRequest& request, std::string_view service_path) {
  if (!request.path.starts_with(service_path)) return plain_text(404, "there is nothing at this path\n");
  const std::string_view rest = std::string_view(request.path).substr(service_path.size());
  if (request.method == "GET" && rest.size() > 1 && request.query.empty()) return get(request, rest);
  if (request.method == "POST" && (rest.empty() || rest == "/")) {
    if (request.content_type != kRequestType) return plain_text(415, "a request has the type application/ocsp-request\n");
    return response_of(answer(as_bytes(request.body))->der);
  }
  if (request.method == "GET" || request.method == "POST") return plain_text(404, "there is nothing at this path\n");
  wire::HttpResponse out = plain_text(405, "OCSP knows GET and POST\n");
  out.headers = {{"Allow", "GET, POST"}};
  return out;
}

}  // namespace tf::ca
