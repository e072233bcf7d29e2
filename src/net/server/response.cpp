#include "net/server/response.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "base/log.hpp"
#include "net/status.hpp"

namespace tf::net {
namespace {

bool is_token(const std::string& text) {
  static constexpr std::string_view more = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || more.contains(c);
  });
}

bool is_field_value(const std::string& text) {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

bool names(const std::string& name, const char* field) { return ::strcasecmp(name.c_str(), field) == 0; }

bool can_be_written(const HttpResponse& response) {
  if (response.status < 200 || response.status > 599 || !is_field_value(response.content_type)) return false;
  return std::ranges::all_of(response.headers, [](const auto& header) {
    const auto& [name, value] = header;
    const bool framing = names(name, "Content-Length") || names(name, "Transfer-Encoding") || names(name, "Connection");
    return is_token(name) && is_field_value(value) && !framing;
  });
}

}  // namespace

void append_response(std::string& out, const HttpResponse& response, ResponseFrame frame) {
  if (!can_be_written(response)) {
    log::error(fmt::format("net: a handler gave a response that cannot be sent, status {}", response.status));
    return append_response(out, to_problem(Error{Code::internal, "net.bad_response", {}}), frame);
  }
  auto to = std::back_inserter(out);
  out.reserve(out.size() + 256 + response.body.size());
  fmt::format_to(to, "HTTP/1.1 {} {}\r\n", response.status, status_text(response.status));
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    if (!response.content_type.empty()) out.append("Content-Type: ").append(response.content_type).append("\r\n");
    fmt::format_to(to, "Content-Length: {}\r\n", response.body.size());
  }
  bool caching_told = false;
  for (const auto& [name, value] : response.headers) {
    caching_told = caching_told || names(name, "Cache-Control");
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!caching_told) out.append("Cache-Control: no-store\r\n");
  if (frame.close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!bodiless && !frame.without_body) out.append(response.body);
}

}  // namespace tf::net
