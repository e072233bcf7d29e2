// The same with a module in a real TPM 2.0 (swtpm): its keys sign and open, and the subscription's K stays sealed by it.
#include "tests/module/swtpm.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

class TpmDevice : public Scene {
 protected:
  [[nodiscard]] OnboardProfile in_tpm(OnboardProfile out) const {
    out.module = ModuleKind::tpm;
    out.tcti = tpm.tcti();
    return out;
  }
  module::test::SwTpm tpm;
};

class TpmDeviceBy : public TpmDevice, public testing::WithParamInterface<crypto::AkaAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, TpmDeviceBy, testing::Values(crypto::AkaAlgorithm::milenage, crypto::AkaAlgorithm::tuak),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(TpmDeviceBy, onboards_through_power_offs_and_authenticates_with_its_subscription) {
  subscriptions_by(GetParam());
  make_device(in_tpm(profile_with_phlr()));
  for (const char* point : {"referred", "installed"}) EXPECT_REFUSED(run(point), Code::unavailable, "terminal.power_off");
  tpm.stop();
  tpm.start();
  auto moved = tf::test::must(read_onboard_profile(directory));
  moved.tcti = tpm.tcti();  // it has another port now
  ASSERT_OK(write_onboard_profile(directory, moved));
  const auto got = run();
  ASSERT_OK(got);
  expect_subscribed(got);
  EXPECT_TRUE(got->used);
  EXPECT_EQ(operators.authenticated, 1);
}

TEST_F(TpmDevice, that_is_retired_is_made_anew_in_the_same_tpm) {
  make_device(in_tpm(profile()));
  ASSERT_OK(retire_onboard_device(directory, storage_key.clone(), random));
  EXPECT_REFUSED(run(), Code::not_found, "terminal.no_device");
  make_device(in_tpm(profile()));
  expect_subscribed(run());
}

TEST_F(TpmDevice, without_its_tpm_is_no_device) {
  make_device(in_tpm(profile()));
  tpm.stop();
  EXPECT_REFUSED(run(), Code::unavailable, "module.tpm");
}

}  // namespace
}  // namespace tf::terminal::test
