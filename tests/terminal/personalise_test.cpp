// A device at the loader's bench.
#include "terminal/personalise.hpp"

#include <atomic>
#include <thread>

#include "factory/station.hpp"
#include "net/local/stream.hpp"
#include "pki/request/certificate_request.hpp"
#include "protocols/rki/keys.hpp"
#include "terminal/device_file.hpp"
#include "tests/factory/scene.hpp"

namespace tf::terminal::test {
namespace {

using tf::factory::test::dsn;
using tf::factory::test::must;

const wire::Dsn kSerial = dsn("TF10000001");
const std::function<Status(const Device&)> kKeep = [](const Device&) -> Status { return {}; };

// What a lying loader says.
struct Lie {
  std::string frame;
  SecretBytes secrets{};  // empty: not sent
};
Lie as_given(const rki::Personalisation& given) { return {rki::encode(given), rki::encode(given.secrets)}; }

class Bench : public testing::Test {
 protected:
  // Runs the real station beside the test; not before the socket is there does it go on.
  void open_station() {
    bench_ = std::jthread([this] { must(run_station(loader, socket, factory::FactorKind::random, [this] { return stop_.load(); })); });
    while (!net::LocalStream::connect(socket)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  // The station has left off; now the loader may be looked at.
  void close_station() {
    stop_ = true;
    bench_.join();
  }
  // A loader that answers a request as it likes, once.
  void open_liar(std::function<Lie(const rki::PersonalisationRequest&)> answer) {
    bench_ = std::jthread([answer = std::move(answer), listener = must(net::LocalListener::bind(socket))]() mutable {
      auto device = must(listener.accept(20'000));
      if (!device) return;
      const auto request = must(rki::decode_personalisation_request(must(device->receive(64 * 1024, 20'000))));
      const Lie lie = answer(request);
      must(device->send(lie.frame));
      if (!lie.secrets.empty()) must(device->send(lie.secrets));
      static_cast<void>(device->receive(64 * 1024, 20'000));  // until the device hangs up
    });
  }
  void TearDown() override { stop_ = true; }

  factory::test::Scene scene;
  factory::Loader loader = scene.loader_with_batch();
  std::string socket = scene.directory.file("loader.sock");

 private:
  std::atomic<bool> stop_{false};
  std::jthread bench_;
};

TEST_F(Bench, gives_a_device_its_identity) {
  open_station();
  Device device = must(personalise(socket, kSerial, scene.clock, kKeep));
  close_station();
  EXPECT_EQ(device.identity.dsn, kSerial);
  EXPECT_EQ(device.identity.suites, (std::vector{rki::Suite::modern, rki::Suite::classic}));
  EXPECT_EQ(device.identity.root.der(), scene.pki.root.certificate.der());
  EXPECT_EQ(device.identity.device_key->public_key().spki(), must(device.identity.device_chain.front().public_key()).spki());
  EXPECT_EQ(device.identity.classic_dik2, must(rki::classic_dik2(scene.classic_dik1.reveal(), kSerial.text(), device.identity.factor.reveal())));
  EXPECT_TRUE(device.keys.empty());
  EXPECT_FALSE(device.complete());
  EXPECT_TRUE(loader.log().contains(kSerial));
}

TEST_F(Bench, gives_a_device_that_its_store_gives_back) {
  open_station();
  SystemRandom random;
  const DeviceFiles files(scene.directory.file(""), Secret<32>(), random, true);
  must(personalise(socket, kSerial, scene.clock, [&](const Device& device) { return files.save(device); }));
  EXPECT_EQ(must(files.load(kSerial)).identity.dsn, kSerial);
}

TEST_F(Bench, does_not_log_a_device_that_could_not_store_itself) {
  open_station();
  const auto full = [](const Device&) -> Status { return Error{Code::unavailable, "terminal.store", "the store is full"}; };
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, full), Code::unavailable, "terminal.store");
  EXPECT_OK(personalise(socket, kSerial, scene.clock, kKeep));
  close_station();
  EXPECT_EQ(loader.log().entries().size(), 1U);
}

TEST_F(Bench, passes_on_the_loaders_refusal) {
  open_station();
  bool saved = false;
  const auto note = [&](const Device&) -> Status {
    saved = true;
    return {};
  };
  const auto outside = personalise(socket, dsn("TF10000100"), scene.clock, note);
  EXPECT_REFUSED(outside, Code::refused, "rki.loader_refused");
  EXPECT_THAT(outside.error().detail, testing::HasSubstr("factory.no_batch"));
  EXPECT_FALSE(saved);
  must(personalise(socket, kSerial, scene.clock, kKeep));
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, note), Code::refused, "rki.loader_refused");
  EXPECT_FALSE(saved);
}

TEST_F(Bench, serves_devices_that_come_at_once) {
  open_station();
  {
    std::vector<std::jthread> devices;
    for (int i = 10; i < 18; ++i)
      devices.emplace_back([this, i] { EXPECT_OK(personalise(socket, dsn("TF100000" + std::to_string(i)), scene.clock, kKeep)); });
  }
  close_station();
  EXPECT_EQ(loader.log().entries().size(), 8U);
  EXPECT_OK(factory::verify_log(scene.log_text("loader-1"), must(crypto::PublicKey::from_spki(must(loader.request()).log_key))));
}

TEST_F(Bench, without_a_loader_is_told_so) {
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, kKeep), Code::unavailable, "net.local_connect");
}

TEST_F(Bench, with_a_loader_that_certifies_another_key_is_left) {
  open_liar([this](const rki::PersonalisationRequest& request) {
    return as_given(must(loader.personalise(factory::test::request_for(request.dsn), factory::FactorKind::random)));
  });
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, kKeep), Code::refused, "terminal.foreign_certificate");
}

TEST_F(Bench, with_a_loader_that_certifies_another_serial_is_left) {
  open_liar([this](const rki::PersonalisationRequest& request) {
    return as_given(must(loader.personalise({dsn("TF10000002"), request.certificate_request}, factory::FactorKind::random)));
  });
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, kKeep), Code::refused, "pki.dsn_out_of_range");
}

TEST_F(Bench, with_a_loader_under_another_root_than_it_says_is_left) {
  open_liar([this](const rki::PersonalisationRequest& request) {
    auto given = must(loader.personalise(request, factory::FactorKind::random));
    given.root = factory::test::Hierarchy::make("Other", scene.clock.now_ms(), scene.random).root.certificate.der();
    return as_given(given);
  });
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, kKeep), Code::refused, "pki.untrusted");
}

TEST_F(Bench, with_a_loader_whose_secrets_are_cut_is_left) {
  open_liar([this](const rki::PersonalisationRequest& request) {
    Lie lie = as_given(must(loader.personalise(request, factory::FactorKind::random)));
    lie.secrets.shorten(lie.secrets.size() - 1);
    return lie;
  });
  const auto device = personalise(socket, kSerial, scene.clock, kKeep);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, Code::malformed);
}

TEST_F(Bench, with_a_loader_that_talks_nonsense_is_left) {
  open_liar([](const rki::PersonalisationRequest&) { return Lie{"{}"}; });
  const auto device = personalise(socket, kSerial, scene.clock, kKeep);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, Code::malformed);
}

TEST_F(Bench, with_a_loader_that_does_not_log_it_reports_failure) {
  open_liar([this](const rki::PersonalisationRequest& request) { return as_given(must(loader.personalise(request, factory::FactorKind::random))); });
  EXPECT_REFUSED(personalise(socket, kSerial, scene.clock, kKeep), Code::unavailable, "net.local_closed");
}

}  // namespace
}  // namespace tf::terminal::test
