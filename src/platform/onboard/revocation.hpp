// Asks independent OCSP responders how certificates stand: RFC 6960 over HTTP POST, a nonce each time (RFC 9654), everything about an
// answer checked, connections kept, several certificates of an issuer in one request. Used on threads that may wait.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/client/client.hpp"
#include "platform/onboard/directory.hpp"
#include "protocols/onboard/revocation.hpp"

namespace tf::platform {

class RevocationDesk {
 public:
  // The peers of role ocsp. Code::invalid "config.value" without one, or with a URL that is none.
  static Result<std::unique_ptr<RevocationDesk>> open(OnboardOpened& opened);

  // One outcome each, in their order, of any number of certificates: asked in requests of up to 16 that have one issuer. The next
  // responder is asked where one is silent or says later, as in net/ocsp/ask.hpp.
  std::vector<onboard::Outcome> judge(const std::vector<onboard::Shown>& certificates);

 private:
  struct Responder;
  explicit RevocationDesk(OnboardOpened& opened) : opened_(opened) {}
  using Outcomes = std::vector<onboard::Outcome>;
  Outcomes ask_all(const std::vector<onboard::Shown>& same_issuer);
  Result<Outcomes> ask(Responder& responder, const std::vector<onboard::Shown>& same_issuer);

  OnboardOpened& opened_;
  std::vector<std::shared_ptr<Responder>> responders_;
};

}  // namespace tf::platform
