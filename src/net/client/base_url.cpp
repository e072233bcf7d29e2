#include "net/client/base_url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace tf::net {
namespace {

Error bad_url(std::string_view text) {
  return Error{Code::invalid, "net.base_url",
               "not of the form https://host[:port]: " + std::string(text.substr(0, 200))};
}

bool is_host_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::ranges::all_of(text, fits);
}

bool is_ipv6(const std::string& text) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

}  // namespace

Result<BaseUrl> parse_any_base_url(std::string_view text) {
  static constexpr std::string_view plain = "http://";
  if (!text.starts_with(plain)) return parse_base_url(text);
  BaseUrl out = TF_TRY(parse_base_url("https://" + std::string(text.substr(plain.size()))));
  const std::string_view authority = text.substr(plain.size(), text.find('/', plain.size()) - plain.size());
  const bool has_port = authority.rfind(':') != std::string_view::npos && authority.back() != ']';
  if (!has_port) out.port = 80;
  out.tls = false;
  return out;
}

Result<BaseUrl> parse_base_url(std::string_view text) {
  static constexpr std::string_view scheme = "https://";
  std::string_view rest = text;
  if (!rest.starts_with(scheme)) return bad_url(text);
  rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  BaseUrl out;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return bad_url(text);
    out.host = rest.substr(1, end - 1);
    if (!is_ipv6(out.host)) return bad_url(text);
    rest.remove_prefix(end + 1);
  } else {
    out.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(out.host.size());
    std::ranges::transform(out.host, out.host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!is_host_name(out.host)) return bad_url(text);
  }
  if (rest.empty()) return out;
  if (!rest.starts_with(':')) return bad_url(text);
  rest.remove_prefix(1);
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), out.port);
  if (failure != std::errc() || end != rest.data() + rest.size() || out.port == 0) return bad_url(text);
  return out;
}

}  // namespace tf::net
