// The client of EST (RFC 7030): asks another server for certificates. Blocking, one thread at a time.
#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.hpp"
#include "net/client/client.hpp"
#include "pki/certificate.hpp"
#include "pki/request/certificate_request.hpp"

namespace tf::ca {

struct Later {
  int seconds = 60;  // somebody has to approve it first: the same again then
};

class EstClient {
 public:
  // label: none when empty. authorization: "user:password", sent as HTTP Basic; none when empty. The client certificate is in options.
  static Result<EstClient> create(net::ClientOptions options, std::string label, SecretBytes authorization = {});

  // What the server says its certificates are: to be believed no further than TLS is.
  Result<std::vector<pki::Certificate>> cacerts();
  // Code::refused "est.status" with what the server said; Code::unavailable for 5xx; Code::malformed "est.response", "pki.certs_only".
  Result<std::variant<pki::Certificate, Later>> enrol(const pki::CertificateRequest& request, bool again = false);

 private:
  EstClient(net::HttpClient client, std::string label, SecretBytes authorization)
      : client_(std::move(client)), label_(std::move(label)), authorization_(std::move(authorization)) {}
  [[nodiscard]] std::string target(const char* operation) const;
  net::HttpClient client_;
  std::string label_;
  SecretBytes authorization_;
};

}  // namespace tf::ca
