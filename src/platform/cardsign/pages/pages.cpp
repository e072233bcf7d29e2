#include "platform/cardsign/pages/pages.hpp"

#include <algorithm>
#include <iterator>

#include "platform/cardsign/pages/files.hpp"

namespace tf::platform {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kStatic = "/cardsign/static/";

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return kHtml;
  return name.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
}

std::optional<Page> file(std::string_view name) {
  const auto* const found = std::ranges::find(kPageFiles, kPageFiles + kPageFileCount, name, &PageFile::name);
  if (found == kPageFiles + kPageFileCount) return std::nullopt;
  return Page{type_of(name), found->content};
}

// The id is the script's; here it only has to look like one.
bool is_id(std::string_view text) {
  return text.size() == 22 && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

}  // namespace

std::optional<Page> page(std::string_view path) {
  if (path == "/cardsign/apply") return file("apply.html");
  if (path == "/cardsign/account") return file("account.html");
  constexpr std::string_view pay = "/cardsign/pay";
  if (path == pay || (path.starts_with(pay) && path.size() > pay.size() && path[pay.size()] == '/' && is_id(path.substr(pay.size() + 1)))) return file("pay.html");
  if (!path.starts_with(kStatic) || path.ends_with(".html")) return std::nullopt;
  return file(path.substr(kStatic.size()));
}

const std::vector<std::pair<std::string_view, std::string_view>>& page_headers() {
  static const std::vector<std::pair<std::string_view, std::string_view>> headers{
      {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cache-Control", "no-cache"}};
  return headers;
}

}  // namespace tf::platform
