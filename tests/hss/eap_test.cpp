// The real hostapd and eapol_test against our authentication centre.
#include "hss/auc_socket.hpp"
#include "tests/hss/eap_peer.hpp"
#include "tests/hss/osmo_process.hpp"

namespace tf::hss::test {
namespace {

class Eap : public testing::TestWithParam<const char*> {
 protected:
  Eap() {
    must(scene.centre->create({imsi_number(1), known_key()}));
    auc = must(AucSocket::open({.path = scene.directory.file("auc.sock")}, *scene.centre));
    server = std::make_unique<AccessServer>(scene.directory.path(), scene.directory.file("auc.sock"));
  }
  EapRun run(const Imsi& imsi, bool lies = false) { return run_eap(scene.directory.path(), GetParam(), imsi, usim, lies); }

  Scene scene;
  std::unique_ptr<AucSocket> auc;
  std::unique_ptr<AccessServer> server;
  Usim usim{known_key(), {}};
};

TEST_P(Eap, gives_access_to_a_subscriber_again_and_again) {
  for (int i = 0; i < 3; ++i) {
    const EapRun out = run(imsi_number(1));
    EXPECT_TRUE(out.success) << out.log << server->log();
    EXPECT_EQ(out.asked, 1);
  }
  EXPECT_EQ(auc->counts().answered, 3U);
}

TEST_P(Eap, resynchronises_with_a_usim_that_is_ahead) {
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) usim.sequence.accept(123'456U << crypto::kIndBits | ind);
  const EapRun out = run(imsi_number(1));
  EXPECT_TRUE(out.success) << out.log << server->log();
  EXPECT_EQ(out.resynchronised, 1);
  EXPECT_EQ(auc->counts().resynchronised, 1U);
  EXPECT_TRUE(run(imsi_number(1)).success);
}

// Neither hostapd nor the device's EAP sees the algorithm.
TEST_P(Eap, gives_access_to_a_subscriber_by_tuak_and_resynchronises) {
  must(scene.centre->create({imsi_number(3), key_number(3, crypto::AkaAlgorithm::tuak)}));
  usim = {key_number(3, crypto::AkaAlgorithm::tuak), {}};
  EXPECT_TRUE(run(imsi_number(3)).success);
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) usim.sequence.accept(4'711U << crypto::kIndBits | ind);
  const EapRun out = run(imsi_number(3));
  EXPECT_TRUE(out.success) << out.log << server->log();
  EXPECT_EQ(out.resynchronised, 1);
  usim.key = key_number(3);
  EXPECT_FALSE(run(imsi_number(3)).success) << "the same K, but Milenage's";
}

TEST_P(Eap, refuses_a_device_with_another_key) {
  usim.key = key_number(2);
  EXPECT_FALSE(run(imsi_number(1)).success);
  const EapRun lied = run(imsi_number(1), true);
  EXPECT_FALSE(lied.success);
  EXPECT_EQ(lied.asked, 1);
  usim.key = known_key();
  EXPECT_TRUE(run(imsi_number(1)).success);
}

TEST_P(Eap, refuses_a_subscriber_that_does_not_exist) {
  const EapRun out = run(imsi_number(2));
  EXPECT_FALSE(out.success);
  EXPECT_EQ(out.asked, 0);
  EXPECT_EQ(auc->counts().failed, 1U);
}

INSTANTIATE_TEST_SUITE_P(Methods, Eap, testing::Values("AKA", "AKA'"), [](const auto& info) { return std::string(info.param) == "AKA" ? "aka" : "aka_prime"; });

// First use of what was delivered: hostapd asks our socket, the socket the real HLR.
TEST(EapOverOsmoHlr, gives_access_to_a_subscriber_of_the_hlr_and_resynchronises) {
  const tf::test::TemporaryDirectory directory;
  const OsmoProcess process(directory.path());
  const auto hlr = must(open_osmo_hlr({.patience_ms = 3000}));
  must(hlr->create(Subscription{imsi_number(1), key_number(1)}));
  const auto auc = must(AucSocket::open({.path = directory.file("auc.sock")}, *hlr));
  const AccessServer server(directory.path(), directory.file("auc.sock"));
  Usim usim{key_number(1), {}};
  const EapRun first = run_eap(directory.path(), "AKA", imsi_number(1), usim);
  EXPECT_TRUE(first.success) << first.log << server.log();
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) usim.sequence.accept(9'999U << crypto::kIndBits | ind);
  const EapRun second = run_eap(directory.path(), "AKA", imsi_number(1), usim);
  EXPECT_TRUE(second.success) << second.log << server.log();
  EXPECT_EQ(second.resynchronised, 1);
  usim.key = key_number(2);
  EXPECT_FALSE(run_eap(directory.path(), "AKA", imsi_number(1), usim).success);
}

}  // namespace
}  // namespace tf::hss::test
