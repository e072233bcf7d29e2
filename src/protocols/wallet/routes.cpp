#include "protocols/wallet/routes.hpp"

#include <algorithm>

namespace tf::wallet {

Result<std::string> route_of(const wire::HttpRequest& request) {
  static constexpr std::string_view kPosts[] = {"challenge", "register", "activate", "registration", "login", "pay", "query", "refund", "instruments"};
  const std::string_view path = request.path;
  const std::string_view name = path.starts_with(kPathPrefix) ? path.substr(kPathPrefix.size()) : "";
  const bool post = std::ranges::find(kPosts, name) != std::end(kPosts);
  if (!post && name != "keys") return Error{Code::not_found, "wallet.no_such_route", "there is nothing at this path"};
  if (request.method != (post ? "POST" : "GET"))
    return Error{Code::invalid, "wallet.method", "messages of wallet are sent with POST, keys are fetched with GET"};
  if (post && request.content_type != "application/json") return Error{Code::invalid, "wallet.content_type", "messages of wallet are application/json"};
  if (!request.query.empty()) return Error{Code::invalid, "wallet.query", "messages of wallet have no query"};
  return std::string(name);
}

}  // namespace tf::wallet
