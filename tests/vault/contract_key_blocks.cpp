// Key blocks in and out. The vectors are those of the protocol's reference page, made by independent implementations.
#include "base/ports.hpp"
#include "crypto/banking/key_block.hpp"
#include "crypto/banking/key_check_value.hpp"
#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

using A = SymmetricAlgorithm;
using P = SymmetricPurpose;
using crypto::KeyBlockHeader;

constexpr std::string_view kKbpkAes = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6";
constexpr std::string_view kKbpkTdes = "DD7515F2BFC17F85CE48F3CA25CB21F6";
constexpr std::string_view kKey = "3F419E1CB7079442AA37474C2EFBF8B8";
constexpr std::string_view kBlockD =
    "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3829DE55D3AB54C48F4C4FEF7AC75E90FC4"
    "7F1B77E7B1"
    "9A73ED46E64410082557";
constexpr std::string_view kBlockB = "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E";

KeyBlockHeader header(char version, std::string usage) {
  KeyBlockHeader out;
  out.version = version;
  out.usage = std::move(usage);
  out.algorithm = version == 'D' ? 'A' : 'T';
  out.key_version = "01";
  return out;
}

TEST_P(VaultContract, exports_a_key_under_a_session_kbpk) {
  const SecretBytes aes_kbpk = secret_hex(kKbpkAes);
  const Row tmk = generated(vault, kAesTmk, {"keys", "1", 1});
  const auto d =
      crypto::unwrap_key_block(aes_kbpk.reveal(), vault.export_block(tmk.ref(), aes_kbpk, header('D', "K1")).value())
          .value();
  EXPECT_EQ(d.header, header('D', "K1"));
  EXPECT_EQ(crypto::key_check_value(crypto::BlockCipher::aes, d.key.reveal()).value(), tmk.kcv);

  const SecretBytes tdes_kbpk(aes_kbpk.reveal().first(24));
  const Row pin = generated(vault, kTdesPin, {"keys", "2", 1});
  const auto b =
      crypto::unwrap_key_block(tdes_kbpk.reveal(), vault.export_block(pin.ref(), tdes_kbpk, header('B', "P0")).value())
          .value();
  EXPECT_EQ(crypto::key_check_value(crypto::BlockCipher::tdes, b.key.reveal()).value(), pin.kcv);
  EXPECT_TRUE(crypto::has_odd_parity(b.key.reveal()));
  EXPECT_FALSE(crypto::is_degenerate(b.key.reveal()));
}

TEST_P(VaultContract, exports_working_keys_under_a_tmk_and_a_zone_key) {
  const SecretBytes session = secret_hex(kKbpkAes);
  const Row tmk = generated(vault, kAesTmk, {"keys", "tmk", 1});
  const Row zone = wrapped(vault, kKbpkAes, kAesZone, {"zones", "1", 1});
  const Row pin = generated(vault, kAesPin, {"keys", "pin", 1});
  const auto tmk_out =
      crypto::unwrap_key_block(session.reveal(), vault.export_block(tmk.ref(), session, header('D', "K1")).value())
          .value();
  const auto under_tmk = crypto::unwrap_key_block(tmk_out.key.reveal(),
                                                  vault.export_block(pin.ref(), tmk.ref(), header('D', "P0")).value())
                             .value();
  const auto under_zone =
      crypto::unwrap_key_block(session.reveal(), vault.export_block(pin.ref(), zone.ref(), header('D', "P0")).value())
          .value();
  EXPECT_EQ(under_tmk.key, under_zone.key);
  EXPECT_EQ(crypto::key_check_value(crypto::BlockCipher::aes, under_tmk.key.reveal()).value(), pin.kcv);
}

TEST_P(VaultContract, exports_a_tdes_key_under_an_aes_zone_key) {
  const Row zone = wrapped(vault, kKbpkAes, kAesZone, {"zones", "1", 1});
  const Row pin = generated(vault, kTdesPin, {"keys", "pin", 1});
  KeyBlockHeader tdes = header('D', "P0");
  tdes.algorithm = 'T';
  const std::string block = vault.export_block(pin.ref(), zone.ref(), tdes).value();
  const auto opened = crypto::unwrap_key_block(secret_hex(kKbpkAes).reveal(), block).value();
  EXPECT_EQ(crypto::key_check_value(crypto::BlockCipher::tdes, opened.key.reveal()).value(), pin.kcv);
}

