#include <gmock/gmock.h>

#include "crypto/jose/rs256.hpp"
#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

using crypto::KeyKind;
using testing::ElementsAre;
const Bytes kData = to_bytes(as_bytes("what is signed"));

TEST_P(VaultContract, signs_with_a_generated_p256_key) {
  const auto made = vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const auto signature = vault.sign_es256("audit", kData).value();
  EXPECT_TRUE(crypto::verify_es256(made, kData, signature));
  EXPECT_EQ(vault.public_key("audit").value().spki(), made.spki());
}

TEST_P(VaultContract, signs_with_a_generated_rsa_key) {
  const auto made = vault.generate("rki.work.rsa.1", KeyKind::rsa, 2048, Purpose::sign).value();
  EXPECT_EQ(made.bits(), 2048);
  EXPECT_TRUE(crypto::verify_ps256(made, kData, vault.sign_ps256("rki.work.rsa.1", kData).value()));
}

TEST_P(VaultContract, signs_for_gateways_with_a_key_for_nothing_else) {
  const auto made = vault.generate("gateway", KeyKind::rsa, 2048, Purpose::sign_legacy).value();
  const Bytes signature = vault.sign_rs256("gateway", kData).value();
  EXPECT_TRUE(crypto::verify_rs256(made, kData, signature));
  EXPECT_FALSE(crypto::verify_ps256(made, kData, signature));
  EXPECT_TRUE(fails_with(vault.sign_ps256("gateway", kData), Code::refused, "vault.wrong_purpose"));
  EXPECT_TRUE(fails_with(vault.signing_handle("gateway"), Code::refused, "vault.wrong_purpose"));
  (void)vault.generate("sign", KeyKind::rsa, 2048, Purpose::sign).value();
  EXPECT_TRUE(fails_with(vault.sign_rs256("sign", kData), Code::refused, "vault.wrong_purpose"));
  EXPECT_TRUE(fails_with(vault.generate("ec", KeyKind::p256, 0, Purpose::sign_legacy), Code::invalid, "vault.wrong_kind"));
  vault.seal();
  ASSERT_TRUE(vault.unseal(under_test->passphrase()));
  EXPECT_TRUE(crypto::verify_rs256(made, kData, vault.sign_rs256("gateway", kData).value()));
  vault.seal();
  EXPECT_TRUE(fails_with(vault.sign_rs256("gateway", kData), Code::sealed, "vault.sealed"));
}

TEST_P(VaultContract, decrypts_what_was_encrypted_to_a_decryption_key) {
  const auto made = vault.generate("rki.work.rsa.1", KeyKind::rsa, 2048, Purpose::decrypt).value();
  const Bytes sealed = crypto::oaep_encrypt(made, kData).value();
  EXPECT_EQ(vault.oaep_decrypt("rki.work.rsa.1", sealed).value(), SecretBytes(kData));
  EXPECT_TRUE(fails_with(vault.oaep_decrypt("rki.work.rsa.1", Bytes(256, 1)), Code::refused, "crypto.oaep"));
  EXPECT_TRUE(fails_with(vault.oaep_decrypt("rki.work.rsa.1", kData), Code::refused, "crypto.oaep"));
}

TEST_P(VaultContract, lends_a_handle_for_certificates_and_tls) {
  for (const Purpose purpose : {Purpose::certificate, Purpose::tls}) {
    const std::string name = "key." + std::string(name_of(purpose));
    const auto made = vault.generate(name, KeyKind::p256, 0, purpose).value();
    const auto handle = vault.signing_handle(name).value();
    EXPECT_EQ(handle.public_key().spki(), made.spki());
    EXPECT_TRUE(crypto::verify_es256(made, kData, crypto::sign_es256(handle, kData).value()));
  }
}

