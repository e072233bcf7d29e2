// Terminal keys out to an acquirer's host and in from it, and new sets.
#include "crypto/banking/key_block.hpp"
#include "tests/platform/conversation.hpp"
#include "tests/platform/zone.hpp"

namespace tf::platform::test {
namespace {

using crypto::BlockCipher;
using rki::KeyStatus;
using rki::Slot;
using rki::Suite;

class KeyExchange : public testing::Test {
 protected:
  KeyExchange() {
    for (int i = 1; i <= 2; ++i) {
      must(add_component(*scene.context, "custodian-" + std::to_string(i), component("aes", i)));
      must(add_component(*scene.context, "custodian-" + std::to_string(i), component("tdes", i, BlockCipher::tdes, 24)));
    }
    scene.mark();
  }
  TerminalUnderTest downloaded(const wire::Dsn& dsn, Suite suite) {
    auto device = scene.device(dsn, {suite});
    must(device.download(scene.exchange(), 4));
    scene.mark();
    return device;
  }
  Result<std::vector<ExportedKey>> export_all(const wire::Dsn& dsn, const std::string& zone, std::optional<Slot> slot = {}) {
    return export_keys(*scene.context, "operator:c", dsn, zone, slot);
  }
  std::string block_of(const SecretBytes& key, const crypto::KeyBlockHeader& header) {
    return must(crypto::wrap_key_block(zone_key(BlockCipher::aes, 32).reveal(), header, key, scene.random));
  }
  Result<ExportedKey> import(const wire::Dsn& dsn, Slot slot, const std::string& block, const std::string& zone = "aes") {
    return import_key(*scene.context, "operator:c", dsn, zone, slot, block);
  }
  static crypto::KeyBlockHeader pin_header() {
    return {.version = 'D', .usage = "P0", .algorithm = 'A', .mode = 'E', .key_version = "00", .exportability = 'E'};
  }
  RkiScene scene;
};

TEST_F(KeyExchange, exports_the_keys_the_terminal_has) {
  const auto device = downloaded(kModern, Suite::modern);
  const auto keys = must(export_all(kModern, "aes"));
  ASSERT_EQ(keys.size(), 4U);
  for (const ExportedKey& key : keys) {
    EXPECT_EQ(key.status, KeyStatus::active);
    EXPECT_EQ(key.block[0], 'D');
    const auto opened = must(crypto::unwrap_key_block(zone_key(BlockCipher::aes, 32).reveal(), key.block));
    EXPECT_EQ(opened.key, device.in_use.at(key.slot).key);
    EXPECT_EQ(key.kcv, device.in_use.at(key.slot).kcv);
  }
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "keys.export");
  EXPECT_EQ(entries[0].actor, "operator:c");
  EXPECT_EQ(entries[0].detail, R"({"zone":"aes","keys":4})");
}

TEST_F(KeyExchange, exports_classic_keys_under_either_cipher_but_no_aes_key_under_tdes) {
  const auto device = downloaded(kClassic, Suite::classic);
  for (const std::string zone : {"aes", "tdes"}) {
    const auto keys = must(export_all(kClassic, zone, Slot::pin));
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].block[0], zone == "aes" ? 'D' : 'B');
    const SecretBytes kbpk = zone == "aes" ? zone_key(BlockCipher::aes, 32) : zone_key(BlockCipher::tdes, 24);
    EXPECT_EQ(must(crypto::unwrap_key_block(kbpk.reveal(), keys[0].block)).key, device.in_use.at(Slot::pin).key);
  }
  const auto modern = downloaded(kModern, Suite::modern);
  EXPECT_REFUSED(export_all(kModern, "tdes"), Code::refused, "vault.weak_kbpk");
}

TEST_F(KeyExchange, exports_neither_pending_nor_superseded_keys) {
  EXPECT_REFUSED(export_all(kModern, "aes"), Code::not_found, "keys.none");
  must(renew_keys(*scene.context, "operator:o", kModern));
  EXPECT_REFUSED(export_all(kModern, "aes"), Code::not_found, "keys.none");
  auto device = scene.device(kModern, {Suite::modern});
  Conversation talk(scene, device);
  talk.until("receipt");
  for (const ExportedKey& key : must(export_all(kModern, "aes"))) EXPECT_EQ(key.status, KeyStatus::delivered);
  talk.finish();
  must(renew_keys(*scene.context, "operator:o", kModern));
  must(device.download(scene.exchange(), 1));
  for (const ExportedKey& key : must(export_all(kModern, "aes"))) EXPECT_EQ(key.set, 2);
}

TEST_F(KeyExchange, lets_no_block_out_before_the_export_is_on_record) {
  downloaded(kModern, Suite::modern);
  scene.database->next_write = FaultyDatabase::Fault::lost;
  EXPECT_REFUSED(export_all(kModern, "aes"), Code::unavailable, "store.io");
}

TEST_F(KeyExchange, wants_a_terminal_and_a_complete_zone) {
  EXPECT_REFUSED(export_all(dsn("TF10000077"), "aes"), Code::not_found, "estate.unknown_dsn");
  EXPECT_REFUSED(export_all(kModern, "nowhere"), Code::not_found, "zones.unknown");
  must(add_component(*scene.context, "custodian-1", component("half", 1)));
  EXPECT_REFUSED(export_all(kModern, "half"), Code::conflict, "zones.incomplete");
  EXPECT_REFUSED(import(kModern, Slot::pin, "", "half"), Code::conflict, "zones.incomplete");
}

