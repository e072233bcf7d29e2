// The contract against the real osmo-hlr, and what happens when it goes down.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "hss/osmo/control.hpp"
#include "tests/hss/contract.hpp"
#include "tests/hss/osmo_process.hpp"
#include "tests/hss/scene.hpp"

namespace tf::hss::test {
namespace {

bool listens(std::uint16_t port) {
  const net::Descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

OsmoProcess::OsmoProcess(std::string directory) : directory_(std::move(directory)) {
  tf::test::write_text(directory_ + "/osmo-hlr.cfg",
                       "line vty\n no login\n bind 127.0.0.1 4258\nctrl\n bind 127.0.0.1\nhlr\n database " + directory_ + "/hlr.db\n gsup\n  bind ip 127.0.0.1\n");
  start();
}

void OsmoProcess::start() {
  process_ = tf::test::Process::start({"osmo-hlr", "-c", directory_ + "/osmo-hlr.cfg", "-l", directory_ + "/hlr.db"}, directory_ + "/hlr.log");
  if (!tf::test::eventually([&] { return (listens(4259) && listens(4222)) || !process_->running(); }) || !process_->running())
    ADD_FAILURE() << "osmo-hlr (package osmo-hlr) is needed and does not run: " << tf::test::read_text(directory_ + "/hlr.log");
}

void OsmoProcess::kill() {
  process_->send(SIGKILL);
  process_->wait();
}

namespace {

struct OsmoUnderTest final : UnderTest {
  OsmoUnderTest() : process(directory.path()), hlr(must(open_osmo_hlr({.patience_ms = 3000}))) {}
  Subscribers& subscribers() override { return *hlr; }
  tf::test::TemporaryDirectory directory;
  OsmoProcess process;
  std::unique_ptr<Subscribers> hlr;
};

INSTANTIATE_TEST_SUITE_P(Osmo, SubscribersContract, testing::Values(SubscribersFactory{"osmo_hlr", [] { return std::make_unique<OsmoUnderTest>(); }}),
                         [](const auto& info) { return info.param.name; });

TEST(OsmoHlr, down_it_is_named_and_up_again_it_goes_on) {
  OsmoUnderTest scene;
  ASSERT_OK(scene.hlr->create(Subscription{imsi_number(1), key_number(1)}));
  Usim usim{key_number(1), {}};
  ASSERT_TRUE(usim.takes(scene.hlr->vectors(imsi_number(1), 1).value().front()));
  scene.process.kill();
  EXPECT_REFUSED(scene.hlr->create(Subscription{imsi_number(2), key_number(2)}), Code::unavailable, "hss.hlr_down");
  EXPECT_REFUSED(scene.hlr->vectors(imsi_number(1), 1), Code::unavailable, "hss.hlr_down");
  EXPECT_REFUSED(scene.hlr->remove(imsi_number(1)), Code::unavailable, "hss.hlr_down");
  scene.process.start();
  ASSERT_OK(scene.hlr->create(Subscription{imsi_number(2), key_number(2)}));
  EXPECT_TRUE(usim.takes(scene.hlr->vectors(imsi_number(1), 1).value().front()));
}

TEST(OsmoHlr, is_given_no_key_but_milenages_and_the_others_of_a_batch_come_there) {
  OsmoUnderTest scene;
  std::vector<Subscription> some;
  for (const int i : {1, 2, 3}) some.push_back({imsi_number(i), key_number(i, i == 2 ? crypto::AkaAlgorithm::tuak : crypto::AkaAlgorithm::milenage)});
  const auto created = scene.hlr->create(some);
  EXPECT_OK(created[0]);
  EXPECT_REFUSED(created[1], Code::invalid, "hss.algorithm");
  EXPECT_OK(created[2]);
  EXPECT_REFUSED(scene.hlr->vectors(imsi_number(2), 1), Code::not_found, "hss.no_such_subscriber");
}

TEST(OsmoHlr, a_batch_that_broke_off_is_repeated_and_who_has_no_key_is_told) {
  OsmoUnderTest scene;
  constexpr int kMany = 300;
  std::vector<Subscription> all;
  for (int i = 0; i < kMany; ++i) all.push_back({imsi_number(i), key_number(i)});
  std::vector<Status> first;
  std::thread creating([&] { first = scene.hlr->create(all); });
  // Once some are there, the HLR dies.
  ASSERT_TRUE(tf::test::eventually([&] { return scene.hlr->vectors(imsi_number(20), 1).has_value() || scene.hlr->resync(imsi_number(20), {}, {}).error().code == Code::refused; }));
  scene.process.kill();
  creating.join();
  std::size_t broken = 0;
  for (const Status& each : first) {
    if (each) continue;
    ++broken;
    EXPECT_STREQ(each.error().reason, "hss.hlr_down");
  }
  EXPECT_GT(broken, 0U);
  scene.process.start();
  const auto second = scene.hlr->create(all);
  for (int i = 0; i < kMany; ++i) {
    if (second[static_cast<std::size_t>(i)]) continue;
    // Created, and the crash came before the key: nobody can tell whose it is. Who can, removes it.
    EXPECT_STREQ(second[static_cast<std::size_t>(i)].error().reason, "hss.not_ours");
    ASSERT_OK(scene.hlr->remove(imsi_number(i)));
    EXPECT_OK(scene.hlr->create(all[static_cast<std::size_t>(i)]));
  }
  std::vector<VectorRequest> requests;
  for (int i = 0; i < kMany; ++i) requests.push_back({imsi_number(i), 1});
  const auto vectors = scene.hlr->vectors(requests);
  for (int i = 0; i < kMany; ++i) {
    Usim usim{key_number(i), {}};
    ASSERT_OK(vectors[static_cast<std::size_t>(i)]);
    EXPECT_TRUE(usim.takes(vectors[static_cast<std::size_t>(i)]->front())) << i;
  }
}

TEST(OsmoHlr, a_subscriber_whom_somebody_else_created_never_gets_our_key) {
  OsmoUnderTest scene;
  osmo::ControlClient control({"127.0.0.1", 4259, osmo::kExtensionControl, "", std::chrono::milliseconds(3000)});
  ASSERT_OK(control.start());
  const osmo::Command made_by_others[] = {{"SET", SecretBytes(as_bytes("subscriber.create " + imsi_number(1).text()))}};
  const auto made = control.call(made_by_others);
  ASSERT_OK(made[0]);
  EXPECT_REFUSED(scene.hlr->create(Subscription{imsi_number(1), key_number(1)}), Code::conflict, "hss.not_ours");
  const osmo::Command look[] = {{"GET", SecretBytes(as_bytes("subscriber.by-imsi-" + imsi_number(1).text() + ".aud3g"))}};
  const auto shown = control.call(look);
  ASSERT_OK(shown[0]);
  EXPECT_EQ(as_text(shown[0]->reveal()), "none");
}

TEST(OsmoHlr, refuses_settings_that_are_none) {
  for (const OsmoOptions& bad : {OsmoOptions{.host = ""}, OsmoOptions{.control_port = 0}, OsmoOptions{.gsup_port = 0}, OsmoOptions{.name = ""},
                                 OsmoOptions{.name = "two words"}, OsmoOptions{.patience_ms = 0}})
    EXPECT_REFUSED(open_osmo_hlr(bad), Code::invalid, "hss.osmo");
}

}  // namespace
}  // namespace tf::hss::test