TEST_P(VaultContract, imports_blocks_of_both_versions) {
  const RowId id{"keys", "imported", 1};
  const Row aes_zone = wrapped(vault, kKbpkAes, kAesZone, {"zones", "1", 1});
  const Imported d = vault.import_block(kBlockD, aes_zone.ref(), {A::aes, 16, P::data}, id).value();
  EXPECT_EQ(d.kcv, "08793E");
  EXPECT_EQ(d.header.usage, "P0");
  EXPECT_EQ(d.header.exportability, 'E');
  EXPECT_EQ(vault.kcv({d.wrapped, {A::aes, 16, P::data}, id}).value(), "08793E");

  const Row tdes_zone = wrapped(vault, kKbpkTdes, {A::tdes, 16, P::zone}, {"zones", "2", 1});
  const Imported b = vault.import_block(kBlockB, tdes_zone.ref(), {A::tdes, 16, P::data}, id).value();
  EXPECT_EQ(b.kcv, "57C409");
}

TEST_P(VaultContract, imports_what_it_exported) {
  const Row zone = generated(vault, kAesZone, {"zones", "1", 1});
  const Row tmk = generated(vault, kAesTmk, {"keys", "1", 1});
  const std::string block = vault.export_block(tmk.ref(), zone.ref(), header('D', "K1")).value();
  EXPECT_EQ(vault.import_block(block, zone.ref(), kAesTmk, {"keys", "2", 1}).value().kcv, tmk.kcv);
}

TEST_P(VaultContract, refuses_blocks_that_are_not_authentic) {
  const Row zone = wrapped(vault, kKbpkAes, kAesZone, {"zones", "1", 1});
  const Row other = generated(vault, kAesZone, {"zones", "2", 1});
  const SymmetricSpec wanted{A::aes, 16, P::data};
  EXPECT_TRUE(fails_with(vault.import_block(kBlockD, other.ref(), wanted, {"k", "1", 1}), Code::refused,
                         "crypto.key_block_mac"));
  std::string altered(kBlockD);
  altered[11] = 'N';  // exportability
  EXPECT_TRUE(fails_with(vault.import_block(altered, zone.ref(), wanted, {"k", "1", 1}), Code::refused,
                         "crypto.key_block_mac"));
  EXPECT_FALSE(vault.import_block("nonsense", zone.ref(), wanted, {"k", "1", 1}));
}

TEST_P(VaultContract, refuses_an_import_that_is_not_what_was_wanted) {
  const Row zone = wrapped(vault, kKbpkAes, kAesZone, {"zones", "1", 1});
  const RowId id{"k", "1", 1};
  EXPECT_TRUE(
      fails_with(vault.import_block(kBlockD, zone.ref(), {A::aes, 32, P::data}, id), Code::invalid, "vault.key_size"));
  EXPECT_TRUE(fails_with(vault.import_block(kBlockD, zone.ref(), {A::tdes, 16, P::data}, id), Code::refused,
                         "vault.wrong_algorithm"));
  EXPECT_TRUE(fails_with(vault.import_block(kBlockD, zone.ref(), {A::aes, 16, P::key_encryption}, id), Code::refused,
                         "vault.wrong_usage"));
  EXPECT_TRUE(fails_with(vault.import_block(kBlockD, zone.ref(), kHmacDik1, id), Code::refused, "vault.wrong_purpose"));
  EXPECT_TRUE(fails_with(vault.import_block(kBlockB, zone.ref(), {A::tdes, 16, P::data}, id), Code::invalid,
                         "vault.block_version"));
  const Row tmk = wrapped(vault, kKbpkAes, kAesTmk, {"keys", "1", 1});
  EXPECT_TRUE(fails_with(vault.import_block(kBlockD, tmk.ref(), {A::aes, 16, P::data}, id), Code::refused,
                         "vault.wrong_purpose"));
}

