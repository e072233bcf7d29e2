#include "platform/zones.hpp"

#include "crypto/banking/key_check_value.hpp"
#include "tests/platform/scene.hpp"
#include "tests/platform/zone.hpp"

namespace tf::platform::test {
namespace {

using crypto::BlockCipher;

class Zones : public testing::Test {
 protected:
  Result<ZoneRecord> add(const std::string& custodian, ComponentInput input) { return add_component(*scene.context, custodian, std::move(input)); }
  Scene scene;
};

TEST_F(Zones, take_a_key_from_components_of_different_custodians) {
  ZoneRecord zone = must(add("custodian-1", component("acquirer", 1)));
  EXPECT_FALSE(zone.wrapped);
  EXPECT_THAT(zone.custodians, testing::ElementsAre("custodian-1"));
  EXPECT_REFUSED(find_zone(*scene.context, "acquirer"), Code::conflict, "zones.incomplete");
  zone = must(add("custodian-2", component("acquirer", 2)));
  ASSERT_TRUE(zone.wrapped);
  EXPECT_EQ(zone.kcv, kcv_of(BlockCipher::aes, zone_key(BlockCipher::aes, 32)));
  zone = must(find_zone(*scene.context, "acquirer"));
  EXPECT_EQ(zone.kcv, kcv_of(BlockCipher::aes, zone_key(BlockCipher::aes, 32)));
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM zone_components"), 0) << "components are of no use once the key is made";
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].action, "zones.component");
  EXPECT_EQ(entries[0].actor, "operator:custodian-1");
  EXPECT_THAT(entries[0].detail, testing::HasSubstr(R"("complete":false)"));
  EXPECT_THAT(entries[1].detail, testing::HasSubstr(R"("complete":true)"));
}

TEST_F(Zones, are_made_of_as_many_components_as_were_announced) {
  for (const BlockCipher cipher : {BlockCipher::aes, BlockCipher::tdes}) {
    const std::string name = cipher == BlockCipher::aes ? "aes-zone" : "tdes-zone";
    for (int i = 1; i <= 3; ++i) {
      const ZoneRecord zone = must(add("custodian-" + std::to_string(i), component(name, i, cipher, 24, 3)));
      EXPECT_EQ(zone.wrapped.has_value(), i == 3);
    }
  }
  EXPECT_EQ(must(list_zones(*scene.context)).size(), 2U);
}

TEST_F(Zones, take_one_component_of_each_custodian_only) {
  must(add("custodian-1", component("acquirer", 1)));
  EXPECT_REFUSED(add("custodian-1", component("acquirer", 2)), Code::conflict, "zones.same_custodian");
  EXPECT_REFUSED(find_zone(*scene.context, "acquirer"), Code::conflict, "zones.incomplete");
}

TEST_F(Zones, refuse_a_component_that_is_not_what_the_custodian_expects) {
  ComponentInput input = component("acquirer", 1);
  input.kcv = input.kcv == "000000" ? "000001" : "000000";
  EXPECT_REFUSED(add("custodian-1", std::move(input)), Code::invalid, "zones.kcv");
  EXPECT_TRUE(must(list_zones(*scene.context)).empty());
  EXPECT_TRUE(scene.audited().empty());
}

TEST_F(Zones, take_nothing_more_once_complete) {
  must(add("custodian-1", component("acquirer", 1)));
  must(add("custodian-2", component("acquirer", 2)));
  EXPECT_REFUSED(add("custodian-3", component("acquirer", 3)), Code::conflict, "zones.complete");
}

TEST_F(Zones, hold_every_custodian_to_what_the_first_began) {
  must(add("custodian-1", component("acquirer", 1)));
  EXPECT_REFUSED(add("custodian-2", component("acquirer", 2, BlockCipher::aes, 16)), Code::conflict, "zones.differs");
  EXPECT_REFUSED(add("custodian-2", component("acquirer", 2, BlockCipher::tdes, 24)), Code::conflict, "zones.differs");
  EXPECT_REFUSED(add("custodian-2", component("acquirer", 2, BlockCipher::aes, 32, 3)), Code::conflict, "zones.differs");
}

TEST_F(Zones, need_two_components_at_least) {
  EXPECT_REFUSED(add("custodian-1", component("acquirer", 1, BlockCipher::aes, 32, 1)), Code::invalid, "zones.components");
  EXPECT_REFUSED(add("custodian-1", component("acquirer", 1, BlockCipher::aes, 32, 10)), Code::invalid, "zones.components");
  EXPECT_REFUSED(add("custodian-1", component("acquirer", 1, BlockCipher::aes, 20)), Code::invalid, "vault.spec");
}

TEST_F(Zones, refuse_two_components_that_cancel_each_other) {
  must(add("custodian-1", component("acquirer", 1)));
  EXPECT_FALSE(add("custodian-2", component("acquirer", 1)));
  EXPECT_REFUSED(find_zone(*scene.context, "acquirer"), Code::conflict, "zones.incomplete");
}

TEST_F(Zones, have_names_that_cannot_be_mistaken) {
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"), std::string(R"(a","keys":0,"x":")"), std::string(65, 'a')}) {
    ComponentInput input = component("acquirer", 1);
    input.zone = name;
    EXPECT_REFUSED(add("custodian-1", std::move(input)), Code::invalid, "zones.name");
  }
}

TEST_F(Zones, are_not_begun_when_the_database_fails) {
  scene.database->next_write = FaultyDatabase::Fault::lost;
  EXPECT_REFUSED(add("custodian-1", component("acquirer", 1)), Code::unavailable, "store.io");
  EXPECT_TRUE(must(list_zones(*scene.context)).empty());
  EXPECT_OK(add("custodian-1", component("acquirer", 1)));
}

TEST_F(Zones, let_one_of_two_win_who_bring_their_components_at_once) {
  must(add("custodian-1", component("acquirer", 1, BlockCipher::aes, 32, 3)));
  scene.database->interrupt = [&] { must(add("custodian-2", component("acquirer", 2, BlockCipher::aes, 32, 3))); };
  EXPECT_REFUSED(add("custodian-3", component("acquirer", 3, BlockCipher::aes, 32, 3)), Code::conflict, "store.conflict");
  EXPECT_TRUE(must(add("custodian-3", component("acquirer", 3, BlockCipher::aes, 32, 3))).wrapped);
}

TEST_F(Zones, that_do_not_exist_are_not_found) {
  EXPECT_REFUSED(find_zone(*scene.context, "acquirer"), Code::not_found, "zones.unknown");
}

}  // namespace
}  // namespace tf::platform::test
