#include "crypto/banking/key_check_value.hpp"
#include "crypto/digest.hpp"
#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

const Bytes kMessage = to_bytes(as_bytes("DSN and factor"));
constexpr std::string_view kTdes24 = "3F419E1CB7079442AA37474C2EFBF8B85DB50B454F8389AD";  // its parity is not odd
constexpr std::string_view kAes32 = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6";

TEST_P(VaultContract, derives_with_a_diversification_key) {
  const Row row = wrapped(vault, kAes32, kHmacDik1, {"dik1", "4711", 1});
  const Secret<32> derived = vault.hmac_sha256(row.ref(), kMessage).value();
  EXPECT_EQ(derived, Secret<32>(crypto::hmac_sha256(secret_hex(kAes32).reveal(), kMessage)));
}

TEST_P(VaultContract, makes_the_first_half_of_the_source_derivation) {
  const Row row = wrapped(vault, kTdes24, kTdesDik1, {"dik1", "4711", 1});
  const Bytes data1(24, 0x5a);
  const auto key1 = vault.tdes_ecb_encrypt(row.ref(), data1).value();
  EXPECT_EQ(
      key1,
      crypto::ecb(crypto::BlockCipher::tdes, crypto::Direction::encrypt, secret_hex(kTdes24).reveal(), data1).value());
  EXPECT_TRUE(fails_with(vault.tdes_ecb_encrypt(row.ref(), Bytes(7)), Code::invalid, "crypto.data_size"));
}

TEST_P(VaultContract, tells_check_values_that_others_can_compute) {
  const RowId id{"t", "1", 1};
  EXPECT_EQ(
      wrapped(vault, "3F419E1CB7079442AA37474C2EFBF8B8", {SymmetricAlgorithm::tdes, 16, SymmetricPurpose::data}, id)
          .kcv,
      "57C409");
  EXPECT_EQ(
      wrapped(vault, "3F419E1CB7079442AA37474C2EFBF8B8", {SymmetricAlgorithm::aes, 16, SymmetricPurpose::data}, id).kcv,
      "08793E");
  for (const auto& spec : {kHmacDik1, kTdesDik1, kAesTmk, kTdesTmk, kAesPin, kTdesPin, kAesZone}) {
    const Row row = generated(vault, spec, id);
    EXPECT_EQ(row.kcv.size(), 6U);
    EXPECT_EQ(vault.kcv(row.ref()).value(), row.kcv);
    // Two more keys: both equal to the first in their check values once in 2^48.
    EXPECT_FALSE(generated(vault, spec, id).kcv == row.kcv && generated(vault, spec, id).kcv == row.kcv);
  }
}

TEST_P(VaultContract, a_row_that_was_moved_does_not_open) {
  const Row row = generated(vault, kHmacDik1, {"dik1", "A", 7});
  for (const RowId& elsewhere : {RowId{"dik1", "B", 7}, RowId{"dik2", "A", 7}, RowId{"dik1", "A", 8},
                                 RowId{"dik1", "A", -7}, RowId{"dik", "1A", 7}, RowId{"", "", 0}})
    EXPECT_TRUE(
        fails_with(vault.hmac_sha256({row.wrapped, row.spec, elsewhere}, kMessage), Code::integrity, "vault.row"));
}

TEST_P(VaultContract, a_row_whose_spec_was_changed_does_not_open) {
  const RowId id{"keys", "A", 1};
  const Row row = generated(vault, kAesPin, id);
  for (const SymmetricSpec& other :
       {kAesTmk, kAesZone, SymmetricSpec(SymmetricAlgorithm::aes, 16, SymmetricPurpose::data), kTdesPin, kHmacDik1,
        SymmetricSpec(SymmetricAlgorithm::aes, 32, SymmetricPurpose::component)}) {
    EXPECT_TRUE(fails_with(vault.kcv({row.wrapped, other, id}), Code::integrity, "vault.row"));
    EXPECT_TRUE(fails_with(vault.rewrap({row.wrapped, other, id}), Code::integrity, "vault.row"));
  }
  EXPECT_TRUE(fails_with(vault.hmac_sha256({row.wrapped, kHmacDik1, id}, kMessage), Code::integrity, "vault.row"));
}

