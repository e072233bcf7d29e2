// Enrolment over EST within the platform: a listener of its own on TLS, which asks for client certificates of our issuing authorities;
// [pki.est].
#pragma once
#include <memory>

#include "audit/refusals.hpp"
#include "ca/est/est.hpp"
#include "net/server/server.hpp"
#include "platform/context.hpp"

namespace tf::platform {

class EstDesk {
 public:
  // Code::invalid "config.value" for a label that is no profile.
  static Result<std::unique_ptr<EstDesk>> open(Context& context, ca::CertificateAuthority& authority);
  ~EstDesk();

  Status start(std::shared_ptr<net::WorkerPool> pool);
  Status renew_tls();  // takes the TLS certificate in force
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }

 private:
  EstDesk(Context& context, ca::CertificateAuthority& authority);
  [[nodiscard]] Result<net::TlsServerConfig> tls() const;

  Context& context_;
  ca::CertificateAuthority& authority_;
  audit::RefusalSampler sampler_;
  audit::Refusals refusals_;
  std::unique_ptr<ca::EstService> service_;
  net::HttpServer server_;
};

}  // namespace tf::platform
