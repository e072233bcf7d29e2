// Whole onboardings: a device as it runs in the field, and every role over HTTPS, from the preliminary credential to the first use of the new one.
#include "base/file.hpp"
#include "store/sqlite/sqlite.hpp"
#include "terminal/onboard/make.hpp"
#include "terminal/onboard/onboard.hpp"
#include "tests/platform/onboard/scene.hpp"
#include "tests/support/local.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

Secret<32> storage_key() {
  Secret<32> out;
  out.reveal_mutable()[0] = 7;
  return out;
}

struct Whole : testing::Test {
  void start() {
    scene.start_all();
    bring_device();
  }
  void bring_device() {
    const std::string k(32, '1'), opc(32, '2');
    wire::JsonWriter writer;
    writer.begin_object().key("subscribers").begin_array().begin_object().member("pimsi", kPimsi).member("k", k).member("opc", opc).end_object().end_array().end_object();
    ASSERT_EQ(scene.post("phlr", "/onboard/v1/subscribers", writer.text(), &scene.staff).status, 200);
    make_device(kDevice, kPimsi, directory.file("device"));
  }
  void make_device(const std::string& dsim_id, const std::string& pimsi, const std::string& where) {
    terminal::OnboardProfile profile{.dsim_id = dsim_id, .registration = {{"registration-1", scene.url("registration")}}, .ocsp = {scene.ocsp.url()}, .operators = {}};
    profile.phlr = terminal::OnboardProfile::Aka{scene.url("phlr"), "onboard"};
    profile.authenticate = terminal::OnboardProfile::Aka{scene.url("hss"), "hss"};
    const auto made = must(terminal::make_onboard_device(where, profile, scene.pki.root.certificate, storage_key(), random));
    auto module = must(terminal::open_onboard_module(where, profile, storage_key(), random));
    module::Credential preliminary{.imsi = pimsi, .key = must(crypto::AkaKey::of(Bytes(16, 0x11), Bytes(16, 0x22)))};
    must(terminal::certify_onboard_device(where, *module, {scene.pki.issue("onboard-module", "serialNumber=" + dsim_id, {}, made.signing.public_key()),
                                                           scene.pki.issue("onboard-module-decryption", "serialNumber=" + dsim_id, {}, made.decryption.public_key())},
                                          std::move(preliminary), scene.clock));
  }
  Result<terminal::OnboardFacts> run(std::function<Status(std::string_view)> durable = {}) {
    auto device = TF_TRY(terminal::OnboardDevice::open(directory.file("device"), storage_key(),
                                                       {.clock = scene.clock, .random = random, .progress = [this](std::string_view step, const std::string& what) { story += std::string(step) + ": " + what + "\n"; }, .wait = [](std::chrono::milliseconds) {}, .durable = std::move(durable)}));
    return device.run({.total = std::chrono::seconds(60), .patience = std::chrono::seconds(10)});
  }
  std::string state() { return must(must(wire::JsonObject::parse(scene.get("credentialing", std::string("/onboard/v1/subscriptions/") + kDevice, &scene.staff).body)).text("state")); }

  OnboardScene scene;
  tf::test::TemporaryDirectory directory;
  SystemRandom random;
  SystemClock clock;  // for who waits
  std::string story;  // of the last device's runs
};

