// What a card says of itself: factory certificate, channel certificate, attestation, request; and everybody who would like to say it too.
#include "pki/device/attestation.hpp"

#include <gtest/gtest.h>

#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::pki {
namespace {

using tf::test::must;
constexpr std::int64_t kNow = tf::test::FixedClock::kStart;
constexpr std::int64_t kDay = 86'400'000;

struct AttestationTest : testing::Test {
  static Issuer issuer(std::string_view name, Random& random) {
    const auto key = crypto::PrivateKey::generate_p256();
    return {must(make_root(name, key, {kNow, kRootDays}, random)), key};
  }
  Issuer factory_of(std::string_view serial, const Issuer& root) {
    const auto key = crypto::PrivateKey::generate_p256();
    return {must(issue_factory_certificate(root, serial, key.public_key(), {kNow, kFactoryDays}, random)), key};
  }
  Attestation statement(std::string_view serial = "CARD-1") const { return {.serial = std::string(serial), .nonce = {1, 2, 3}, .slot = 0x9C, .container = 2}; }

  SystemRandom random;
  Issuer manufacturer = issuer("manufacturer", random);
  Issuer factory = factory_of("CARD-1", manufacturer);
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
};

TEST_F(AttestationTest, says_which_card_made_which_key_for_whom) {
  const auto attestation = must(attest(factory, statement(), AttestedUse::sign, key.public_key(), random));
  EXPECT_OK(verify_factory({factory.certificate}, "CARD-1", {manufacturer.certificate}, kNow));
  EXPECT_OK(verify_factory({factory.certificate, manufacturer.certificate}, "CARD-1", {manufacturer.certificate}, kNow));
  EXPECT_EQ(must(verify_attestation(attestation, factory.certificate, kNow)), statement());
  EXPECT_EQ(must(attestation.public_key()).spki(), key.public_key().spki());
}

TEST_F(AttestationTest, attests_keys_of_every_kind_and_use) {
  const auto rsa = crypto::PrivateKey::generate_rsa(2048);
  for (const crypto::PrivateKey* each : {static_cast<const crypto::PrivateKey*>(&key), &rsa})
    for (const auto use : {AttestedUse::sign, AttestedUse::decipher})
      EXPECT_OK(verify_attestation(must(attest(factory, statement(), use, each->public_key(), random)), factory.certificate, kNow));
}

TEST_F(AttestationTest, a_factory_certificate_is_of_one_card_and_of_a_known_manufacturer) {
  const auto& chain = factory.certificate;
  EXPECT_REFUSED(verify_factory({chain}, "CARD-2", {manufacturer.certificate}, kNow), Code::refused, "pki.wrong_card");
  EXPECT_REFUSED(verify_factory({chain}, "CARD-1", {}, kNow), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(verify_factory({chain}, "CARD-1", {issuer("manufacturer", random).certificate}, kNow), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(verify_factory({chain, issuer("other", random).certificate}, "CARD-1", {manufacturer.certificate}, kNow), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(verify_factory({}, "CARD-1", {manufacturer.certificate}, kNow), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(verify_factory({chain}, "CARD-1", {manufacturer.certificate}, kNow + (kRootDays + 1) * kDay), Code::refused, "pki.expired");
  EXPECT_REFUSED(verify_factory({chain}, "CARD-1", {manufacturer.certificate}, kNow - kDay), Code::refused, "pki.not_yet_valid");
}

TEST_F(AttestationTest, no_other_certificate_passes_for_a_factory_certificate) {
  EXPECT_REFUSED(verify_factory({manufacturer.certificate}, "", {manufacturer.certificate}, kNow), Code::refused, "pki.wrong_usage");
  const auto authority = must(issue_authority(manufacturer, "CARD-1", {}, key.public_key(), {kNow, 100}, random));
  EXPECT_REFUSED(verify_factory({authority}, "", {manufacturer.certificate}, kNow), Code::refused, "pki.wrong_usage");
  const auto attestation = must(attest(factory, statement(), AttestedUse::sign, key.public_key(), random));
  EXPECT_REFUSED(verify_factory({attestation}, "CARD-1", {manufacturer.certificate, factory.certificate}, kNow), Code::refused, "pki.wrong_usage");
}

TEST_F(AttestationTest, an_attestation_is_of_its_own_card) {
  const Issuer other = factory_of("CARD-2", manufacturer);
  const auto theirs = must(attest(other, statement("CARD-2"), AttestedUse::sign, key.public_key(), random));
  EXPECT_REFUSED(verify_attestation(theirs, factory.certificate, kNow), Code::refused, "pki.untrusted");
  // A broken card that names another one.
  const auto lying = must(attest(factory, statement("CARD-2"), AttestedUse::sign, key.public_key(), random));
  EXPECT_REFUSED(verify_attestation(lying, factory.certificate, kNow), Code::refused, "pki.wrong_card");
}

TEST_F(AttestationTest, channel_certificates_and_attestations_do_not_pass_for_each_other) {
  const auto channel = must(issue_channel_certificate(factory, "CARD-1", key.public_key(), random));
  EXPECT_EQ(must(verify_channel(channel, factory.certificate, kNow)).spki(), key.public_key().spki());
  EXPECT_REFUSED(verify_attestation(channel, factory.certificate, kNow), Code::refused, "pki.wrong_usage");
  const auto deciphering = must(attest(factory, statement(), AttestedUse::decipher, key.public_key(), random));
  EXPECT_REFUSED(verify_channel(deciphering, factory.certificate, kNow), Code::refused, "pki.wrong_usage");
  EXPECT_REFUSED(verify_channel(channel, factory_of("CARD-1", manufacturer).certificate, kNow), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(verify_channel(channel, manufacturer.certificate, kNow), Code::refused, "pki.untrusted");
  EXPECT_REFUSED(issue_channel_certificate(factory, "CARD-1", crypto::PrivateKey::generate_rsa(2048).public_key(), random), Code::refused, "pki.bad_key");
}

TEST_F(AttestationTest, an_altered_certificate_is_refused) {
  const Bytes der = must(attest(factory, statement(), AttestedUse::sign, key.public_key(), random)).der();
  for (std::size_t at = 0; at < der.size(); at += 5) {
    Bytes altered = der;
    altered[at] ^= 0x01;
    const auto read = Certificate::from_der(altered);
    if (read) EXPECT_FALSE(verify_attestation(*read, factory.certificate, kNow).has_value()) << at;
  }
}

TEST_F(AttestationTest, its_statement_has_one_encoding) {
  const Bytes der = must(encode_attestation(statement()));
  EXPECT_EQ(must(decode_attestation(der)), statement());
  for (std::size_t size = 0; size < der.size(); ++size) EXPECT_REFUSED(decode_attestation(ByteView(der).first(size)), Code::malformed, "pki.attestation");
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_REFUSED(decode_attestation(longer), Code::malformed, "pki.attestation");
  // SEQUENCE { "A", 31 octets, 1, 1 }, { …, slot 256, … } and { …, slot -1, … }
  const std::string nonce(62, '0');
  for (const std::string& bad : {"30290c0141041f" + nonce + "020101020101", "302b0c01410420" + nonce + "0002020100020101", "302a0c01410420" + nonce + "000201ff020101"})
    EXPECT_REFUSED(decode_attestation(must(wire::from_hex(bad))), Code::malformed, "pki.attestation");
}

TEST_F(AttestationTest, a_request_names_card_and_nonce_and_proves_possession) {
  const auto rsa = crypto::PrivateKey::generate_rsa(2048);
  for (const crypto::PrivateKey* each : {static_cast<const crypto::PrivateKey*>(&key), &rsa}) {
    const auto request = must(make_card_request("CARD-1", {9, 8, 7}, *each));
    const auto read = must(read_card_request(request.der()));
    EXPECT_EQ(read.serial, "CARD-1");
    EXPECT_EQ(read.nonce, (EnrolmentNonce{9, 8, 7}));
    EXPECT_EQ(read.request.public_key().spki(), each->public_key().spki());
    Bytes altered = request.der();
    altered[altered.size() / 3] ^= 1;
    EXPECT_FALSE(read_card_request(altered).has_value());
  }
  EXPECT_REFUSED(read_card_request(must(CertificateRequest::make("CARD-1", key)).der()), Code::malformed, "pki.request");
}

}  // namespace
}  // namespace tf::pki
