// PIN translation, message authentication and fingerprints.
#include "crypto/banking/key_block.hpp"
#include "crypto/banking/pin_block.hpp"
#include "crypto/block_cipher.hpp"
#include "crypto/digest.hpp"
#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

using A = SymmetricAlgorithm;
using P = SymmetricPurpose;
using crypto::MacPadding;

constexpr std::string_view kSession = "00112233445566778899AABBCCDDEEFF";
constexpr std::string_view kTwoKey = "3E419E1CB7079443AB37474C2FFBF8B9";
constexpr std::string_view kAes = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6";
const SymmetricSpec kPinSpec{A::aes, 16, P::pin};
const SymmetricSpec kTdesZpk{A::tdes, 16, P::zone_pin};
const SymmetricSpec kAesZpk{A::aes, 32, P::zone_pin};
const SymmetricSpec kTdesZak{A::tdes, 16, P::zone_mac};
const SymmetricSpec kAesZak{A::aes, 32, P::zone_mac};
const SymmetricSpec kFinder{A::hmac, 32, P::fingerprint};

SecretBytes text(std::string_view digits) { return SecretBytes(as_bytes(digits)); }
const SecretBytes kPan = text("1234567890123456");
// Block and key of the reference: PIN 1234.
const Bytes kBlock = *wire::from_hex("7CDF645C86CAF763AE34637A66997534");
const Bytes kFinancialMessage = to_bytes(as_bytes("0200 and so on"));

TEST_P(VaultContract, translates_a_pin_to_format_0_under_a_tdes_key) {
  const Row session = wrapped(vault, kSession, kPinSpec, {"sessions", "1", 1});
  const Row zpk = wrapped(vault, kTwoKey, kTdesZpk, {"zone_keys", "acquirer", 1});
  const Bytes out = vault.translate_pin(session.ref(), kBlock, kPan, zpk.ref()).value();
  EXPECT_EQ(out, crypto::pin_block_0(secret_hex(kTwoKey), text("1234"), kPan).value());
}

TEST_P(VaultContract, translates_a_pin_to_format_4_under_an_aes_key) {
  const Row session = wrapped(vault, kSession, kPinSpec, {"sessions", "1", 1});
  const Row zpk = wrapped(vault, kAes, kAesZpk, {"zone_keys", "acquirer", 1});
  const Bytes out = vault.translate_pin(session.ref(), kBlock, kPan, zpk.ref()).value();
  EXPECT_EQ(crypto::open_pin_block_4(secret_hex(kAes), out, kPan).value(), text("1234"));
  EXPECT_NE(vault.translate_pin(session.ref(), kBlock, kPan, zpk.ref()).value(), out);
}

TEST_P(VaultContract, tells_one_error_whatever_is_wrong_with_a_pin_block) {
  const Row session = wrapped(vault, kSession, kPinSpec, {"sessions", "1", 1});
  const Row other = generated(vault, {A::aes, 32, P::pin}, {"sessions", "2", 1});
  const Row zpk = wrapped(vault, kTwoKey, kTdesZpk, {"zone_keys", "acquirer", 1});
  const auto coarse = [&](const Row& from, ByteView block, const SecretBytes& pan) {
    return fails_with(vault.translate_pin(from.ref(), block, pan, zpk.ref()), Code::refused, "vault.pin_block");
  };
  for (const std::size_t size : {0U, 8U, 15U, 17U, 32U}) EXPECT_TRUE(coarse(session, Bytes(size), kPan)) << size;
  for (std::size_t i = 0; i < kBlock.size(); ++i) {
    Bytes bad = kBlock;
    bad[i] ^= 1;
    EXPECT_TRUE(coarse(session, bad, kPan)) << i;
  }
  for (const char* pan : {"", "no digits at all", "1234567890123457", "12345678901234567", "12345678901234567890"})
    EXPECT_TRUE(coarse(session, kBlock, text(pan))) << pan;
  EXPECT_TRUE(coarse(other, kBlock, kPan));
}

TEST_P(VaultContract, translates_only_from_a_pin_key_to_a_zone_pin_key) {
  const Row session = wrapped(vault, kSession, kPinSpec, {"sessions", "1", 1});
  const Row zpk = generated(vault, kTdesZpk, {"zone_keys", "1", 1});
  const auto refused = [](const auto& result) { return fails_with(result, Code::refused, "vault.wrong_purpose"); };
  for (const SymmetricSpec& spec : {kAesPin, kAesTmk, kAesZone, kAesZak, kAesZpk, kTdesZak, kFinder, kHmacDik1}) {
    const Row row = generated(vault, spec, {"t", "1", 1});
    EXPECT_TRUE(refused(vault.translate_pin(row.ref(), kBlock, kPan, zpk.ref())));
    if (spec != kAesZpk) EXPECT_TRUE(refused(vault.translate_pin(session.ref(), kBlock, kPan, row.ref())));
  }
  EXPECT_TRUE(refused(vault.translate_pin(session.ref(), kBlock, kPan, session.ref())));
  EXPECT_TRUE(refused(vault.translate_pin(zpk.ref(), kBlock, kPan, zpk.ref())));
}