class WholeBy : public Whole, public testing::WithParamInterface<crypto::AkaAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(Algorithms, WholeBy, testing::Values(crypto::AkaAlgorithm::milenage, crypto::AkaAlgorithm::tuak),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(WholeBy, ADeviceGetsItsSubscriptionAndUsesIt) {
  scene.tweak = [this](const std::string& role, OnboardSettings& settings) {
    settings.hss.algorithm = GetParam();
    if (role != "credentialing") return;
    must(write_file_atomic(directory.file("apn.txt"), as_bytes("internet.example"), 0644));
    settings.credentialing.items = {{"apn", "text/plain", directory.file("apn.txt")}};
  };
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  const auto facts = run();
  ASSERT_TRUE(facts.has_value()) << describe(facts.error()) << "\n" << story;
  EXPECT_EQ(facts->stage, onboard::Stage::subscribed);
  EXPECT_EQ(facts->operator_id, OnboardScene::kOperator);
  EXPECT_EQ(facts->imsi, "001010000000001");
  EXPECT_TRUE(facts->used);
  EXPECT_EQ(facts->items, std::vector<std::string>{"apn"});
  EXPECT_EQ(state(), "closed");
  EXPECT_OK(run());  // once more there is nothing to do
  scene.stop("hss");
  const auto database = must(store::open_sqlite({.path = scene.directory("hss") + "/onboard.db"}));
  std::string algorithms;
  EXPECT_OK(database->read([&](store::Session& session) {
    return session.query("SELECT algorithm FROM hss_subscribers", {}, [&](const store::Row& row) -> Status {
      algorithms += row.text(0);
      return {};
    });
  }));
  EXPECT_EQ(algorithms, name_of(GetParam())) << "he authenticated by the algorithm that was wanted";
}

TEST_F(Whole, AProvisioningServerMayBeginByPackageZero) {
  const std::string address = "127.0.0.1:" + std::to_string(tf::test::free_port());
  scene.tweak = [&](const std::string&, OnboardSettings& settings) {
    settings.credentialing.notify = address;
    settings.provisioning.notify = {"127.0.0.1"};
  };
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  auto device = must(terminal::OnboardDevice::open(directory.file("device"), storage_key(), {.clock = clock, .random = random, .progress = [this](std::string_view step, const std::string& what) { story += std::string(step) + ": " + what + "\n"; }}));
  const auto facts = device.run({.total = std::chrono::seconds(60), .patience = std::chrono::seconds(10), .listen = address});
  ASSERT_TRUE(facts.has_value()) << describe(facts.error()) << "\n" << story;
  EXPECT_EQ(facts->stage, onboard::Stage::subscribed);
  EXPECT_EQ(state(), "closed");
}

// Handlers of one role wait for those of another: with one thread of each kind too none waits for itself.
TEST_F(Whole, AllRolesOfOneProcessNeedOneThreadOfEachKind) {
  scene.start_as_one();
  EXPECT_EQ(scene.server("contract").roles().size(), 6U);
  bring_device();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  const auto facts = run();
  ASSERT_TRUE(facts.has_value()) << describe(facts.error()) << "\n" << story;
  EXPECT_TRUE(facts->used);
  EXPECT_EQ(scene.audited("contract", "onboard.receipt_carried"), 1);
  EXPECT_EQ(scene.audited("contract", "onboard.delivered"), 0) << "the receipt did not have to wait for the operator";
  const std::string again = onboard::encode(std::vector<onboard::Subscription>{{"M2M-0002", "Waterworks", "standard", {}, {}}});
  EXPECT_EQ(must(onboard::decode_row_results(scene.post("contract", "/onboard/v1/contracts/again", again, &scene.staff).body)).front().result, "registered") << "staff's orders ask in turn, too";
}

TEST_F(Whole, AServerThatRestartsAtAnyStepIsNoticedByNobody) {
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  const auto facts = run([&](std::string_view) -> Status {
    for (const char* role : {"registration", "hss", "provisioning", "credentialing", "phlr"}) scene.restart(role);
    return {};
  });
  ASSERT_OK(facts);
  EXPECT_TRUE(facts->used);
  EXPECT_EQ(state(), "closed");
}

TEST_F(Whole, ADeviceThatLosesPowerAfterEachStepEndsWithOneCredential) {
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  std::string last;
  int power_offs = 0;
  for (int i = 0; i < 20 && !(run([&](std::string_view point) -> Status {
         if (point == last || ++power_offs > 12) return {};
         last = point;
         return Error{Code::unavailable, "test.power", "off"};
       })); ++i) {
  }
  const auto facts = run();
  ASSERT_OK(facts);
  EXPECT_EQ(facts->imsi, "001010000000001");
  EXPECT_GE(power_offs, 4);
  EXPECT_EQ(state(), "closed");
}

TEST_F(Whole, NothingSecretLiesInTheProvisioningServersFiles) {
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  ASSERT_OK(run());
  scene.stop("provisioning");
  const Bytes database = must(read_file(scene.directory("provisioning") + "/onboard.db", 64U << 20));
  const std::string_view text = as_text(database);
  EXPECT_EQ(text.find("EncryptedData"), std::string_view::npos) << "the envelope was there";
  EXPECT_EQ(text.find("001010000000001"), std::string_view::npos) << "the IMSI was there";
}

}  // namespace
}  // namespace tf::platform::test
