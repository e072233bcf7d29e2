// The contract front end: staff, owners with tokens, the web form, batches, an operator's server that is away.
#include "platform/onboard/contract/store.hpp"
#include "tests/platform/onboard/device.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

constexpr const char* kContracts = "/onboard/v1/contracts";

struct Contracts : testing::Test {
  Contracts() { scene.start_all(); }
  std::vector<onboard::RowResult> results(const Answer& answer) { return answer.status == 200 ? must(onboard::decode_row_results(answer.body)) : std::vector<onboard::RowResult>{}; }
  std::string token(const std::string& owner, int devices) {
    const auto body = wire::JsonWriter().begin_object().member("owner", owner).member("devices", devices).member("days", 1).end_object().take();
    auto answer = must(wire::JsonObject::parse(scene.post("contract", "/onboard/v1/owners", body, &scene.staff).body));
    return must(answer.text("token"));
  }
  static std::string rows(const std::string& owner, int from, int count) {
    std::vector<onboard::Subscription> out;
    for (int i = 0; i < count; ++i) out.push_back({"M2M-" + std::to_string(from + i), owner, "standard", {}, {}});
    return onboard::encode(out);
  }
  OnboardScene scene;
};

TEST_F(Contracts, AreMadeByStaffOrByAnOwnerForHimself) {
  EXPECT_EQ(scene.post("contract", kContracts, rows("Nord", 1, 1)).status, 403);
  EXPECT_EQ(scene.post("contract", kContracts, rows("Nord", 1, 1), nullptr, {{"Authorization", "Bearer nonsense"}}).status, 403);
  EXPECT_EQ(scene.post("contract", "/onboard/v1/owners", "{}").status, 403);
  const std::string bearer = "Bearer " + token("Nord", 2);
  EXPECT_EQ(results(scene.post("contract", kContracts, rows("Nord", 1, 2), nullptr, {{"Authorization", bearer}})).back().result, "registered");
  EXPECT_EQ(results(scene.post("contract", kContracts, rows("Nord", 1, 2), nullptr, {{"Authorization", bearer}})).back().result, "registered") << "repeated, and not paid for twice";
  EXPECT_EQ(results(scene.post("contract", kContracts, rows("Sued", 7, 1), nullptr, {{"Authorization", bearer}})).front().result, "onboard.other_owner");
  EXPECT_EQ(scene.post("contract", kContracts, rows("Nord", 3, 1), nullptr, {{"Authorization", bearer}}).status, 403) << "used up";
  EXPECT_EQ(results(scene.post("contract", kContracts, rows("Sued", 1, 1), &scene.staff)).front().result, "onboard.contract_exists");
  scene.clock.advance_days(2);
  EXPECT_EQ(scene.post("contract", kContracts, rows("Nord", 1, 1), nullptr, {{"Authorization", bearer}}).status, 403) << "its time is over";
}

// Who orders with other certificates means another module.
TEST_F(Contracts, AnOrderWithOtherCertificatesIsAnotherOrder) {
  TestDevice device(scene, "M2M-0001"), other(scene, "M2M-0001");
  const auto order = [](const TestDevice* pinned) {
    onboard::Subscription row{"M2M-0001", "Nord", "standard", {}, {}};
    if (pinned != nullptr) row.signing = pinned->chain(module::Key::sign), row.decryption = pinned->chain(module::Key::decrypt);
    return onboard::encode(std::vector{row});
  };
  const auto result = [&](const TestDevice* pinned) { return results(scene.post("contract", kContracts, order(pinned), &scene.staff)).front().result; };
  EXPECT_EQ(result(&device), "registered");
  EXPECT_EQ(result(&device), "registered") << "the same once more";
  EXPECT_EQ(result(&other), "onboard.contract_exists");
  EXPECT_EQ(result(nullptr), "onboard.contract_exists");
  const auto front = scene.pki.caller("contract-2");
  scene.add_peer("credentialing", {.role = "contract", .name = "contract-2", .url = {}, .operator_id = OnboardScene::kOperator, .fingerprints = {front.fingerprint()}, .server_id = {}});
  scene.restart("credentialing");
  const auto registered = [&](const TestDevice* pinned) { return results(scene.post("credentialing", "/onboard/v1/subscriptions", order(pinned), &front)).front().result; };
  EXPECT_EQ(registered(&device), "registered");
  EXPECT_EQ(registered(&other), "onboard.already_registered");
  EXPECT_EQ(registered(nullptr), "onboard.already_registered");
}

TEST(ContractStore, AResultIsOfTheOrderThatWasTold) {
  tf::test::TemporaryDirectory directory;
  const auto database = must(store::open_sqlite({.path = directory.file("contracts.db"), .readers = 1, .gather_ms = 0}));
  must(database->migrate(contract::kComponent, contract::kMigrations));
  std::string state;
  must(database->write([&](store::Session& session) -> Status {
    const contract::Order first{{"M2M-1", "Nord", "standard", {}, {}}, 1}, second{{"M2M-1", "Sued", "standard", {}, {}}, 2};
    TF_CHECK(contract::accept(session, first, 1));
    TF_CHECK(contract::accept(session, second, 2));
    TF_CHECK(contract::decide(session, first, "onboard.already_registered", 3));
    state = TF_TRY(contract::load(session, "M2M-1"))->state;
    TF_CHECK(contract::decide(session, second, "registered", 4));
    state += " " + TF_TRY(contract::load(session, "M2M-1"))->state;
    return {};
  }));
  EXPECT_EQ(state, "accepted registered");
}

