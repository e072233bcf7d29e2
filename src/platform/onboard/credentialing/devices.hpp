// What devices and provisioning servers ask a credentialing server (steps 3 to 12): OCSP and the HSS are asked before anything is written,
// the release is one transaction, deliveries are told before READY leaves.
#pragma once
#include "platform/onboard/credentialing/desk.hpp"
#include "platform/onboard/role.hpp"

namespace tf::platform::credentialing {

class Devices {
 public:
  explicit Devices(Desk& desk) : desk_(desk) {}
  Result<std::string> hello(const OnboardCall& call, std::string& subject);
  Result<std::string> request(const OnboardCall& call, std::string& subject);
  Result<std::string> envelope(const OnboardCall& call, std::string& subject);
  Result<std::string> receipt(const OnboardCall& call, std::string& subject);

 private:
  Result<onboard::Released> release(const onboard::Proved& proved, const std::vector<onboard::Outcome>& outcomes);
  Result<std::vector<onboard::ProvisioningServer>> deliver(onboard::Released& released);

  Desk& desk_;
};

}  // namespace tf::platform::credentialing
