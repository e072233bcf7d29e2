// What rki looks like over HTTP: POST /rki/v1/{hello,proof,token,receipt}, JSON in, JSON out.
#pragma once
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace tf::rki {

inline constexpr std::string_view kPathPrefix = "/rki/v1/";

// The route's name; Code::not_found for another path, Code::invalid for another method, content type or a query.
Result<std::string> route_of(const wire::HttpRequest& request);

}  // namespace tf::rki