TEST_P(VaultContract, refuses_a_key_for_every_purpose_but_its_own) {
  for (const Purpose purpose : {Purpose::sign, Purpose::decrypt, Purpose::certificate, Purpose::tls})
    (void)vault.generate(std::string(name_of(purpose)), KeyKind::rsa, 2048, purpose).value();
  const Bytes sealed = crypto::oaep_encrypt(vault.public_key("sign").value(), kData).value();
  for (const char* name : {"decrypt", "certificate", "tls"}) {
    EXPECT_TRUE(fails_with(vault.sign_ps256(name, kData), Code::refused, "vault.wrong_purpose")) << name;
    EXPECT_TRUE(fails_with(vault.sign_es256(name, kData), Code::refused, "vault.wrong_purpose")) << name;
  }
  for (const char* name : {"sign", "certificate", "tls"})
    EXPECT_TRUE(fails_with(vault.oaep_decrypt(name, sealed), Code::refused, "vault.wrong_purpose")) << name;
  for (const char* name : {"sign", "decrypt"})
    EXPECT_TRUE(fails_with(vault.signing_handle(name), Code::refused, "vault.wrong_purpose")) << name;
}

TEST_P(VaultContract, refuses_the_algorithm_of_another_kind_of_key) {
  (void)vault.generate("ec", KeyKind::p256, 0, Purpose::sign).value();
  (void)vault.generate("rsa", KeyKind::rsa, 2048, Purpose::sign).value();
  EXPECT_TRUE(fails_with(vault.sign_ps256("ec", kData), Code::refused, "vault.wrong_kind"));
  EXPECT_TRUE(fails_with(vault.sign_es256("rsa", kData), Code::refused, "vault.wrong_kind"));
  EXPECT_TRUE(fails_with(vault.generate("d", KeyKind::p256, 0, Purpose::decrypt), Code::invalid, "vault.wrong_kind"));
}

TEST_P(VaultContract, never_replaces_a_key) {
  const auto first = vault.generate("pki.estate", KeyKind::p256, 0, Purpose::certificate).value();
  EXPECT_TRUE(fails_with(vault.generate("pki.estate", KeyKind::p256, 0, Purpose::certificate), Code::conflict,
                         "vault.key_exists"));
  EXPECT_EQ(vault.public_key("pki.estate").value().spki(), first.spki());
}

TEST_P(VaultContract, refuses_names_that_are_not_canonical) {
  for (const char* name : {"", "Audit", "a b", "../a", ".a", "a/b", "\xc3\xa4"})
    EXPECT_TRUE(fails_with(vault.generate(name, KeyKind::p256, 0, Purpose::sign), Code::invalid, "vault.key_name"))
        << name;
  EXPECT_TRUE(fails_with(vault.generate(std::string(65, 'a'), KeyKind::p256, 0, Purpose::sign), Code::invalid,
                         "vault.key_name"));
}

TEST_P(VaultContract, refuses_weak_or_odd_rsa_sizes) {
  for (const int bits : {0, 1024, 2047, 2049, 65536, -1})
    EXPECT_TRUE(fails_with(vault.generate("r", KeyKind::rsa, bits, Purpose::sign), Code::invalid, "vault.rsa_bits"))
        << bits;
}

TEST_P(VaultContract, lists_what_it_holds_by_name) {
  (void)vault.generate("tls.server", KeyKind::p256, 0, Purpose::tls).value();
  (void)vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const auto listed = vault.list().value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].name, "audit");
  EXPECT_EQ(listed[0].purpose, Purpose::sign);
  EXPECT_EQ(listed[1].name, "tls.server");
  EXPECT_EQ(listed[1].kind, KeyKind::p256);
  EXPECT_EQ(listed[1].bits, 256);
  EXPECT_EQ(listed[1].public_key.spki(), vault.public_key("tls.server").value().spki());
}

