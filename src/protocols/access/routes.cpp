#include "protocols/access/routes.hpp"

namespace tf::access {

Result<std::string> route_of(const wire::HttpRequest& request) {
  const std::string_view path = request.path;
  const std::string_view name = path.starts_with(kPathPrefix) ? path.substr(kPathPrefix.size()) : "";
  if (name != "challenge" && name != "initialise" && name != "authenticate")
    return Error{Code::not_found, "access.no_such_route", "there is nothing at this path"};
  if (request.method != "POST") return Error{Code::invalid, "access.method", "messages of access are sent with POST"};
  if (request.content_type != "application/json")
    return Error{Code::invalid, "access.content_type", "messages of access are application/json"};
  if (!request.query.empty()) return Error{Code::invalid, "access.query", "messages of access have no query"};
  return std::string(name);
}

}  // namespace tf::access
