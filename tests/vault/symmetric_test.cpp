#include "vault/symmetric.hpp"

#include <gtest/gtest.h>

#include "tests/vault/contract.hpp"

namespace tf::vault::test {
namespace {

TEST(SymmetricSpec, names_are_read_back_and_others_refused) {
  for (const auto algorithm : {SymmetricAlgorithm::tdes, SymmetricAlgorithm::aes, SymmetricAlgorithm::hmac})
    EXPECT_EQ(parse_symmetric_algorithm(name_of(algorithm)).value(), algorithm);
  for (const auto purpose : {SymmetricPurpose::diversify, SymmetricPurpose::key_encryption, SymmetricPurpose::data,
                             SymmetricPurpose::zone, SymmetricPurpose::derive, SymmetricPurpose::component, SymmetricPurpose::pin,
                             SymmetricPurpose::zone_pin, SymmetricPurpose::zone_mac, SymmetricPurpose::fingerprint})
    EXPECT_EQ(parse_symmetric_purpose(name_of(purpose)).value(), purpose);
  for (const char* name : {"", "AES", "aes ", "des", "rsa"})
    EXPECT_TRUE(fails_with(parse_symmetric_algorithm(name), Code::integrity, "vault.spec")) << name;
  EXPECT_TRUE(fails_with(parse_symmetric_purpose("mac"), Code::integrity, "vault.spec"));
}

TEST(SymmetricSpec, tdes_keys_get_odd_parity_and_components_stay) {
  const std::string even = "3F419E1CB7079442AA37474C2EFBF8B85DB50B454F8389AC";
  SecretBytes key = secret_hex(even);
  ASSERT_TRUE(admit(kTdesPin, key));
  EXPECT_NE(key, secret_hex(even));
  SecretBytes part = secret_hex(even);
  ASSERT_TRUE(admit({SymmetricAlgorithm::tdes, 24, SymmetricPurpose::component}, part));
  EXPECT_EQ(part, secret_hex(even));
}

TEST(SymmetricSpec, no_two_rows_share_their_associated_data) {
  const Bytes base = row_aad("k", kAesPin, {"t", "id", 1});
  EXPECT_EQ(base, row_aad("k", kAesPin, {"t", "id", 1}));
  EXPECT_NE(base, row_aad("kt", kAesPin, {"", "id", 1}));
  EXPECT_NE(base, row_aad("k", kAesPin, {"ti", "d", 1}));
  EXPECT_NE(base, row_aad("k", kAesPin, {"t", "id", 2}));
  EXPECT_NE(base, row_aad("k", kAesTmk, {"t", "id", 1}));
  EXPECT_NE(base, record_aad("k", {"t", "id", 1}));
  EXPECT_NE(record_aad("k", {"t", "id", 1}), record_aad("k", {"ti", "d", 1}));
  EXPECT_NE(record_aad("k", {"t", "id", 1}), record_aad("k", {"t", "id", 2}));
  EXPECT_NE(record_aad("k", {"t", "id", 1}), record_aad("kt", {"", "id", 1}));
}

}  // namespace
}  // namespace tf::vault::test
