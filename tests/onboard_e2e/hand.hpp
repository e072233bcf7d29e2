// A device of the scene in the test's own hands, message by message: its real module, the protocol's device side, curl. Its module is open while
// this lives, so its process cannot run. What it learns is not kept: afterwards the device goes on where it stood.
#pragma once
#include "protocols/onboard/device.hpp"
#include "terminal/onboard/profile.hpp"
#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {

class Hand {
 public:
  Hand(const OnboardScene& scene, const std::string& dsim_id);

  [[nodiscard]] CurlAnswer post(const std::string& server, const std::string& route, const std::string& body) const;
  void refer();  // at reg-2, which wants no access token
  // hello; what request is to say.
  onboard::RequestUnderWay hello(const std::string& server = "cred-1");
  void ready(const onboard::RequestUnderWay& request, const std::string& server = "cred-1");

  std::unique_ptr<module::SecureModule> module;
  SystemClock clock;
  SystemRandom random;
  onboard::ChainVerifier verifier;
  onboard::DevicePorts ports;
  onboard::DeviceState state;
  std::optional<onboard::Ready> got;

 private:
  const OnboardScene& scene_;
};

}  // namespace tf::test
