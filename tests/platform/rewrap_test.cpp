// Every wrapped row under a new key-encryption key, the old ones forgotten; also when the first run was interrupted.
#include "platform/rewrap.hpp"

#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

class Rewrap : public testing::Test {
 protected:
  Result<RewrapReport> rewrap() {
    return rewrap_all(*scene.opened->context, "host", [this](std::int64_t rows) { told = rows; });
  }
  [[nodiscard]] std::vector<std::string> keks() const { return scene.opened->vault->state().keks; }
  std::map<rki::Slot, SecretBytes> keys_now() {
    std::map<rki::Slot, SecretBytes> out;
    for (const rki::KeyRecord& key : scene.keys_of(device.identity.dsn)) out.emplace(key.slot, scene.stored_key(key, device.identity.dsn));
    return out;
  }

  RkiScene scene;
  TerminalUnderTest device = scene.device(kModern, {rki::Suite::modern});
  std::int64_t told = 0;
};

TEST_F(Rewrap, takes_all_rows_over_and_forgets_the_old_key) {
  Conversation(scene, device).finish();
  const auto before = keys_now();
  const std::string old = keks().back();
  const auto report = must(rewrap());
  EXPECT_GE(report.rows, 5);  // four keys and DIK1
  EXPECT_EQ(told, report.rows);
  EXPECT_THAT(report.retired, testing::ElementsAre(old));
  EXPECT_EQ(keks().size(), 1U);
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_keys WHERE kek = '" + old + "'"), 0);
  EXPECT_TRUE(keys_now() == before);
  Conversation(scene, device).finish();  // DIK1 opens as well
}

TEST_F(Rewrap, continues_where_an_interrupted_run_stopped) {
  Conversation(scene, device).finish();
  must(scene.opened->vault->rotate_kek());  // and then the power went
  EXPECT_TRUE(keks().size() == 2);
  const auto report = must(rewrap());
  EXPECT_GE(report.rows, 5);
  EXPECT_EQ(keks().size(), 1U) << "no third key was made";
  EXPECT_EQ(must(rewrap()).rows, report.rows) << "and again, under yet another";
}

}  // namespace
}  // namespace tf::platform::test
