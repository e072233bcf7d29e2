#include "protocols/cardsign/routes.hpp"

#include <algorithm>

namespace tf::cardsign {

Result<std::string> route_of(const wire::HttpRequest& request) {
  static constexpr std::string_view kPosts[] = {"enrol", "pay", "update", "proof", "relay", "orders"};
  const std::string_view path = request.path;
  const std::string_view name = path.starts_with(kPathPrefix) ? path.substr(kPathPrefix.size()) : "";
  const bool post = std::ranges::find(kPosts, name) != std::end(kPosts);
  if (!post && name != "keys") return Error{Code::not_found, "cardsign.no_such_route", "there is nothing at this path"};
  if (request.method != (post ? "POST" : "GET"))
    return Error{Code::invalid, "cardsign.method", "messages of cardsign are sent with POST, keys are fetched with GET"};
  if (post && request.content_type != "application/json") return Error{Code::invalid, "cardsign.content_type", "messages of cardsign are application/json"};
  if (!request.query.empty()) return Error{Code::invalid, "cardsign.query", "messages of cardsign have no query"};
  return std::string(name);
}

}  // namespace tf::cardsign
