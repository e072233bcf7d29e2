// When a device holds which key: the old one until the new one is confirmed.
#include "tests/terminal/scene.hpp"

namespace tf::terminal::test {
namespace {

using rki::Slot;

rki::Installation installation(std::int64_t set, std::int64_t part, std::int64_t of, std::initializer_list<Slot> slots) {
  rki::Installation out{rki::Suite::modern, set, part, of, {}};
  for (const Slot slot : slots) {
    const auto value = static_cast<std::uint8_t>(set * 16 + static_cast<int>(slot));
    out.keys.push_back({slot, must(rki::header_of(rki::Suite::modern, slot, set)), SecretBytes(Bytes(32, value)), "ABCDEF"});
  }
  return out;
}

class DeviceKeys : public testing::Test {
 protected:
  // "slot:set" with a star for what is confirmed, in order.
  [[nodiscard]] std::string keys() const {
    std::vector<std::string> out;
    for (const StoredKey& key : device.keys) out.push_back(std::string(name_of(key.slot)) + ":" + std::to_string(key.set) + (key.confirmed ? "*" : ""));
    std::ranges::sort(out);
    std::string joined;
    for (const std::string& each : out) joined += (joined.empty() ? "" : " ") + each;
    return joined;
  }
  Device device{.identity = shared_estate().device(kDsn, {rki::Suite::modern}), .keys = {}};
};

TEST_F(DeviceKeys, are_used_once_they_are_confirmed) {
  EXPECT_FALSE(device.complete());
  device.install(installation(1, 1, 1, {Slot::tmk, Slot::pin}));
  EXPECT_EQ(keys(), "pin:1 tmk:1");
  EXPECT_FALSE(device.complete());
  device.confirm({1, 1, 1});
  EXPECT_EQ(keys(), "pin:1* tmk:1*");
  EXPECT_TRUE(device.complete());
  EXPECT_EQ(device.keys[0].usage, "K1");
  EXPECT_EQ(device.keys[0].version, "01");
  EXPECT_EQ(device.keys[0].kcv, "ABCDEF");
}

TEST_F(DeviceKeys, of_the_old_set_stay_until_the_new_ones_are_confirmed) {
  device.install(installation(1, 1, 1, {Slot::tmk, Slot::pin}));
  device.confirm({1, 1, 1});
  device.install(installation(2, 1, 1, {Slot::tmk, Slot::pin}));
  EXPECT_EQ(keys(), "pin:1* pin:2 tmk:1* tmk:2");
  EXPECT_FALSE(device.complete());
  device.confirm({2, 1, 1});
  EXPECT_EQ(keys(), "pin:2* tmk:2*");
  EXPECT_TRUE(device.complete());
}

TEST_F(DeviceKeys, that_were_never_confirmed_go_when_others_come) {
  device.install(installation(1, 1, 1, {Slot::pin}));
  device.confirm({1, 1, 1});
  device.install(installation(2, 1, 1, {Slot::pin}));
  device.install(installation(3, 1, 1, {Slot::pin}));
  EXPECT_EQ(keys(), "pin:1* pin:3");
  device.confirm({3, 1, 1});
  EXPECT_EQ(keys(), "pin:3*");
}

TEST_F(DeviceKeys, of_other_parts_are_left_alone) {
  device.install(installation(1, 1, 2, {Slot::tmk, Slot::pin}));
  device.confirm({1, 1, 2});
  device.install(installation(1, 2, 2, {Slot::mac, Slot::data}));
  EXPECT_EQ(device.parts_done, 1);
  EXPECT_FALSE(device.complete());
  device.confirm({1, 2, 2});
  EXPECT_TRUE(device.complete());
  device.install(installation(2, 1, 2, {Slot::tmk, Slot::pin}));
  EXPECT_EQ(device.parts_done, 0);
  device.confirm({2, 1, 2});
  EXPECT_EQ(keys(), "data:1* mac:1* pin:2* tmk:2*") << "the second half still serves";
  EXPECT_FALSE(device.complete());
  device.install(installation(2, 2, 2, {Slot::mac, Slot::data}));
  EXPECT_EQ(keys(), "data:1* data:2 mac:1* mac:2 pin:2* tmk:2*");
  device.confirm({2, 2, 2});
  EXPECT_EQ(keys(), "data:2* mac:2* pin:2* tmk:2*");
}

TEST_F(DeviceKeys, installed_twice_are_there_once) {
  device.install(installation(1, 1, 1, {Slot::pin}));
  device.install(installation(1, 1, 1, {Slot::pin}));
  EXPECT_EQ(keys(), "pin:1");
  device.confirm({1, 1, 1});
  device.confirm({1, 1, 1});
  EXPECT_EQ(keys(), "pin:1*");
  EXPECT_EQ(device.parts_done, 1);
}

TEST_F(DeviceKeys, are_not_lost_to_a_late_acknowledgement_of_an_older_set) {
  device.install(installation(2, 1, 1, {Slot::pin}));
  device.confirm({1, 1, 1});
  EXPECT_EQ(keys(), "pin:2");
}

}  // namespace
}  // namespace tf::terminal::test
