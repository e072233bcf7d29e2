// A thief of a loader's directory makes a second device for a serial that is in service, and is not given its keys.
#include <gmock/gmock.h>

#include <filesystem>

#include "crypto/storage_key.hpp"
#include "factory/loader.hpp"
#include "pki/request/certificate_request.hpp"
#include "tests/e2e/conversation.hpp"

namespace tf::test {
namespace {

namespace fs = std::filesystem;

// The same serial, made with a copy of the loader that knows nothing of the first.
Fleet second_device(const std::string& serial) {
  static SystemClock clock;
  static SystemRandom random;
  const Scene& scene = Scene::get();
  const std::string stolen = scene.in("stolen-loader");
  fs::remove_all(stolen);
  fs::copy(scene.in("loader"), stolen, fs::copy_options::recursive);
  fs::remove(stolen + "/loader.log");
  auto loader = factory::Loader::open(stolen, crypto::storage_key_from_file(stolen, random).value(), {clock, random}).value();
  const auto dsn = wire::Dsn::parse(serial).value();
  auto key = crypto::PrivateKey::generate_p256();
  auto given = loader.personalise({dsn, pki::CertificateRequest::make(serial, key)->der()}, factory::FactorKind::random).value();
  terminal::Device device{.identity = {.dsn = dsn, .suites = std::move(given.suites), .factor = std::move(given.secrets.factor), .classic_dik2 = {},
                                       .modern_dik2 = Secret<32>(given.secrets.modern_dik2.reveal().first<32>()), .device_key = std::move(key),
                                       .device_chain = pki::chain_from_der(given.chain).value(), .root = pki::Certificate::from_der(given.root).value()},
                          .keys = {}};
  Fleet out{.directory = scene.in("second-" + serial), .modern = {serial}, .classic = {}};
  fs::create_directories(out.directory);
  EXPECT_TRUE(out.files().save(device));
  return out;
}

class SecondDevice : public testing::Test {
 protected:
  SecondDevice() { scene_.serve(); }
  // Up to the message after which keys are delivered, and its status.
  int status_of_token(const Fleet& fleet) {
    Conversation conversation(fleet, serial_);
    conversation.step();
    conversation.step();
    return conversation.post().value().status;
  }
  std::string shown() { return scene_.ask({"estate", "show", serial_}).optional_text("device_key").value().value_or(""); }
  std::int64_t open_alarms() { return sql_number(scene_.database(), "SELECT COUNT(*) FROM rki_alarms WHERE state = 'open' AND dsn = '" + serial_ + "'"); }

  Scene& scene_ = Scene::get();
  const Fleet first_ = scene_.fleet(1, 0);
  const std::string serial_ = first_.modern[0];
};

TEST_F(SecondDevice, is_refused_also_after_a_restart_until_an_operator_forgets_the_first) {
  EXPECT_EQ(shown(), "");
  EXPECT_EQ(scene_.on_platform({"estate", "forget-key", serial_}).exit_code, 8) << "nothing is remembered";
  ASSERT_EQ(scene_.download(first_).exit_code, 0);
  const std::string key = shown();
  EXPECT_EQ(key.size(), 64U);
  EXPECT_THAT(scene_.on_platform({"estate", "show", serial_}).out, testing::HasSubstr(key));
  EXPECT_THAT(scene_.on_platform({"estate", "list", "--limit", "1000"}).out, testing::HasSubstr(key.substr(0, 16)));

  EXPECT_EQ(scene_.stop(), 0);
  scene_.serve();
  const Fleet second = second_device(serial_);
  EXPECT_EQ(status_of_token(second), 403);
  EXPECT_TRUE(eventually([&] { return open_alarms() == 1; }));
  const auto alarms = scene_.on_platform({"estate", "alarms"});
  EXPECT_THAT(alarms.out, testing::AllOf(testing::HasSubstr("other_device_key"), testing::HasSubstr(serial_), testing::HasSubstr(key.substr(0, 16))));
  EXPECT_EQ(status_of_token(first_), 200) << "the first goes on";

  const auto forgotten = scene_.on_platform({"estate", "forget-key", serial_});
  EXPECT_EQ(forgotten.exit_code, 0);
  EXPECT_THAT(forgotten.out, testing::HasSubstr("none remembered yet"));
  EXPECT_EQ(open_alarms(), 0);
  EXPECT_EQ(status_of_token(second), 200);
  EXPECT_NE(shown(), key);
  EXPECT_EQ(status_of_token(first_), 403);
  EXPECT_EQ(scene_.on_platform({"estate", "forget-key", "TF777777"}).exit_code, 4);
  scene_.expect_sound_audit();
}

}  // namespace
}  // namespace tf::test
