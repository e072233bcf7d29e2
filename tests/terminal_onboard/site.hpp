// A server on loopback that does what its script says: HTTPS for roles, or plain HTTP for OCSP.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/server/server.hpp"
#include "tests/terminal_onboard/certificates.hpp"

namespace tf::terminal::test {

class Site {
 public:
  // One request at a time. Path without its prefix: "hello".
  using Handler = std::function<wire::HttpResponse(const std::string& route, const wire::HttpRequest& request)>;
  Site(Handler handler, const TlsIdentity* tls);  // null: in the clear
  ~Site() { server_.stop(std::chrono::seconds(2)); }

  [[nodiscard]] std::string url() const;
  [[nodiscard]] int asked(const std::string& route) const;
  [[nodiscard]] std::vector<wire::HttpRequest> requests(const std::string& route) const;

  // Instead of the handler, or nothing; before: the request is not handled. after: it is, and the answer is lost.
  using Fault = std::function<std::optional<wire::HttpResponse>(const std::string& route, int count)>;
  Fault before, after;

 private:
  wire::HttpResponse handle(const wire::HttpRequest& request);
  Handler handler_;
  bool secure_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<wire::HttpRequest>> requests_;
  metrics::Registry registry_;
  net::HttpServer server_;
};

inline wire::HttpResponse json(std::string body) { return {200, "application/json", std::move(body), {}}; }
inline wire::HttpResponse busy() { return {503, "application/problem+json", "{}", {{"retry-after", "2"}}}; }

}  // namespace tf::terminal::test