TEST_F(KeyExchange, imports_a_key_that_is_downloaded_next) {
  auto device = downloaded(kModern, Suite::modern);
  const SecretBytes pin = component_bytes(7, 32);
  const auto imported = must(import(kModern, Slot::pin, block_of(pin, pin_header())));
  EXPECT_EQ(imported.set, 2);
  EXPECT_EQ(imported.status, KeyStatus::pending);
  EXPECT_EQ(imported.kcv, kcv_of(BlockCipher::aes, pin, vault::SymmetricPurpose::data));
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("keys.import accepted"));
  const auto before = std::move(device.in_use);
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_EQ(device.in_use.at(Slot::pin).key, pin);
  EXPECT_NE(device.in_use.at(Slot::mac).key, before.at(Slot::mac).key) << "the other slots get fresh keys";
  EXPECT_EQ(scene.disagreement(device), "");
}

TEST_F(KeyExchange, imports_into_the_part_its_slot_travels_in) {
  const SecretBytes mac = component_bytes(8, 32);
  auto header = pin_header();
  header.usage = "M6";
  header.mode = 'C';
  EXPECT_EQ(must(import(kParted, Slot::mac, block_of(mac, header))).set, 1);
  auto device = scene.device(kParted, {Suite::modern});
  ASSERT_OK(device.download(scene.exchange(), 2));
  EXPECT_EQ(device.in_use.at(Slot::mac).key, mac);
}

TEST_F(KeyExchange, refuses_blocks_that_are_not_for_the_slot) {
  const SecretBytes key = component_bytes(7, 32);
  EXPECT_REFUSED(import(kModern, Slot::mac, block_of(key, pin_header())), Code::invalid, "keys.usage");
  std::string altered = block_of(key, pin_header());
  altered.back() = altered.back() == '0' ? '1' : '0';
  EXPECT_REFUSED(import(kModern, Slot::pin, altered), Code::refused, "crypto.key_block_mac");
  EXPECT_REFUSED(import(kModern, Slot::pin, "D0000"), Code::malformed, "crypto.key_block_length");
  EXPECT_FALSE(import(kModern, Slot::pin, block_of(key, pin_header()), "tdes"));
  EXPECT_FALSE(import(kModern, Slot::pin, block_of(component_bytes(7, 16), pin_header()))) << "an AES-128 key where the suite has AES-256";
  EXPECT_REFUSED(import(dsn("TF10000077"), Slot::pin, block_of(key, pin_header())), Code::not_found, "estate.unknown_dsn");
  EXPECT_TRUE(scene.keys_of(kModern).empty());
  EXPECT_TRUE(scene.audited().empty());
}

TEST_F(KeyExchange, refuses_a_slot_the_group_does_not_have) {
  scene.config.groups.emplace("default", must(rki::KeySetPlan::make({"mac"}, 8)));
  EXPECT_REFUSED(import(kModern, Slot::pin, block_of(component_bytes(7, 32), pin_header())), Code::invalid, "keys.slot_not_planned");
}

TEST_F(KeyExchange, renews_for_terminals_that_have_nothing_yet_and_counts_up) {
  EXPECT_EQ(must(renew_keys(*scene.context, "operator:o", kClassic)), 1);
  EXPECT_EQ(must(renew_keys(*scene.context, "operator:o", kClassic)), 2);
  for (const rki::KeyRecord& key : scene.keys_of(kClassic)) EXPECT_EQ(key.suite, Suite::classic);
  EXPECT_REFUSED(renew_keys(*scene.context, "operator:o", dsn("TF10000077")), Code::not_found, "estate.unknown_dsn");
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("keys.renew accepted", "keys.renew accepted"));
  auto device = scene.device(kClassic, {Suite::classic});
  ASSERT_OK(device.download(scene.exchange(), 1));
  EXPECT_EQ(must(show_terminal(*scene.context, kClassic)).completed_set, 2) << "the newest set is delivered";
}

TEST_F(KeyExchange, makes_one_new_set_of_two_renewals_at_once) {
  scene.database->interrupt = [&] { must(renew_keys(*scene.context, "operator:a", kModern)); };
  EXPECT_REFUSED(renew_keys(*scene.context, "operator:b", kModern), Code::conflict, "store.conflict");
  EXPECT_EQ(scene.keys_of(kModern).size(), 4U);
}

TEST_F(KeyExchange, does_not_open_a_key_that_was_moved_to_another_row) {
  downloaded(kModern, Suite::modern);
  downloaded(kBoth, Suite::modern);
  must(scene.opened->database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("UPDATE rki_keys SET wrapped = (SELECT o.wrapped FROM rki_keys o WHERE o.dsn = 'TF10000001' AND o.slot = 'pin') "
                           "WHERE dsn = 'TF10000002' AND slot = 'pin'"));
    return {};
  }));
  EXPECT_REFUSED(export_all(kModern, "aes", Slot::pin), Code::integrity, "vault.row");
  EXPECT_OK(export_all(kModern, "aes", Slot::mac));
}

}  // namespace
}  // namespace tf::platform::test
