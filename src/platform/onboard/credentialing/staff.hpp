// What the operator's people see and do: lists, one device, withdrawal, alarms, and the authentication of many devices ahead of time.
#pragma once
#include "platform/onboard/credentialing/registrar.hpp"

namespace tf::platform::credentialing {

class Staff {
 public:
  Staff(Desk& desk, Registrar& registrar) : desk_(desk), registrar_(registrar) {}
  [[nodiscard]] std::vector<OnboardRoute> routes();

 private:
  Result<std::string> list(const OnboardCall& call);
  Result<std::string> show(const OnboardCall& call, std::string& subject);
  Result<std::string> withdraw(const OnboardCall& call, std::string& subject);
  Result<std::string> alarms();
  Result<std::string> status();
  // The pinned chains of up to 500 devices behind "after": path validation and OCSP, a verdict each, kept.
  Result<std::string> authenticate(const OnboardCall& call);

  Desk& desk_;
  Registrar& registrar_;
};

}  // namespace tf::platform::credentialing
