#include "net/problem.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "net/status.hpp"
#include "wire/json.hpp"

namespace tf::net {
namespace {

constexpr std::string_view kTypePrefix = "urn:trustferry:problem:";
constexpr int kLongestWait = 86400;
constexpr std::size_t kLongestText = 400;
constexpr Code kCodes[] = {Code::invalid,   Code::malformed, Code::refused,    Code::denied,
                           Code::not_found, Code::conflict,  Code::overloaded, Code::unavailable,
                           Code::sealed,    Code::integrity, Code::internal};

std::string_view title_of(Code code) {
  switch (code) {
    case Code::invalid: return "The request is not valid";
    case Code::malformed: return "The request cannot be read";
    case Code::refused: return "Refused";
    case Code::denied: return "Not allowed";
    case Code::not_found: return "Not found";
    case Code::conflict: return "In conflict with the present state";
    case Code::overloaded: return "Too busy, come back later";
    case Code::unavailable: return "Not available now, come back later";
    case Code::sealed: return "The vault is sealed";
    case Code::integrity: return "Stored data failed its check";
    case Code::internal: return "Internal error";
  }
  return "Internal error";
}

Code code_for(int status) {
  switch (status) {
    case 401: return Code::denied;
    case 403: return Code::refused;
    case 404: return Code::not_found;
    case 409: return Code::conflict;
    case 429: return Code::overloaded;
    case 502:
    case 503:
    case 504: return Code::unavailable;
    default: return status >= 400 && status < 500 ? Code::invalid : Code::internal;
  }
}

std::string printable(std::string text) {
  if (text.size() > kLongestText) text.resize(kLongestText);
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

// A member that may be absent or of another type: then it says nothing.
std::string member(wire::JsonObject& document, std::string_view name) {
  auto text = document.optional_text(name);
  return text && *text ? std::move(**text) : std::string();
}

}  // namespace

int status_of(const Error& error) {
  switch (error.code) {
    case Code::invalid:
    case Code::malformed: return 400;
    case Code::refused: return 403;
    case Code::denied: return std::string_view(error.reason) == kNoCredentials ? 401 : 403;
    case Code::not_found: return 404;
    case Code::conflict: return 409;
    case Code::overloaded:
    case Code::unavailable:
    case Code::sealed: return 503;
    case Code::integrity:
    case Code::internal: return 500;
  }
  return 500;
}

HttpResponse to_problem(const Error& error, const ProblemContext& context) {
  return to_problem(status_of(error), error, context);
}

HttpResponse to_problem(int status, const Error& error, const ProblemContext& context) {
  const bool own_status = status == status_of(error);
  wire::JsonWriter json;
  json.begin_object();
  json.member("type", std::string(kTypePrefix).append(name_of(error.code)));
  json.member("title", own_status ? title_of(error.code) : status_text(status));
  json.member("status", status);
  json.member("code", name_of(error.code));
  if (!context.instance.empty()) json.member("instance", context.instance);
  if (context.audience == Audience::operator_) {
    json.member("reason", error.reason);
    if (!error.detail.empty()) json.member("detail", error.detail);
  }
  json.end_object();
  HttpResponse response{status, std::string(kProblemType), json.take(), {}};
  if (error.code == Code::overloaded || error.code == Code::unavailable) {
    response.headers.emplace_back("Retry-After", std::to_string(std::max(1, context.retry_after_s)));
  }
  return response;
}

Error from_problem(int status, std::string_view body) {
  Error error{code_for(status), "net.problem", std::to_string(status)};
  auto document = wire::JsonObject::parse(body);
  if (!document) return error;
  const std::string code = member(*document, "code");
  const auto* known = std::ranges::find(kCodes, code, name_of);
  if (known != std::end(kCodes)) error.code = *known;
  std::string text = member(*document, "reason");
  if (text.empty()) text = member(*document, "title");
  if (const std::string detail = member(*document, "detail"); !detail.empty()) text.append(": ").append(detail);
  if (!text.empty()) error.detail.append(" ").append(printable(std::move(text)));
  return error;
}

std::optional<int> retry_after_s(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (::strcasecmp(name.c_str(), "Retry-After") != 0) continue;
    int seconds = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    const bool whole = failure == std::errc() && end == value.data() + value.size();
    return whole && seconds >= 0 && seconds <= kLongestWait ? std::optional(seconds) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tf::net