TEST_P(VaultContract, a_removed_key_is_gone) {
  (void)vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  ASSERT_TRUE(vault.remove("audit"));
  EXPECT_TRUE(fails_with(vault.sign_es256("audit", kData), Code::not_found, "vault.no_such_key"));
  EXPECT_TRUE(fails_with(vault.public_key("audit"), Code::not_found, "vault.no_such_key"));
  EXPECT_TRUE(fails_with(vault.remove("audit"), Code::not_found, "vault.no_such_key"));
  EXPECT_TRUE(vault.list().value().empty());
}

TEST_P(VaultContract, named_keys_outlive_sealing_and_kek_rotation) {
  const auto made = vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const std::string old_kek = vault.state().keks.back();
  (void)vault.rotate_kek().value();
  ASSERT_TRUE(vault.retire_kek(old_kek));
  vault.seal();
  ASSERT_TRUE(vault.unseal(under_test->passphrase()));
  EXPECT_TRUE(crypto::verify_es256(made, kData, vault.sign_es256("audit", kData).value()));
}

TEST_P(VaultContract, a_sealed_vault_refuses_everything) {
  (void)vault.generate("audit", KeyKind::p256, 0, Purpose::sign).value();
  const Row row = generated(vault, kHmacDik1, {"t", "1", 1});
  const auto recipient = crypto::PrivateKey::generate_p256().public_key();
  vault.seal();
  EXPECT_TRUE(vault.state().sealed);
  EXPECT_TRUE(vault.state().keks.empty());
  const auto sealed = [](const auto& result) { return fails_with(result, Code::sealed, "vault.sealed"); };
  EXPECT_TRUE(sealed(vault.generate("x", KeyKind::p256, 0, Purpose::sign)));
  EXPECT_TRUE(sealed(vault.public_key("audit")));
  EXPECT_TRUE(sealed(vault.list()));
  EXPECT_TRUE(sealed(vault.remove("audit")));
  EXPECT_TRUE(sealed(vault.sign_es256("audit", kData)));
  EXPECT_TRUE(sealed(vault.sign_ps256("audit", kData)));
  EXPECT_TRUE(sealed(vault.oaep_decrypt("audit", kData)));
  EXPECT_TRUE(sealed(vault.signing_handle("audit")));
  EXPECT_TRUE(sealed(vault.generate(kAesPin, {"t", "2", 1})));
  EXPECT_TRUE(sealed(vault.wrap(SecretBytes(32), kAesPin, {"t", "2", 1})));
  EXPECT_TRUE(sealed(vault.kcv(row.ref())));
  EXPECT_TRUE(sealed(vault.hmac_sha256(row.ref(), kData)));
  EXPECT_TRUE(sealed(vault.tdes_ecb_encrypt(row.ref(), kData)));
  EXPECT_TRUE(sealed(vault.export_block(row.ref(), SecretBytes(32), {})));
  EXPECT_TRUE(sealed(vault.export_block(row.ref(), row.ref(), {})));
  EXPECT_TRUE(sealed(vault.import_block("", row.ref(), kAesPin, {"t", "2", 1})));
  EXPECT_TRUE(sealed(vault.combine({row.ref(), row.ref()}, kAesPin, {"t", "2", 1})));
  EXPECT_TRUE(sealed(vault.seal_to(row.ref(), recipient, "t")));
  EXPECT_TRUE(sealed(vault.rewrap(row.ref())));
  EXPECT_TRUE(sealed(vault.rotate_kek()));
  EXPECT_TRUE(sealed(vault.retire_kek(row.wrapped.kek)));
}

TEST_P(VaultContract, opens_again_with_the_right_passphrase_only) {
  vault.seal();
  EXPECT_TRUE(fails_with(vault.unseal(SecretBytes(as_bytes("not the passphrase"))), Code::sealed, "vault.passphrase"));
  EXPECT_TRUE(fails_with(vault.unseal(SecretBytes()), Code::sealed, "vault.passphrase"));
  EXPECT_TRUE(vault.state().sealed);
  ASSERT_TRUE(vault.unseal(under_test->passphrase()));
  EXPECT_FALSE(vault.state().sealed);
}

}  // namespace
}  // namespace tf::vault::test