TEST_F(Contracts, AThousandRowsAreOneCallAndMayBeRepeated) {
  const Answer first = scene.post("contract", kContracts, rows("Nord", 0, 1000), &scene.staff);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_THAT(results(first), testing::Each(testing::Field(&onboard::RowResult::result, "registered")));
  EXPECT_EQ(scene.post("contract", kContracts, rows("Nord", 0, 1000), &scene.staff).body, first.body);
  auto status = must(wire::JsonObject::parse(scene.get("credentialing", "/onboard/v1/status", &scene.staff).body));
  auto counts = must(status.object("subscriptions"));
  EXPECT_EQ(must(counts.integer("registered", 0, 10'000)), 1000);
  EXPECT_EQ(must(status.integer("to_be_told", 0, 10'000)), 0);
}

TEST_F(Contracts, OneDeviceTwiceInACallIsTold) {
  std::vector<onboard::Subscription> twice{{"M2M-1", "Nord", "standard", {}, {}}, {"M2M-1", "Nord", "standard", {}, {}}};
  const auto answer = results(scene.post("contract", kContracts, onboard::encode(twice), &scene.staff));
  EXPECT_EQ(answer.front().result, "registered");
  EXPECT_EQ(answer.back().result, "onboard.twice");
}

TEST_F(Contracts, AreKeptWhileTheOperatorsServerIsAwayAlsoOverARestart) {
  scene.stop("credentialing");
  EXPECT_EQ(results(scene.post("contract", kContracts, rows("Nord", 1, 3), &scene.staff)).front().result, "accepted");
  scene.restart("contract");
  scene.start("credentialing");
  scene.server("contract").work_now();
  auto listed = must(wire::JsonObject::parse(scene.get("contract", kContracts, &scene.staff).body));
  auto counts = must(listed.object("counts"));
  EXPECT_EQ(must(counts.integer("registered", 0, 10)), 3);
}

// Each call was small enough for the front end; what waits is more than one call to the operator's server holds.
TEST_F(Contracts, ThoseWithLargeCertificatesThatWaitedAreToldInSeveralCalls) {
  scene.stop("credentialing");
  const Bytes large(8'000, 0x30);
  for (int call = 0; call < 3; ++call) {
    std::vector<onboard::Subscription> rows;
    for (int i = 0; i < 150; ++i) rows.push_back({"M2M-" + std::to_string(1'000 * call + i), "Nord", "standard", {large}, {large}});
    ASSERT_EQ(scene.post("contract", kContracts, onboard::encode(rows), &scene.staff).status, 200);
  }
  scene.start("credentialing");
  scene.restart("contract").work_now();
  auto listed = must(wire::JsonObject::parse(scene.get("contract", kContracts, &scene.staff).body));
  auto counts = must(listed.object("counts"));
  EXPECT_EQ(must(counts.integer("refused", 0, 1'000)), 450) << "these are no certificates";
}

TEST_F(Contracts, TheFormIsPlainAndTellsNothingToStrangers) {
  const Answer page = scene.get("contract", "/onboard/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, testing::AllOf(testing::HasSubstr("<html lang=\"en\">"), testing::HasSubstr("<label for=\"dsim_id\">"), testing::Not(testing::HasSubstr("<script"))));
  const auto submit = [&](const std::string& fields) { return scene.post("contract", "/onboard/", fields, nullptr, {}, "application/x-www-form-urlencoded"); };
  const std::string mine = token("Nord", 1);
  EXPECT_THAT(submit("token=wrong&dsim_id=M2M-1&subscribe=1").body, testing::HasSubstr("role=\"alert\">This token is not known"));
  EXPECT_THAT(submit("token=" + mine + "&dsim_id=M2M-1&plan=&subscribe=1").body, testing::HasSubstr("is registered"));
  EXPECT_THAT(submit("token=" + mine + "&dsim_id=M2M-1&status=1").body, testing::HasSubstr("is registered"));
  EXPECT_THAT(submit("token=" + mine + "&dsim_id=M2M-9&status=1").body, testing::HasSubstr("no order"));
  const Answer odd = submit("token=" + mine + "&dsim_id=%3Cb%3E&subscribe=1");
  EXPECT_THAT(odd.body, testing::AllOf(testing::HasSubstr("not the number of a device"), testing::HasSubstr("&lt;b&gt;"), testing::Not(testing::HasSubstr("<b>"))));
  EXPECT_THAT(odd.body, testing::Not(testing::HasSubstr(mine)));
  EXPECT_EQ(submit("token=x&surprise=1").status, 400);
}

}  // namespace
}  // namespace tf::platform::test
