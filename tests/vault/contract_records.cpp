// Data rows: what a table keeps of people and must not tell.
#include <algorithm>

#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

const RowId kRow{"wallet_accounts", "4711", 1};
SecretBytes pan() { return SecretBytes(as_bytes("5544332211009966")); }

TEST_P(VaultContract, seals_a_data_row_and_opens_it) {
  const Wrapped sealed = vault.seal_record(pan(), kRow).value();
  EXPECT_EQ(vault.open_record(sealed, kRow).value(), pan());
  EXPECT_NE(vault.seal_record(pan(), kRow).value().blob, sealed.blob);
  const Bytes digits = to_bytes(pan().reveal());
  EXPECT_TRUE(std::ranges::search(sealed.blob, digits).empty());
  for (const std::size_t size : {std::size_t{1}, kMaxRecord}) {
    const SecretBytes data(ByteView(Bytes(size, 0x31)));
    EXPECT_EQ(vault.open_record(vault.seal_record(data, kRow).value(), kRow).value(), data);
  }
}

TEST_P(VaultContract, a_data_row_has_a_size) {
  EXPECT_TRUE(fails_with(vault.seal_record(SecretBytes(), kRow), Code::invalid, "vault.record_size"));
  EXPECT_TRUE(fails_with(vault.seal_record(SecretBytes(kMaxRecord + 1), kRow), Code::invalid, "vault.record_size"));
}

TEST_P(VaultContract, a_data_row_that_was_moved_or_altered_does_not_open) {
  const Wrapped sealed = vault.seal_record(pan(), kRow).value();
  for (const RowId& elsewhere : {RowId{"wallet_accounts", "4712", 1}, RowId{"wallet_accounts", "4711", 2}, RowId{"wallet_account", "s4711", 1},
                                 RowId{"cards", "4711", 1}, RowId{"", "", 0}})
    EXPECT_TRUE(fails_with(vault.open_record(sealed, elsewhere), Code::integrity, "vault.row"));
  for (std::size_t i = 0; i < sealed.blob.size(); ++i) {
    Wrapped bad = sealed;
    bad.blob[i] ^= 0x04;
    EXPECT_TRUE(fails_with(vault.open_record(bad, kRow), Code::integrity, "vault.row")) << i;
    bad.blob.resize(i);
    EXPECT_TRUE(fails_with(vault.open_record(bad, kRow), Code::integrity, "vault.row")) << i;
  }
  Wrapped other = sealed;
  other.kek = "kek-0";
  EXPECT_TRUE(fails_with(vault.open_record(other, kRow), Code::not_found, "vault.no_such_kek"));
}

TEST_P(VaultContract, a_key_does_not_open_as_data_nor_data_as_a_key) {
  const Row key = generated(vault, kAesPin, kRow);
  EXPECT_TRUE(fails_with(vault.open_record(key.wrapped, kRow), Code::integrity, "vault.row"));
  EXPECT_TRUE(fails_with(vault.rewrap_record(key.wrapped, kRow), Code::integrity, "vault.row"));
  const Wrapped data = vault.seal_record(SecretBytes(ByteView(Bytes(32, 0x31))), kRow).value();
  EXPECT_TRUE(fails_with(vault.kcv({data, kAesPin, kRow}), Code::integrity, "vault.row"));
  EXPECT_TRUE(fails_with(vault.rewrap({data, kAesPin, kRow}), Code::integrity, "vault.row"));
}

TEST_P(VaultContract, a_data_row_follows_to_a_new_kek) {
  const Wrapped sealed = vault.seal_record(pan(), kRow).value();
  const std::string newest = vault.rotate_kek().value();
  const Wrapped fresh = vault.rewrap_record(sealed, kRow).value();
  EXPECT_EQ(fresh.kek, newest);
  ASSERT_TRUE(vault.retire_kek(sealed.kek));
  EXPECT_EQ(vault.open_record(fresh, kRow).value(), pan());
  EXPECT_TRUE(fails_with(vault.open_record(sealed, kRow), Code::not_found, "vault.no_such_kek"));
}

TEST_P(VaultContract, a_sealed_vault_does_nothing_with_payment_keys_and_data_rows) {
  const Row session = generated(vault, {SymmetricAlgorithm::aes, 16, SymmetricPurpose::pin}, {"s", "1", 1});
  const Row zpk = generated(vault, {SymmetricAlgorithm::tdes, 16, SymmetricPurpose::zone_pin}, {"z", "1", 1});
  const Row zak = generated(vault, {SymmetricAlgorithm::aes, 16, SymmetricPurpose::zone_mac}, {"z", "2", 1});
  const Row finder = generated(vault, {SymmetricAlgorithm::hmac, 32, SymmetricPurpose::fingerprint}, {"f", "1", 1});
  const Wrapped sealed = vault.seal_record(pan(), kRow).value();
  vault.seal();
  const auto is_sealed = [](const auto& result) { return fails_with(result, Code::sealed, "vault.sealed"); };
  EXPECT_TRUE(is_sealed(vault.translate_pin(session.ref(), Bytes(16), pan(), zpk.ref())));
  EXPECT_TRUE(is_sealed(vault.zone_mac(zak.ref(), {}, crypto::MacPadding::method_1)));
  EXPECT_TRUE(is_sealed(vault.verify_zone_mac(zak.ref(), {}, crypto::MacPadding::method_1, Bytes(8))));
  EXPECT_TRUE(is_sealed(vault.fingerprint(finder.ref(), {})));
  EXPECT_TRUE(is_sealed(vault.seal_record(pan(), kRow)));
  EXPECT_TRUE(is_sealed(vault.open_record(sealed, kRow)));
  EXPECT_TRUE(is_sealed(vault.rewrap_record(sealed, kRow)));
}

}  // namespace
}  // namespace tf::vault::test
