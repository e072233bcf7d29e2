// What wallet looks like over HTTP: POST /wallet/v1/{challenge,register,activate,registration,login,pay,query,refund} and
// GET /wallet/v1/keys; JSON in, JSON out.
#pragma once
#include <string>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace tf::wallet {

inline constexpr std::string_view kPathPrefix = "/wallet/v1/";

// The route's name; Code::not_found for another path, Code::invalid for another method, content type or a query.
Result<std::string> route_of(const wire::HttpRequest& request);

}  // namespace tf::wallet
