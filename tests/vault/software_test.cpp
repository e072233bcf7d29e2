// What is particular to the software vault: passphrases, and several processes at one file.
#include "tests/vault/software_support.hpp"

namespace tf::vault::test {

INSTANTIATE_TEST_SUITE_P(Software, VaultContract,
                         testing::Values(VaultFactory{"software",
                                                      [] { return std::make_unique<SoftwareUnderTest>(); }}),
                         [](const auto& info) { return info.param.name; });

namespace {

using crypto::KeyKind;
const Bytes kSigned = to_bytes(as_bytes("data"));

class SoftwareVaultTest : public testing::Test {
 protected:
  SoftwareUnderTest under_test;
  SoftwareVault& vault = under_test.vault();
};

TEST_F(SoftwareVaultTest, opens_from_its_file_in_another_process) {
  const auto made = vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const Row row = generated(vault, kHmacDik1, {"dik1", "1", 1});
  const auto again = under_test.open_again().value();
  EXPECT_TRUE(again->state().sealed);
  ASSERT_TRUE(again->unseal(under_test.passphrase()));
  EXPECT_TRUE(crypto::verify_es256(made, kSigned, again->sign_es256("audit", kSigned).value()));
  EXPECT_EQ(again->kcv(row.ref()).value(), row.kcv);
  EXPECT_EQ(again->list().value()[0].purpose, Purpose::sign);
}

TEST_F(SoftwareVaultTest, refuses_short_and_endless_passphrases) {
  const auto short_one = secret_text("elevenbytes");
  const SecretBytes endless{Bytes(1025, 'a')};
  EXPECT_TRUE(
      fails_with(SoftwareVault::create(under_test.directory() + "/other", short_one, under_test.random(), kCheap),
                 Code::invalid, "vault.passphrase_length"));
  EXPECT_FALSE(std::filesystem::exists(under_test.directory() + "/other"));
  EXPECT_TRUE(fails_with(vault.change_passphrase(under_test.passphrase(), short_one, false), Code::invalid,
                         "vault.passphrase_length"));
  EXPECT_TRUE(fails_with(vault.change_passphrase(under_test.passphrase(), endless, false), Code::invalid,
                         "vault.passphrase_length"));
}

TEST_F(SoftwareVaultTest, never_creates_over_an_existing_vault) {
  const std::string before = under_test.file_text();
  EXPECT_TRUE(fails_with(SoftwareVault::create(under_test.path(), under_test.passphrase(), under_test.random(), kCheap),
                         Code::conflict, "vault.file_exists"));
  EXPECT_EQ(under_test.file_text(), before);
}

TEST_F(SoftwareVaultTest, says_when_there_is_no_vault) {
  EXPECT_TRUE(fails_with(SoftwareVault::open(under_test.directory() + "/none", under_test.random()), Code::not_found,
                         "vault.no_file"));
}

TEST_F(SoftwareVaultTest, a_changed_passphrase_replaces_the_old_one) {
  const SecretBytes fresh = secret_text("another passphrase");
  const auto made = vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const Row row = generated(vault, kHmacDik1, {"dik1", "1", 1});
  for (const bool rewrap_all : {false, true}) {
    ASSERT_TRUE(vault.change_passphrase(under_test.passphrase(), fresh, rewrap_all));
    EXPECT_TRUE(vault.sign_es256("audit", kSigned));
    const auto again = under_test.open_again().value();
    EXPECT_TRUE(fails_with(again->unseal(under_test.passphrase()), Code::sealed, "vault.passphrase"));
    ASSERT_TRUE(again->unseal(fresh));
    EXPECT_TRUE(crypto::verify_es256(made, kSigned, again->sign_es256("audit", kSigned).value()));
    EXPECT_EQ(again->kcv(row.ref()).value(), row.kcv);
    ASSERT_TRUE(vault.change_passphrase(fresh, under_test.passphrase(), false));
  }
}

TEST_F(SoftwareVaultTest, a_passphrase_is_changed_by_who_knows_it) {
  const std::string before = under_test.file_text();
  EXPECT_TRUE(
      fails_with(vault.change_passphrase(secret_text("not the passphrase"), secret_text("another passphrase"), true),
                 Code::sealed, "vault.passphrase"));
  EXPECT_EQ(under_test.file_text(), before);
  vault.seal();
  ASSERT_TRUE(vault.change_passphrase(under_test.passphrase(), secret_text("another passphrase"), false));
  EXPECT_TRUE(vault.state().sealed);
}

TEST_F(SoftwareVaultTest, rewrapping_all_leaves_no_wrapped_byte_of_before) {
  (void)vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const auto before = software::load(under_test.path()).value();
  ASSERT_TRUE(vault.change_passphrase(under_test.passphrase(), secret_text("another passphrase"), true));
  const auto after = software::load(under_test.path()).value();
  EXPECT_NE(before.salt, after.salt);
  EXPECT_NE(before.master, after.master);
  ASSERT_EQ(after.keks.size(), 2U);
  EXPECT_EQ(before.keks[0].id, after.keks[0].id);
  EXPECT_NE(before.keks[0].blob, after.keks[0].blob);
  EXPECT_EQ(after.keys.at("audit").kek, after.keks[1].id);
  EXPECT_NE(before.keys.at("audit").blob, after.keys.at("audit").blob);

  // The old passphrase with an old copy gives the old master key; that one opens nothing of the new file.
  const auto old_vault = software::open(before, under_test.passphrase()).value();
  const auto new_vault = software::open(after, secret_text("another passphrase")).value();
  EXPECT_FALSE(*old_vault.master == *new_vault.master);
}

TEST_F(SoftwareVaultTest, never_overwrites_what_another_process_added) {
  const auto other = under_test.open_again().value();
  ASSERT_TRUE(other->unseal(under_test.passphrase()));
  (void)other->generate("theirs", KeyKind::p256, 0, Purpose::sign).value();
  EXPECT_TRUE(
      fails_with(vault.generate("ours", KeyKind::p256, 0, Purpose::sign), Code::conflict, "vault.file_changed"));
  EXPECT_TRUE(fails_with(vault.public_key("ours"), Code::not_found, "vault.no_such_key"));
  ASSERT_TRUE(vault.unseal(under_test.passphrase()));
  EXPECT_TRUE(vault.generate("ours", KeyKind::p256, 0, Purpose::sign));
  EXPECT_TRUE(vault.public_key("theirs"));
}

TEST_F(SoftwareVaultTest, a_key_that_could_not_be_saved_is_not_in_use) {
  const std::string kek = vault.state().keks.back();
  std::filesystem::rename(under_test.directory(), under_test.directory() + ".away");
  EXPECT_FALSE(vault.generate("audit", KeyKind::p256, 0, Purpose::sign));
  EXPECT_FALSE(vault.rotate_kek());
  std::filesystem::rename(under_test.directory() + ".away", under_test.directory());
  EXPECT_TRUE(vault.list().value().empty());
  EXPECT_EQ(vault.state().keks, std::vector{kek});
  EXPECT_TRUE(vault.generate("audit", KeyKind::p256, 0, Purpose::sign));
}

TEST_F(SoftwareVaultTest, a_key_of_another_vault_does_not_open_here) {
  SoftwareUnderTest other;
  const Row row = generated(other.vault(), kHmacDik1, {"dik1", "1", 1});
  EXPECT_TRUE(fails_with(vault.kcv(row.ref()), Code::not_found, "vault.no_such_kek"));
  Row relabelled = row;
  relabelled.wrapped.kek = vault.state().keks.back();
  EXPECT_TRUE(fails_with(vault.kcv(relabelled.ref()), Code::integrity, "vault.row"));
}

}  // namespace
}  // namespace tf::vault::test
