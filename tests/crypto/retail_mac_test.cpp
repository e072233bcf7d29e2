#include "crypto/banking/retail_mac.hpp"

#include "crypto/block_cipher.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;

MacPadding method(int number) { return number == 1 ? MacPadding::method_1 : MacPadding::method_2; }

TEST(RetailMac, agrees_with_the_standard_and_with_an_independent_reading) {
  std::size_t seen = 0;
  for (const auto& vector : test::mac_vectors()) {
    SCOPED_TRACE(vector.id);
    const auto mac = retail_mac(vector.key, vector.data, method(vector.padding)).value();
    EXPECT_EQ(to_bytes(mac), vector.mac);
    ++seen;
  }
  EXPECT_EQ(seen, 18U);
}

TEST(RetailMac, method_1_cannot_tell_trailing_zeros_and_method_2_can) {
  const Bytes key = hex("0123456789ABCDEFFEDCBA9876543210");
  EXPECT_EQ(retail_mac(key, hex("0102"), MacPadding::method_1).value(), retail_mac(key, hex("010200"), MacPadding::method_1).value());
  EXPECT_NE(retail_mac(key, hex("0102"), MacPadding::method_2).value(), retail_mac(key, hex("010200"), MacPadding::method_2).value());
  EXPECT_NE(retail_mac(key, {}, MacPadding::method_2).value(), retail_mac(key, Bytes(8), MacPadding::method_2).value());
}

TEST(RetailMac, has_one_key_size) {
  for (const std::size_t size : {0U, 8U, 15U, 24U}) EXPECT_EQ(outcome(retail_mac(Bytes(size), {}, MacPadding::method_1)), "invalid crypto.key_size");
}

}  // namespace
}  // namespace tf::crypto
