// Keys that leave to and come from an acquirer's host, under a zone key that two custodians bring.
#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"
#include "tests/e2e/zone.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

std::string hex_of(ByteView bytes) { return wire::hex_upper(bytes); }

const terminal::StoredKey& in_slot(const terminal::Device& device, const std::string& slot) {
  return *std::ranges::find(device.keys, slot, [](const auto& key) { return std::string(name_of(key.slot)); });
}

// Every exported block opens under the zone key and holds what the device holds.
void expect_exports_match(const Zone& zone, const Fleet& fleet, const std::string& serial, const std::string& version) {
  const auto device = fleet.device(serial);
  const auto exported = export_keys(zone, serial);
  EXPECT_EQ(exported.size(), 4U);
  for (const Exported& key : exported) {
    auto opened = open_block(zone, key.block);
    EXPECT_EQ(opened.object("header").value().text("version").value(), version);
    EXPECT_EQ(opened.text("kcv").value(), key.kcv);
    EXPECT_EQ(opened.text("kcv").value(), in_slot(device, key.slot).kcv);
    EXPECT_EQ(opened.text("key").value(), hex_of(in_slot(device, key.slot).key.reveal()));
  }
}

TEST(Zones, a_zone_key_takes_two_custodians_with_confirmed_components) {
  Scene& scene = Scene::get();
  scene.serve();
  const Zone zone = zone_named("ceremony", "aes");
  const Finished wrong = add_component(zone, 0, "custodian-1", "ABCDEF");
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("zones.kcv"));
  EXPECT_EQ(add_component(zone, 0, "administrator").exit_code, 5);
  EXPECT_EQ(add_component(zone, 0, "operator").exit_code, 5);
  ASSERT_EQ(add_component(zone, 0, "custodian-1").exit_code, 0);
  const Finished same = add_component(zone, 1, "custodian-1");
  EXPECT_EQ(same.exit_code, 8);
  EXPECT_THAT(same.err, HasSubstr("zones.same_custodian"));
  const Fleet fleet = scene.fleet(1, 0);
  EXPECT_EQ(scene.on_platform({"keys", "export", fleet.modern[0], "--zone", "ceremony"}).exit_code, 8) << "half a zone key exports nothing";
  auto whole = json_of(add_component(zone, 1, "custodian-2").out);
  EXPECT_TRUE(whole.boolean("complete").value());
  EXPECT_EQ(whole.text("kcv").value(), kcv_of("aes", zone.key));
  EXPECT_EQ(add_component(zone, 1, "custodian-2").exit_code, 8) << "a complete zone takes no more";
}

TEST(Zones, keys_leave_as_blocks_that_open_under_the_zone_key_and_hold_what_the_terminal_holds) {
  Scene& scene = Scene::get();
  scene.serve();
  const Zone aes = made_zone("acquirer-aes", "aes");
  const Zone tdes = made_zone("acquirer-tdes", "tdes");
  const Fleet fleet = scene.fleet(1, 1);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  expect_exports_match(aes, fleet, fleet.modern[0], "D");
  expect_exports_match(aes, fleet, fleet.classic[0], "D");
  expect_exports_match(tdes, fleet, fleet.classic[0], "B");
  const Finished refused = scene.on_platform({"keys", "export", fleet.modern[0], "--zone", "acquirer-tdes"});
  EXPECT_NE(refused.exit_code, 0) << "an AES key under a TDES key";
  EXPECT_THAT(refused.out, testing::IsEmpty());
  EXPECT_EQ(scene.on_platform({"keys", "export", fleet.modern[0], "--zone", "acquirer-aes", "--as", "operator"}).exit_code, 5);
  EXPECT_EQ(scene.on_platform({"keys", "export", fleet.modern[0], "--zone", "nowhere"}).exit_code, 4);
  EXPECT_EQ(sql_number(scene.database(), "SELECT COUNT(*) FROM audit_entries WHERE action = 'keys.export' AND subject = '" + fleet.modern[0] + "'"), 1);
}

// Set number → status, of one slot.
std::map<std::string, std::string> sets_of(const std::string& serial, const std::string& slot) {
  std::map<std::string, std::string> out;
  for (const auto& row : sql_rows(Scene::get().database(), "SELECT set_no, status FROM rki_keys WHERE dsn = '" + serial + "' AND slot = '" + slot + "'"))
    out[row[0]] = row[1];
  return out;
}

TEST(Zones, an_acquirers_master_key_comes_in_and_reaches_the_terminal_with_the_next_set) {
  Scene& scene = Scene::get();
  scene.serve();
  const Zone zone = made_zone("acquirer-in", "aes");
  const Fleet fleet = scene.fleet(1, 1);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  const std::map<std::string, std::string> keys = {{fleet.modern[0], "8F3A5C7E9B1D2F406182A3C4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718"},
                                                   {fleet.classic[0], "0123456789ABCDEFFEDCBA98765432101023324554677689"}};
  for (const auto& [serial, key] : keys) {
    const bool modern = serial == fleet.modern[0];
    const std::string header = modern ? "D0000K1AD00N0000" : "D0000K1TD00N0000";
    auto block = json_of(trustferry({"tool", "keyblock", "encode", "--kbpk", zone.key, "--header", header, "--key", key, "--json"}).out);
    auto imported = scene.ask({"keys", "import", serial, "--zone", zone.name, "--slot", "tmk", block.text("block").value()});
    EXPECT_EQ(imported.integer("set", 1, 99).value(), 2);
    EXPECT_EQ(sets_of(serial, "tmk"), (std::map<std::string, std::string>{{"1", "active"}, {"2", "pending"}}));
    auto shown = json_of(trustferry({"terminal", "download", "--directory", fleet.directory, "--serial", serial, "--url", scene.url(), "--json"}).out);
    EXPECT_EQ(shown.integer("set", 1, 99).value(), 2);
    const auto device = fleet.device(serial);
    EXPECT_EQ(device.keys.size(), 4U);
    EXPECT_EQ(hex_of(in_slot(device, "tmk").key.reveal()), open_block(zone, block.text("block").value()).text("key").value());
    EXPECT_EQ(in_slot(device, "tmk").kcv, imported.text("kcv").value());
    for (const char* slot : {"tmk", "pin", "mac", "data"})
      EXPECT_EQ(sets_of(serial, slot), (std::map<std::string, std::string>{{"1", "superseded"}, {"2", "active"}}));
  }
  EXPECT_EQ(scene.on_platform({"keys", "import", fleet.modern[0], "--zone", zone.name, "--slot", "tmk", export_keys(zone, fleet.classic[0])[0].block}).exit_code, 5)
      << "a TDES key for an AES slot";
}

TEST(Zones, renewed_keys_replace_the_old_ones_at_the_next_download) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(1, 1);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  for (const std::string& serial : fleet.all()) {
    const std::string before = in_slot(fleet.device(serial), "pin").kcv;
    EXPECT_EQ(scene.ask({"keys", "renew", serial}).integer("set", 1, 99).value(), 2);
    ASSERT_EQ(scene.download(fleet, {"--again"}).exit_code, 0);
    EXPECT_NE(in_slot(fleet.device(serial), "pin").kcv, before);
    for (const char* slot : {"tmk", "pin", "mac", "data"})
      EXPECT_EQ(sets_of(serial, slot), (std::map<std::string, std::string>{{"1", "superseded"}, {"2", "active"}}));
  }
}

}  // namespace
}  // namespace tf::test
