// A device of the tests: a module in software with certificates, and the protocol's steps over real HTTPS, one at a time.
#pragma once
#include "module/software/software_module.hpp"
#include "protocols/onboard/device.hpp"
#include "tests/platform/onboard/scene.hpp"

namespace tf::platform::test {

class TestDevice {
 public:
  // Two with one DSIM_ID: the second one is a clone.
  TestDevice(OnboardScene& scene, const std::string& dsim_id);

  [[nodiscard]] Answer refer(const std::string& authorization = {});      // keeps the referral when it is one
  [[nodiscard]] Answer hello();                                           // keeps what request() needs
  [[nodiscard]] Answer request();                                         // keeps READY
  [[nodiscard]] onboard::Chain chain(module::Key key) const { return onboard::chain_of(module->certificates(key)); }

  OnboardScene& scene;
  tf::test::TemporaryDirectory directory;
  SystemRandom random;
  std::unique_ptr<module::SecureModule> module;
  onboard::ChainVerifier verifier;
  onboard::DevicePorts ports;
  onboard::DeviceState state;
  std::optional<onboard::HelloUnderWay> said;
  std::string hello_answer;
  std::optional<onboard::Ready> ready;
};

}  // namespace tf::platform::test
