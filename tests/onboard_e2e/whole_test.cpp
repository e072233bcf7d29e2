// The whole way, every role a process: from the factory to the first use of the subscription, and what everybody kept of it.
#include "tests/onboard_e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

TEST(OnboardWhole, devices_get_their_subscriptions_and_use_them) {
  OnboardScene& scene = OnboardScene::get();
  const auto devices = scene.manufacture("WHOLE-", 4);
  ASSERT_EQ(devices.size(), 4U);
  EXPECT_EQ(scene.show(devices[0]).state, "preliminary");
  // Before anybody ordered anything nobody knows it.
  const Finished early = scene.run_device(devices[0], 2);
  EXPECT_EQ(early.exit_code, 5) << early.err;
  EXPECT_THAT(early.err, HasSubstr("nobody registered this device"));

  // One by one, then the file: what is there already is as good as new.
  scene.subscribe({devices[0]});
  EXPECT_EQ(scene.state_of(devices[0]), "registered");
  const std::string csv = scene.in("devices/WHOLE-/modules.csv");
  write_text(csv, read_text(csv) + "no good_id,Owner,standard,,\n");
  const Finished many = scene.order({"subscribe", "--csv", csv});
  ASSERT_EQ(many.exit_code, 0) << many.err << many.out;
  auto counted = json_of(many.out);
  EXPECT_EQ(counted.integer("lines", 0, 100).value(), 5);
  EXPECT_EQ(counted.integer("registered", 0, 100).value(), 3);
  EXPECT_EQ(counted.integer("refused", 0, 100).value(), 2);  // the bad line, and the one of another owner
  EXPECT_THAT(read_text(csv + ".refused.csv"), HasSubstr("WHOLE-000001,"));

  std::set<std::string> imsis;
  for (const std::string& device : devices) {
    const Finished ran = scene.run_device(device);
    ASSERT_EQ(ran.exit_code, 0) << ran.err << scene.log("cred-1");
    const DeviceFacts facts = scene.show(device);
    EXPECT_EQ(facts.state, "subscribed");
    EXPECT_EQ(facts.operator_id, "op-1");
    EXPECT_TRUE(facts.authenticated);
    EXPECT_THAT(facts.imsi, testing::StartsWith("00101"));
    EXPECT_EQ(scene.state_of(device), "closed");
    imsis.insert(facts.imsi);
  }
  EXPECT_EQ(imsis.size(), devices.size());
  EXPECT_EQ(scene.run_device(devices[0]).exit_code, 0);  // there is nothing more to do
  for (const std::string& imsi : imsis)
    EXPECT_EQ(scene.sql("hss-1", "SELECT COUNT(*) FROM onboard_credentials WHERE used_ms IS NOT NULL AND imsi = '" + imsi + "'"), "1");

  auto listed = scene.staff({"list", "--state", "closed"});
  auto closed = listed.objects("subscriptions", 1000).value();
  EXPECT_EQ(std::ranges::count_if(closed, [](auto& each) { return each.text("dsim_id").value().starts_with("WHOLE-"); }), static_cast<std::ptrdiff_t>(devices.size()));
  EXPECT_EQ(scene.staff({"status"}).text("operator").value(), "op-1");
  EXPECT_TRUE(eventually([&] { return scene.staff({"status"}).integer("to_be_told", 0, 1000).value() == 0; })) << "registration servers forget what is closed";
  EXPECT_TRUE(scene.alarms_of(devices[0]).empty());
  for (const std::string& server : scene.servers()) {
    const Finished audit = scene.audit(server);
    EXPECT_EQ(audit.exit_code, 0) << server << ": " << audit.err << audit.out;
  }
}

}  // namespace
}  // namespace tf::test
