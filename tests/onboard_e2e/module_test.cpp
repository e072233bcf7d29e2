// Devices whose secure module is no file: a TPM 2.0 (a real swtpm), a smart card. Keys are made in it, the credential is held by it.
#include <filesystem>

#include "tests/module/swtpm.hpp"
#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace {

TEST(OnboardTpm, a_device_with_a_tpm_gets_its_subscription_and_holds_it_in_the_tpm_alone) {
  OnboardScene& scene = OnboardScene::get();
  module::test::SwTpm tpm;
  const std::string dsim_id = "TPM-000001";
  scene.make_by_hand(dsim_id, "999990000000815", {"--module", "tpm", "--tcti", tpm.tcti()});
  scene.subscribe({dsim_id});
  const Finished ran = scene.run_device(dsim_id);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const DeviceFacts facts = scene.show(dsim_id);
  EXPECT_EQ(facts.state, "subscribed");
  EXPECT_TRUE(facts.authenticated);
  EXPECT_EQ(scene.state_of(dsim_id), "closed");
  for (const auto& file : std::filesystem::recursive_directory_iterator(scene.device(dsim_id)))
    if (file.is_regular_file()) EXPECT_EQ(read_text(file.path().string()).find(facts.imsi), std::string::npos) << file.path();
  // Power off and on: the same. Without its TPM the directory is worth nothing.
  tpm.stop();
  EXPECT_NE(trustferry({"terminal", "onboard", "show", "--directory", scene.device(dsim_id)}).exit_code, 0);
}

TEST(OnboardUicc, a_device_with_a_card_gets_its_subscription_into_the_card) {
  OnboardScene& scene = OnboardScene::get();
  const std::string card = scene.in("uicc/card"), dsim_id = "UICC-000001";
  const Finished made = trustferry({"card", "new", "--directory", card, "--serial", "UICC-1", "--manufacturer", scene.in("uicc/manufacturer")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  scene.make_by_hand(dsim_id, "999990000000816", {"--module", "uicc", "--card", card, "--card-root", scene.in("uicc/manufacturer/manufacturer.crt")});
  scene.subscribe({dsim_id});
  const Finished ran = scene.run_device(dsim_id);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const DeviceFacts facts = scene.show(dsim_id);
  EXPECT_EQ(facts.state, "subscribed");
  EXPECT_TRUE(facts.authenticated);
  EXPECT_EQ(scene.state_of(dsim_id), "closed");
  for (const auto& file : std::filesystem::recursive_directory_iterator(scene.device(dsim_id)))
    if (file.is_regular_file()) EXPECT_EQ(read_text(file.path().string()).find(facts.imsi), std::string::npos) << file.path();
  // The card says the same, to whoever has it: what is public. Without its card the directory is worth nothing.
  const Finished shown = trustferry({"card", "show", "--directory", card});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find(facts.imsi), std::string::npos) << shown.out;
  std::filesystem::rename(card, card + ".away");
  EXPECT_NE(trustferry({"terminal", "onboard", "show", "--directory", scene.device(dsim_id)}).exit_code, 0);
}

}  // namespace
}  // namespace tf::test
