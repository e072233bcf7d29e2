// The PIV application (NIST SP 800-73-4 part 2), as unmodified middleware uses it: SELECT, GET DATA, PUT DATA, VERIFY, CHANGE REFERENCE DATA,
// RESET RETRY COUNTER, GENERATE, GENERAL AUTHENTICATE; with Yubico's import (FE), metadata (F7), version (FD), serial number (F8), retries (FA) and
// administrator's key (FF). Keys: RSA-2048, RSA-3072, P-256, P-384. What personalisation has made is in piv/personalise.hpp.
#pragma once
#include "card/application.hpp"
#include "card/services.hpp"

namespace tf::card::piv {

class PivApplication final : public Application {
 public:
  explicit PivApplication(Services& services) : services_(services) {}
  [[nodiscard]] ByteView aid() const override;
  std::unique_ptr<Session> open() override;

 private:
  Services& services_;
};

}  // namespace tf::card::piv
