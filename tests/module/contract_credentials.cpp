// Credentials and records: stored once, found again, told to nobody.
#include "tests/module/contract.hpp"

namespace tf::module::test {
namespace {

// What a protocol's reader does: judge, and take apart.
Result<Credential> reader(ByteView plaintext) {
  if (as_text(plaintext) != "for me") return Error{Code::refused, "test.not_for_me", "another device's"};
  return credential("001010000000001", kK, "envelope");
}

TEST_P(ModuleContract, stores_a_credential_in_each_slot_and_shows_what_is_not_secret) {
  EXPECT_FALSE(module->credential(Slot::preliminary));
  EXPECT_OK(module->store_credential(Slot::preliminary, credential("001010000000007", kK, "factory")));
  EXPECT_FALSE(module->credential(Slot::subscription));
  EXPECT_OK(module->store_credential(Slot::subscription, credential("262011234567890", "000102030405060708090a0b0c0d0e0f", "")));
  reopen();
  EXPECT_EQ(module->credential(Slot::preliminary).value().imsi, "001010000000007");
  EXPECT_EQ(as_text(module->credential(Slot::preliminary).value().note), "factory");
  EXPECT_EQ(module->credential(Slot::subscription).value().imsi, "262011234567890");
  EXPECT_EQ(module->credential(Slot::subscription).value().iccid, "8949001234567890123");
  EXPECT_TRUE(module->credential(Slot::subscription).value().note.empty());
}

TEST_P(ModuleContract, takes_the_same_credential_again_and_no_other_before_the_first_is_erased) {
  EXPECT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_OK(module->store_credential(Slot::subscription, credential()));
  const std::string_view other_k = "ffffffffffffffffffffffffffffffff";
  EXPECT_REFUSED(module->store_credential(Slot::subscription, credential("001010123456788")), Code::conflict, "module.credential_present");
  EXPECT_REFUSED(module->store_credential(Slot::subscription, credential("001010123456789", other_k)), Code::conflict, "module.credential_present");
  EXPECT_REFUSED(module->store_credential(Slot::subscription, credential("001010123456789", kK, "other")), Code::conflict, "module.credential_present");
  EXPECT_OK(module->erase(Slot::subscription));
  EXPECT_OK(module->erase(Slot::subscription));
  EXPECT_FALSE(module->credential(Slot::subscription));
  EXPECT_OK(module->store_credential(Slot::subscription, credential("001010123456788", other_k)));
  reopen();
  EXPECT_EQ(module->credential(Slot::subscription).value().imsi, "001010123456788");
}

TEST_P(ModuleContract, refuses_credentials_that_cannot_be) {
  for (const char* imsi : {"", "00101", "0010101234567890", "00101012345678x", "00101 12345678"})
    EXPECT_REFUSED(module->store_credential(Slot::subscription, credential(imsi)), Code::invalid, "module.credential");
  EXPECT_REFUSED(module->store_credential(Slot::subscription, credential("001010123456789", kK, std::string(65, 'n'))), Code::invalid, "module.credential");
  EXPECT_FALSE(module->credential(Slot::subscription));
}

TEST_P(ModuleContract, installs_a_delivered_credential_without_the_plaintext_leaving) {
  const Sealed sealed = sealed_to(module->public_key(Key::decrypt), Oaep::sha1, "for me");
  EXPECT_OK(module->install(Slot::subscription, sealed.content(), reader));
  EXPECT_OK(module->install(Slot::subscription, sealed.content(), reader));  // delivered twice
  EXPECT_EQ(module->credential(Slot::subscription).value().imsi, "001010000000001");
  EXPECT_EQ(as_text(module->credential(Slot::subscription).value().note), "envelope");
}

TEST_P(ModuleContract, a_refused_delivery_leaves_the_slot_as_it_was) {
  const Sealed foreign = sealed_to(module->public_key(Key::decrypt), Oaep::sha1, "for another");
  EXPECT_REFUSED(module->install(Slot::subscription, foreign.content(), reader), Code::refused, "test.not_for_me");
  Sealed altered = sealed_to(module->public_key(Key::decrypt), Oaep::sha1, "for me");
  altered.ciphertext[0] ^= 1;
  bool read = false;
  EXPECT_REFUSED(module->install(Slot::subscription, altered.content(), [&](ByteView plain) { read = true; return reader(plain); }), Code::refused,
                 "module.content");
  EXPECT_FALSE(read);
  EXPECT_FALSE(module->credential(Slot::subscription));
}

TEST_P(ModuleContract, keeps_sealed_records_by_name) {
  EXPECT_TRUE(module->record("referral").empty());
  EXPECT_OK(module->store_record("referral", SecretBytes(as_bytes("registration nonce"))));
  EXPECT_OK(module->store_record("session", SecretBytes(ByteView(Bytes(kMaxRecord, 7)))));
  EXPECT_OK(module->store_record("referral", SecretBytes(as_bytes("registration nonce 2"))));
  reopen();
  EXPECT_EQ(as_text(module->record("referral").reveal()), "registration nonce 2");
  EXPECT_EQ(module->record("session").size(), kMaxRecord);
  EXPECT_OK(module->store_record("session", {}));
  reopen();
  EXPECT_TRUE(module->record("session").empty());
}

TEST_P(ModuleContract, records_have_bounds) {
  EXPECT_REFUSED(module->store_record("r", SecretBytes(kMaxRecord + 1)), Code::invalid, "module.record");
  for (const char* name : {"", "a/b", ".a", "a b"})
    EXPECT_REFUSED(module->store_record(name, SecretBytes(as_bytes("x"))), Code::invalid, "module.record");
  for (std::size_t i = 0; i < kMaxRecords; ++i) EXPECT_OK(module->store_record("r" + std::to_string(i), SecretBytes(as_bytes("x"))));
  EXPECT_REFUSED(module->store_record("more", SecretBytes(as_bytes("x"))), Code::invalid, "module.record");
  EXPECT_OK(module->store_record("r3", SecretBytes(as_bytes("y"))));
}

TEST_P(ModuleContract, nothing_secret_is_on_disk_in_the_clear) {
  EXPECT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_OK(module->store_record("referral", SecretBytes(as_bytes("registration nonce"))));
  const std::string files = under_test->directory.all();
  for (const std::string_view hex : {kK, kOpc}) {
    EXPECT_EQ(files.find(hex), std::string::npos);
    EXPECT_EQ(files.find(as_text(bytes_of(hex))), std::string::npos);
  }
  EXPECT_EQ(files.find("registration nonce"), std::string::npos);
  EXPECT_EQ(files.find("001010123456789"), std::string::npos);
}

}  // namespace
}  // namespace tf::module::test