TEST_P(VaultContract, a_row_with_any_flipped_or_missing_byte_does_not_open) {
  const Row row = generated(vault, kHmacDik1, {"dik1", "A", 1});
  for (std::size_t i = 0; i < row.wrapped.blob.size(); ++i) {
    Wrapped bad = row.wrapped;
    bad.blob[i] ^= 0x20;
    EXPECT_TRUE(fails_with(vault.hmac_sha256({bad, row.spec, row.id}, kMessage), Code::integrity, "vault.row")) << i;
    bad.blob = Bytes(row.wrapped.blob.begin(), row.wrapped.blob.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(fails_with(vault.hmac_sha256({bad, row.spec, row.id}, kMessage), Code::integrity, "vault.row")) << i;
  }
}

TEST_P(VaultContract, a_row_under_an_unknown_kek_says_so) {
  Row row = generated(vault, kHmacDik1, {"dik1", "A", 1});
  row.wrapped.kek = "kek-0";
  EXPECT_TRUE(fails_with(vault.hmac_sha256(row.ref(), kMessage), Code::not_found, "vault.no_such_kek"));
}

TEST_P(VaultContract, refuses_a_row_key_for_every_use_but_its_own) {
  const auto refused = [](const auto& result) { return fails_with(result, Code::refused, "vault.wrong_purpose"); };
  const auto recipient = crypto::PrivateKey::generate_p256().public_key();
  for (const SymmetricSpec& spec : {kAesTmk, kAesPin, kAesZone, kTdesDik1,
                                    SymmetricSpec(SymmetricAlgorithm::hmac, 32, SymmetricPurpose::component)}) {
    const Row row = generated(vault, spec, {"t", "1", 1});
    EXPECT_TRUE(refused(vault.hmac_sha256(row.ref(), kMessage)));
    if (spec != kTdesDik1) EXPECT_TRUE(refused(vault.tdes_ecb_encrypt(row.ref(), Bytes(24))));
    if (spec != kTdesDik1) EXPECT_TRUE(refused(vault.seal_to(row.ref(), recipient, "dik1")));
  }
  const Row dik1 = generated(vault, kHmacDik1, {"t", "1", 1});
  EXPECT_TRUE(refused(vault.tdes_ecb_encrypt(dik1.ref(), Bytes(24))));
  EXPECT_TRUE(refused(vault.combine({dik1.ref(), dik1.ref()}, kHmacDik1, {"t", "2", 1})));
}

TEST_P(VaultContract, refuses_specs_that_do_not_exist) {
  using A = SymmetricAlgorithm;
  using P = SymmetricPurpose;
  for (const SymmetricSpec& spec : {SymmetricSpec(A::tdes, 8, P::data), SymmetricSpec(A::tdes, 32, P::data),
                                    SymmetricSpec(A::aes, 8, P::data), SymmetricSpec(A::aes, 32, P::diversify),
                                    SymmetricSpec(A::tdes, 16, P::diversify), SymmetricSpec(A::hmac, 32, P::data),
                                    SymmetricSpec(A::hmac, 32, P::zone), SymmetricSpec(A::hmac, 16, P::diversify)}) {
    EXPECT_TRUE(fails_with(vault.generate(spec, {"t", "1", 1}), Code::invalid, "vault.spec"));
    EXPECT_TRUE(
        fails_with(vault.wrap(SecretBytes(Bytes(spec.size, 1)), spec, {"t", "1", 1}), Code::invalid, "vault.spec"));
  }
}

TEST_P(VaultContract, refuses_degenerate_keys_and_wrong_sizes) {
  const auto degenerate = [&](std::string_view hex, const SymmetricSpec& spec) {
    return fails_with(vault.wrap(secret_hex(hex), spec, {"t", "1", 1}), Code::refused, "vault.degenerate_key");
  };
  const std::string a = "3F419E1CB7079442", b = "AA37474C2EFBF8B8", zero = "0000000000000000";
  const SymmetricSpec two_key(SymmetricAlgorithm::tdes, 16, SymmetricPurpose::data);
  EXPECT_TRUE(degenerate(a + a, two_key));
  EXPECT_TRUE(degenerate("3F419E1CB70794423E409F1DB6069543", two_key));  // halves that differ in parity bits alone
  EXPECT_TRUE(degenerate(a + a + b, kTdesPin));
  EXPECT_TRUE(degenerate(a + b + b, kTdesPin));
  EXPECT_TRUE(degenerate(zero + zero + zero + zero, kAesPin));
  EXPECT_TRUE(degenerate(zero + zero + zero + zero, kHmacDik1));
  EXPECT_TRUE(fails_with(vault.wrap(secret_hex(a + b), kAesPin, {"t", "1", 1}), Code::invalid, "vault.key_size"));
}

TEST_P(VaultContract, combines_components_by_xor) {
  const SymmetricSpec part(SymmetricAlgorithm::aes, 32, SymmetricPurpose::component);
  const Row one = wrapped(vault, std::string(64, '1'), part, {"c", "1", 1});
  const Row two = wrapped(vault, std::string(64, '2'), part, {"c", "2", 1});
  const Row three = wrapped(vault, kAes32, part, {"c", "3", 1});
  const Made made = vault.combine({one.ref(), two.ref(), three.ref()}, kAesZone, {"zones", "acquirer", 1}).value();
  SecretBytes expected = secret_hex(kAes32);
  for (auto& byte : expected.reveal_mutable()) byte ^= 0x33;
  EXPECT_EQ(made.kcv, crypto::key_check_value(crypto::BlockCipher::aes, expected.reveal()).value());
  EXPECT_EQ(vault.kcv({made.wrapped, kAesZone, {"zones", "acquirer", 1}}).value(), made.kcv);
}

TEST_P(VaultContract, refuses_components_that_do_not_make_a_key) {
  const SymmetricSpec part(SymmetricAlgorithm::aes, 32, SymmetricPurpose::component);
  const Row one = wrapped(vault, kAes32, part, {"c", "1", 1});
  const Row same = wrapped(vault, kAes32, part, {"c", "2", 1});
  const Row shorter = generated(vault, {SymmetricAlgorithm::aes, 16, SymmetricPurpose::component}, {"c", "3", 1});
  const Row tdes = generated(vault, {SymmetricAlgorithm::tdes, 24, SymmetricPurpose::component}, {"c", "4", 1});
  const RowId id{"zones", "1", 1};
  EXPECT_TRUE(fails_with(vault.combine({}, kAesZone, id), Code::invalid, "vault.components"));
  EXPECT_TRUE(fails_with(vault.combine({one.ref()}, kAesZone, id), Code::invalid, "vault.components"));
  EXPECT_TRUE(fails_with(vault.combine({one.ref(), one.ref()}, kAesZone, id), Code::invalid, "vault.components"));
  EXPECT_TRUE(fails_with(vault.combine({one.ref(), shorter.ref()}, kAesZone, id), Code::invalid, "vault.components"));
  EXPECT_TRUE(fails_with(vault.combine({one.ref(), tdes.ref()}, kAesZone, id), Code::invalid, "vault.components"));
  EXPECT_TRUE(fails_with(vault.combine({one.ref(), same.ref()}, kAesZone, id), Code::refused, "vault.degenerate_key"));
}

TEST_P(VaultContract, seals_a_dik1_to_a_loader) {
  const auto loader = crypto::PrivateKey::generate_p256();
  const Row row = wrapped(vault, kAes32, kHmacDik1, {"dik1", "4711", 1});
  const std::string jwe = vault.seal_to(row.ref(), loader.public_key(), "tf-dik1").value();
  EXPECT_EQ(crypto::jwe_open_with(loader, "tf-dik1", jwe).value(), secret_hex(kAes32));
  EXPECT_FALSE(crypto::jwe_open_with(crypto::PrivateKey::generate_p256(), "tf-dik1", jwe));
  const auto rsa = crypto::PrivateKey::generate_rsa(2048).public_key();
  EXPECT_TRUE(fails_with(vault.seal_to(row.ref(), rsa, "tf-dik1"), Code::refused, "vault.wrong_kind"));
}

TEST_P(VaultContract, keeps_old_rows_readable_after_kek_rotation_until_the_kek_is_retired) {
  const Row row = wrapped(vault, kAes32, kHmacDik1, {"dik1", "4711", 1});
  const std::string newest = vault.rotate_kek().value();
  EXPECT_EQ(vault.state().keks, (std::vector{row.wrapped.kek, newest}));
  EXPECT_EQ(vault.kcv(row.ref()).value(), row.kcv);
  EXPECT_EQ(generated(vault, kAesPin, {"t", "1", 1}).wrapped.kek, newest);

  const Wrapped fresh = vault.rewrap(row.ref()).value();
  EXPECT_EQ(fresh.kek, newest);
  ASSERT_TRUE(vault.retire_kek(row.wrapped.kek));
  EXPECT_EQ(vault.kcv({fresh, row.spec, row.id}).value(), row.kcv);
  EXPECT_TRUE(fails_with(vault.kcv(row.ref()), Code::not_found, "vault.no_such_kek"));
  EXPECT_TRUE(fails_with(vault.retire_kek(newest), Code::refused, "vault.newest_kek"));
  EXPECT_TRUE(fails_with(vault.retire_kek(row.wrapped.kek), Code::not_found, "vault.no_such_kek"));
}

TEST_P(VaultContract, wraps_the_same_key_differently_each_time) {
  const Row row = wrapped(vault, kAes32, kHmacDik1, {"dik1", "4711", 1});
  EXPECT_NE(vault.rewrap(row.ref()).value().blob, row.wrapped.blob);
}

}  // namespace
}  // namespace tf::vault::test
