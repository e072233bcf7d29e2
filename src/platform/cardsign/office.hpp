// cardsign within the platform: its service, and the listener for terminals, browsers and merchants. Books, front ends, merchants and instruments are
// wallet's.
#pragma once
#include <memory>
#include <thread>

#include "net/server/server.hpp"
#include "platform/cardsign/service.hpp"

namespace tf::platform {

class CardsignOffice {
 public:
  // By [cardsign] of the configuration, which is there, after the wallet's office; puts itself into the context.
  static Result<std::unique_ptr<CardsignOffice>> open(Context& context, audit::RefusalSampler& sampler);
  ~CardsignOffice();

  [[nodiscard]] CardsignService& service() { return *service_; }
  Status start(const net::TlsServerConfig& tls, std::shared_ptr<net::WorkerPool> pool);
  Status replace_tls(const net::TlsServerConfig& tls) { return listener_.replace_tls(tls); }
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

 private:
  explicit CardsignOffice(Context& context) : context_(context) {}
  bool converse(const wire::HttpRequest& request, net::Answer& answer);
  wire::HttpResponse handle(const wire::HttpRequest& request);
  void air(const std::stop_token& stop);

  Context& context_;
  std::unique_ptr<CardsignService> service_;
  net::HttpServer listener_;
  std::jthread airing_;
};

// What a route answers with, as HTTP: a 403 with the coarse reason for what was refused or does not parse.
wire::HttpResponse cardsign_response(Result<std::string> reply);

}  // namespace tf::platform