TEST_P(VaultContract, pin_and_zone_keys_serve_for_nothing_else) {
  const auto refused = [](const auto& result) { return fails_with(result, Code::refused, "vault.wrong_purpose"); };
  const SecretBytes kbpk = secret_hex(kAes);
  const Row zone = generated(vault, kAesZone, {"zones", "1", 1});
  crypto::KeyBlockHeader header;
  header.usage = "P0";
  for (const SymmetricSpec& spec : {kPinSpec, kAesZpk, kAesZak, kTdesZpk, kTdesZak, kFinder}) {
    const Row row = generated(vault, spec, {"t", "1", 1});
    header.algorithm = spec.algorithm == A::tdes ? 'T' : 'A';
    EXPECT_TRUE(refused(vault.export_block(row.ref(), kbpk, header)));
    EXPECT_TRUE(refused(vault.export_block(row.ref(), zone.ref(), header)));
    EXPECT_TRUE(refused(vault.hmac_sha256(row.ref(), kFinancialMessage)));
    EXPECT_TRUE(refused(vault.hkdf_sha256(row.ref(), {}, "label", {})));
    EXPECT_TRUE(refused(vault.tdes_ecb_encrypt(row.ref(), Bytes(8))));
    if (spec.purpose != P::zone_mac) EXPECT_TRUE(refused(vault.zone_mac(row.ref(), kFinancialMessage, MacPadding::method_1)));
    if (spec.purpose != P::fingerprint) EXPECT_TRUE(refused(vault.fingerprint(row.ref(), kFinancialMessage)));
  }
  for (const SymmetricSpec& spec : {kAesPin, kAesTmk, kAesZone, kHmacDik1}) {
    const Row row = generated(vault, spec, {"t", "1", 1});
    EXPECT_TRUE(refused(vault.zone_mac(row.ref(), kFinancialMessage, MacPadding::method_1)));
    EXPECT_TRUE(refused(vault.verify_zone_mac(row.ref(), kFinancialMessage, MacPadding::method_1, Bytes(8))));
    EXPECT_TRUE(refused(vault.fingerprint(row.ref(), kFinancialMessage)));
  }
}

TEST_P(VaultContract, a_pin_or_zone_key_that_was_moved_does_not_open) {
  const Row session = generated(vault, kPinSpec, {"sessions", "1", 1});
  const Row zpk = generated(vault, kTdesZpk, {"zone_keys", "1", 1});
  const Row zak = generated(vault, kAesZak, {"zone_keys", "1", 2});
  const RowId elsewhere{"sessions", "2", 1};
  EXPECT_TRUE(fails_with(vault.translate_pin({session.wrapped, kPinSpec, elsewhere}, kBlock, kPan, zpk.ref()), Code::integrity, "vault.row"));
  EXPECT_TRUE(fails_with(vault.translate_pin(session.ref(), kBlock, kPan, {zpk.wrapped, kTdesZpk, elsewhere}), Code::integrity, "vault.row"));
  EXPECT_TRUE(fails_with(vault.zone_mac({zak.wrapped, kAesZak, elsewhere}, kFinancialMessage, MacPadding::method_1), Code::integrity, "vault.row"));
  // A key that authenticates messages, presented as one that encrypts PINs.
  EXPECT_TRUE(fails_with(vault.translate_pin(session.ref(), kBlock, kPan, {zak.wrapped, kAesZpk, zak.id}), Code::integrity, "vault.row"));
}

TEST_P(VaultContract, authenticates_messages_by_the_keys_own_algorithm) {
  const Row tdes = wrapped(vault, kTwoKey, kTdesZak, {"zone_keys", "1", 1});
  const Row aes = wrapped(vault, kAes, kAesZak, {"zone_keys", "1", 2});
  for (const MacPadding padding : {MacPadding::method_1, MacPadding::method_2})
    EXPECT_EQ(vault.zone_mac(tdes.ref(), kFinancialMessage, padding).value(), crypto::retail_mac(secret_hex(kTwoKey).reveal(), kFinancialMessage, padding).value());
  const auto mac = vault.zone_mac(aes.ref(), kFinancialMessage, MacPadding::method_1).value();
  const Bytes whole = crypto::cmac(crypto::BlockCipher::aes, secret_hex(kAes).reveal(), kFinancialMessage).value();
  EXPECT_TRUE(equal_in_constant_time(mac, ByteView(whole).first(8)));
}

TEST_P(VaultContract, verifies_a_mac_and_refuses_every_other) {
  const Row zak = wrapped(vault, kTwoKey, kTdesZak, {"zone_keys", "1", 1});
  const auto right = vault.zone_mac(zak.ref(), kFinancialMessage, MacPadding::method_1).value();
  EXPECT_TRUE(vault.verify_zone_mac(zak.ref(), kFinancialMessage, MacPadding::method_1, right));
  const auto refused = [&](ByteView data, MacPadding padding, ByteView mac) {
    return fails_with(vault.verify_zone_mac(zak.ref(), data, padding, mac), Code::refused, "vault.mac");
  };
  EXPECT_TRUE(refused(kFinancialMessage, MacPadding::method_2, right));
  EXPECT_TRUE(refused(ByteView(kFinancialMessage).first(5), MacPadding::method_1, right));
  for (std::size_t bit = 0; bit < 64; ++bit) {
    auto bad = right;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_TRUE(refused(kFinancialMessage, MacPadding::method_1, bad)) << bit;
  }
  for (std::size_t size = 0; size < 8; ++size) EXPECT_TRUE(refused(kFinancialMessage, MacPadding::method_1, ByteView(right).first(size))) << size;
}

