// What access looks like over HTTP: POST /access/v1/{challenge,initialise,authenticate}, JSON in, JSON out.
#pragma once
#include <string>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace tf::access {

inline constexpr std::string_view kPathPrefix = "/access/v1/";

// The route's name; Code::not_found for another path, Code::invalid for another method, content type or a query.
Result<std::string> route_of(const wire::HttpRequest& request);

}  // namespace tf::access
