// What cardsign looks like over HTTP: POST /cardsign/v1/{enrol,pay,update,proof,relay,orders}, GET /cardsign/v1/keys; JSON in, JSON out.
#pragma once
#include <string>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace tf::cardsign {

inline constexpr std::string_view kPathPrefix = "/cardsign/v1/";
inline constexpr std::string_view kSignatureHeader = "trustferry-signature";

// The route's name; Code::not_found for another path, Code::invalid for another method, content type or a query.
Result<std::string> route_of(const wire::HttpRequest& request);

}  // namespace tf::cardsign
