// The one mapper between Error and problem documents (RFC 9457). A protocol peer is told the coarse code only; an
// operator also sees the reason and the detail.
#pragma once
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace tf::net {

using wire::HttpRequest;
using wire::HttpResponse;

enum class Audience { peer, operator_ };

inline constexpr std::string_view kProblemType = "application/problem+json";
// An Error of Code::denied with this reason means that no credentials were shown: 401 in place of 403.
inline constexpr const char* kNoCredentials = "net.no_credentials";

struct ProblemContext {
  Audience audience = Audience::peer;
  std::string_view instance{};  // member "instance" when not empty: a URI reference naming this occurrence
  int retry_after_s = 1;      // for overloaded and unavailable
};

int status_of(const Error& error);
HttpResponse to_problem(const Error& error, const ProblemContext& context = {});
// With a status of HTTP's own that no code stands for: 405, 408, 413 …
HttpResponse to_problem(int status, const Error& error, const ProblemContext& context = {});

// What the other side meant. The code is the document's, or else the one the status stands for; the reason is
// "net.problem"; the detail is "<status> <reason or title>: <detail>", cut at 400 bytes and without control characters.
Error from_problem(int status, std::string_view body);
inline Error from_problem(const HttpResponse& response) { return from_problem(response.status, response.body); }

// Seconds of a Retry-After field; nothing when it is absent or not a plain number up to a day.
std::optional<int> retry_after_s(const HttpResponse& response);

}  // namespace tf::net
