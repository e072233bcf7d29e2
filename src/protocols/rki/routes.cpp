#include "protocols/rki/routes.hpp"

namespace tf::rki {

Result<std::string> route_of(const wire::HttpRequest& request) {
  const std::string_view path = request.path;
  const std::string_view name = path.starts_with(kPathPrefix) ? path.substr(kPathPrefix.size()) : "";
  if (name != "hello" && name != "proof" && name != "token" && name != "receipt")
    return Error{Code::not_found, "rki.no_such_route", "there is nothing at this path"};
  if (request.method != "POST") return Error{Code::invalid, "rki.method", "messages of rki are sent with POST"};
  if (request.content_type != "application/json")
    return Error{Code::invalid, "rki.content_type", "messages of rki are application/json"};
  if (!request.query.empty()) return Error{Code::invalid, "rki.query", "messages of rki have no query"};
  return std::string(name);
}

}  // namespace tf::rki
