// Messages over HTTPS on one connection that is kept.
#pragma once
#include <string>

#include "net/client/client.hpp"
#include "pki/certificate.hpp"
#include "terminal/download.hpp"

namespace tf::terminal {

struct PlatformAddress {
  std::string url;          // https://host:port
  bool allow_tls12 = false;
  int timeout_ms = 30'000;  // from the first byte sent to the last received
};

class HttpTransport final : public Transport {
 public:
  // The device trusts its root and nothing else.
  static Result<HttpTransport> create(const PlatformAddress& address, const pki::Certificate& root);
  Result<Reply> post(std::string_view route, const std::string& body) override;
  void close() { client_.close(); }

 private:
  explicit HttpTransport(net::HttpClient client) : client_(std::move(client)) {}
  net::HttpClient client_;
};

}  // namespace tf::terminal