TEST_P(VaultContract, finds_an_account_by_its_fingerprint) {
  const Row one = wrapped(vault, kAes, kFinder, {"keys", "accounts", 1});
  const Row two = generated(vault, kFinder, {"keys", "accounts", 2});
  const Hash256 found = vault.fingerprint(one.ref(), kPan.reveal()).value();
  EXPECT_EQ(found, crypto::hmac_sha256(secret_hex(kAes).reveal(), kPan.reveal()));
  EXPECT_EQ(found, vault.fingerprint(one.ref(), kPan.reveal()).value());
  EXPECT_NE(found, vault.fingerprint(one.ref(), text("1234567890123457").reveal()).value());
  EXPECT_NE(found, vault.fingerprint(two.ref(), kPan.reveal()).value());
}

TEST_P(VaultContract, imports_zone_pin_and_mac_keys_whose_block_says_so) {
  struct Case {
    SymmetricSpec spec;
    const char* usage;
    char mode;
    const char* reason;  // nullptr: taken
  };
  const SecretBytes kbpk = secret_hex(kAes);
  const Row zone = wrapped(vault, kAes, kAesZone, {"zones", "acquirer", 1});
  SystemRandom random;
  for (const Case& each : {Case{kTdesZpk, "P0", 'E', nullptr}, Case{kTdesZpk, "P0", 'B', nullptr}, Case{kAesZpk, "P0", 'N', nullptr},
                           Case{kTdesZpk, "P0", 'D', "vault.wrong_mode"}, Case{kTdesZpk, "P1", 'E', "vault.wrong_usage"},
                           Case{kTdesZpk, "M3", 'C', "vault.wrong_usage"}, Case{kTdesZpk, "D0", 'E', "vault.wrong_usage"},
                           Case{kTdesZpk, "K1", 'E', "vault.wrong_usage"}, Case{kTdesZak, "M3", 'C', nullptr},
                           Case{kAesZak, "M6", 'N', nullptr}, Case{kTdesZak, "M6", 'C', "vault.wrong_usage"},
                           Case{kAesZak, "M3", 'C', "vault.wrong_usage"}, Case{kTdesZak, "M3", 'G', "vault.wrong_mode"},
                           Case{kTdesZak, "M3", 'V', "vault.wrong_mode"}, Case{kAesZak, "P0", 'C', "vault.wrong_usage"},
                           Case{kPinSpec, "P0", 'B', "vault.wrong_purpose"}, Case{kFinder, "M7", 'C', "vault.wrong_purpose"}}) {
    SCOPED_TRACE(std::string(name_of(each.spec.purpose)) + " " + each.usage + each.mode);
    const bool tdes = each.spec.algorithm == A::tdes;
    crypto::KeyBlockHeader header;
    header.usage = each.usage;
    header.mode = each.mode;
    header.algorithm = tdes ? 'T' : 'A';
    const SecretBytes key = secret_hex(tdes ? kTwoKey : kAes.substr(0, each.spec.size * 2));
    const std::string block = crypto::wrap_key_block(kbpk.reveal(), header, key, random).value();
    const RowId row{"zone_keys", "acquirer", 1};
    const auto got = vault.import_block(block, zone.ref(), each.spec, row);
    if (each.reason != nullptr) {
      EXPECT_TRUE(fails_with(got, Code::refused, each.reason));
    } else {
      ASSERT_TRUE(got);
      EXPECT_EQ(vault.kcv({got->wrapped, each.spec, row}).value(), got->kcv);
    }
  }
}

TEST_P(VaultContract, refuses_payment_keys_of_sizes_that_do_not_exist) {
  for (const SymmetricSpec& spec : {SymmetricSpec(A::aes, 24, P::pin), SymmetricSpec(A::tdes, 16, P::pin), SymmetricSpec(A::hmac, 32, P::pin),
                                    SymmetricSpec(A::tdes, 8, P::zone_pin), SymmetricSpec(A::hmac, 32, P::zone_pin),
                                    SymmetricSpec(A::tdes, 24, P::zone_mac), SymmetricSpec(A::aes, 8, P::zone_mac),
                                    SymmetricSpec(A::hmac, 32, P::zone_mac), SymmetricSpec(A::aes, 32, P::fingerprint),
                                    SymmetricSpec(A::hmac, 16, P::fingerprint)})
    EXPECT_TRUE(fails_with(vault.generate(spec, {"t", "1", 1}), Code::invalid, "vault.spec")) << name_of(spec.purpose) << spec.size;
}

}  // namespace
}  // namespace tf::vault::test