TEST_P(VaultContract, refuses_to_protect_a_key_with_a_weaker_one) {
  const auto weak = [](const auto& result) { return fails_with(result, Code::refused, "vault.weak_kbpk"); };
  const SecretBytes aes16 = secret_hex(kKey);
  const SecretBytes tdes16 = secret_hex(kKbpkTdes);
  const Row aes32 = generated(vault, kAesPin, {"keys", "1", 1});
  const Row tdes24 = generated(vault, kTdesPin, {"keys", "2", 1});
  EXPECT_TRUE(weak(vault.export_block(aes32.ref(), aes16, header('D', "P0"))));
  EXPECT_TRUE(weak(vault.export_block(tdes24.ref(), tdes16, header('B', "P0"))));
  KeyBlockHeader aes_in_b = header('B', "P0");
  aes_in_b.algorithm = 'A';
  EXPECT_TRUE(weak(vault.export_block(aes32.ref(), SecretBytes(secret_hex(kKbpkAes).reveal().first(24)), aes_in_b)));
  const Row tdes_tmk = generated(vault, kTdesTmk, {"keys", "3", 1});
  EXPECT_TRUE(weak(vault.export_block(aes32.ref(), tdes_tmk.ref(), aes_in_b)));
  const Row short_zone = generated(vault, {A::aes, 24, P::zone}, {"zones", "1", 1});
  EXPECT_TRUE(weak(vault.export_block(aes32.ref(), short_zone.ref(), header('D', "P0"))));
  EXPECT_TRUE(weak(vault.import_block(kBlockD, short_zone.ref(), kAesPin, {"k", "1", 1})));
}

TEST_P(VaultContract, refuses_headers_that_disagree_with_the_key) {
  const SecretBytes kbpk = secret_hex(kKbpkAes);
  const Row tmk = generated(vault, kAesTmk, {"keys", "1", 1});
  const Row pin = generated(vault, kAesPin, {"keys", "2", 1});
  KeyBlockHeader tdes = header('D', "K1");
  tdes.algorithm = 'T';
  EXPECT_TRUE(fails_with(vault.export_block(tmk.ref(), kbpk, tdes), Code::refused, "vault.wrong_algorithm"));
  EXPECT_TRUE(fails_with(vault.export_block(tmk.ref(), kbpk, header('D', "P0")), Code::refused, "vault.wrong_usage"));
  EXPECT_TRUE(fails_with(vault.export_block(pin.ref(), kbpk, header('D', "K1")), Code::refused, "vault.wrong_usage"));
  EXPECT_TRUE(fails_with(vault.export_block(pin.ref(), kbpk, header('D', "B0")), Code::refused, "vault.wrong_usage"));
  EXPECT_TRUE(
      fails_with(vault.export_block(pin.ref(), SecretBytes(31), header('D', "P0")), Code::invalid, "vault.spec"));
}

TEST_P(VaultContract, exports_nothing_that_must_stay) {
  const auto refused = [](const auto& result) { return fails_with(result, Code::refused, "vault.wrong_purpose"); };
  const SecretBytes kbpk = secret_hex(kKbpkAes);
  const Row zone = generated(vault, kAesZone, {"zones", "1", 1});
  const Row dik1 = generated(vault, kTdesDik1, {"dik1", "1", 1});
  const Row part = generated(vault, {A::aes, 32, P::component}, {"c", "1", 1});
  const Row pin = generated(vault, kAesPin, {"keys", "1", 1});
  EXPECT_TRUE(refused(vault.export_block(zone.ref(), kbpk, header('D', "K0"))));
  EXPECT_TRUE(refused(vault.export_block(dik1.ref(), kbpk, header('D', "K0"))));
  EXPECT_TRUE(refused(vault.export_block(part.ref(), kbpk, header('D', "K0"))));
  EXPECT_TRUE(refused(vault.export_block(pin.ref(), pin.ref(), header('D', "P0"))));
  EXPECT_TRUE(refused(vault.export_block(pin.ref(), part.ref(), header('D', "P0"))));
}

}  // namespace
}  // namespace tf::vault::test
