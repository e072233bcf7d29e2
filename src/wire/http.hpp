// HTTP as plain values: what a route takes and what it gives. Sockets and TLS live in net/.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::wire {

struct HttpRequest {
  std::string method;  // "GET", "POST", …
  std::string path;    // decoded, without the query, no "." or ".." segments
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::string content_type;                                // lower case, without parameters
  std::string body;
  // Those the listener keeps, in their order: name in lower case, value; a field sent twice stands twice.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string peer_address;                      // "127.0.0.1:51234"
  std::string psk_identity{};                    // of a TLS external PSK the client proved to hold; empty: none
  std::optional<Bytes> client_certificate;       // DER, verified by TLS against the listener's client CA
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // Retry-After and the like
};

}  // namespace tf::wire
