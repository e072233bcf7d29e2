// The real hostapd asks the PHLR over its socket; the real eapol_test is the device's radio, its USIM is ours.
#include "tests/hss/eap_peer.hpp"
#include "tests/onboard_e2e/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

constexpr const char* kK = "465b5ce8b199b49faa5f0a2ee238a6bc";  // TS 35.207 test set 1
constexpr const char* kOpc = "cd63cb71954a9f4e48a5994e37a02baf";

TEST(OnboardEap, a_device_without_ip_gets_access_through_hostapd) {
  OnboardScene& scene = OnboardScene::get();
  const auto pimsi = hss::test::must(hss::Imsi::parse("999990000004711"));
  const std::string directory = scene.in("eap");
  ASSERT_EQ(run({"mkdir", directory}).exit_code, 0);
  const hss::test::AccessServer server(directory, scene.in("phlr-1/auc.sock"));
  const auto k = wire::from_hex(kK).value(), opc = wire::from_hex(kOpc).value();
  hss::test::Usim usim{crypto::AkaKey::of(k, opc).value(), {}};
  EXPECT_FALSE(run_eap(directory, "AKA", pimsi, usim).success) << "nobody brought this identity to the PHLR yet";
  scene.add_preliminary(pimsi.text(), kK, kOpc);
  for (const char* method : {"AKA", "AKA'"}) {
    const auto out = run_eap(directory, method, pimsi, usim);
    EXPECT_TRUE(out.success) << method << out.log << server.log();
  }
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) usim.sequence.accept(777'777U << crypto::kIndBits | ind);
  const auto ahead = run_eap(directory, "AKA'", pimsi, usim);
  EXPECT_TRUE(ahead.success) << ahead.log << server.log();
  EXPECT_EQ(ahead.resynchronised, 1);
  // The PHLR killed and up again: no SQN comes twice.
  scene.kill_server("phlr-1");
  scene.serve("phlr-1");
  const auto again = run_eap(directory, "AKA", pimsi, usim);
  EXPECT_TRUE(again.success) << again.log << server.log();
  EXPECT_EQ(again.resynchronised, 0);
}

}  // namespace
}  // namespace tf::test
