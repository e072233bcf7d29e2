// What the OCSP responders of the settings say about certificates (net/ocsp/client.hpp). Used on threads that may wait.
#pragma once
#include <memory>
#include <vector>

#include "net/ocsp/client.hpp"
#include "platform/onboard/directory.hpp"
#include "protocols/onboard/revocation.hpp"

namespace tf::platform {

class RevocationDesk {
 public:
  // The peers of role ocsp. Code::invalid "config.value" without one, or with a URL that is none.
  static Result<std::unique_ptr<RevocationDesk>> open(OnboardOpened& opened);

  // One outcome each, in their order, of any number of certificates.
  std::vector<onboard::Outcome> judge(const std::vector<onboard::Shown>& certificates);

 private:
  explicit RevocationDesk(net::OcspClient client) : client_(std::move(client)) {}
  net::OcspClient client_;
};

}  // namespace tf::platform
