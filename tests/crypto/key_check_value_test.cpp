#include "crypto/banking/key_check_value.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;

TEST(KeyCheckValue, tdes_encrypts_a_zero_block) {
  EXPECT_EQ(key_check_value(BlockCipher::tdes, hex("3F419E1CB7079442AA37474C2EFBF8B8")).value(), "57C409");
  EXPECT_EQ(key_check_value(BlockCipher::tdes, hex("5DB50B454F8389ADCE573BE50861F2BF")).value(), "5C9405");
  // 8CA64D is the check value everybody knows: the zero key, whatever its length
  EXPECT_EQ(key_check_value(BlockCipher::tdes, Bytes(16)).value(), "8CA64D");
  EXPECT_EQ(key_check_value(BlockCipher::tdes, Bytes(24), 8).value(), "8CA64DE9C1B123A7");
}

TEST(KeyCheckValue, aes_takes_the_cmac_of_a_zero_block_not_of_nothing) {
  EXPECT_EQ(key_check_value(BlockCipher::aes, hex("3F419E1CB7079442AA37474C2EFBF8B8"), 5).value(), "08793E25AB");
  EXPECT_EQ(key_check_value(BlockCipher::aes, hex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"), 5).value(),
            "2331550BC9");
  const auto of_nothing = cmac(BlockCipher::aes, Bytes(16), {}).value();
  EXPECT_NE(key_check_value(BlockCipher::aes, Bytes(16)).value(), wire::hex_upper(ByteView(of_nothing).first(3)));
}

TEST(KeyCheckValue, refuses_sizes_that_do_not_exist) {
  for (const std::size_t size : {0U, 8U, 15U, 25U, 32U})
    EXPECT_EQ(outcome(key_check_value(BlockCipher::tdes, Bytes(size))), "invalid crypto.key_size") << size;
  for (const std::size_t size : {0U, 8U, 31U, 33U})
    EXPECT_EQ(outcome(key_check_value(BlockCipher::aes, Bytes(size))), "invalid crypto.key_size") << size;
  EXPECT_EQ(outcome(key_check_value(BlockCipher::tdes, Bytes(16), 9)), "invalid crypto.kcv_size");
  EXPECT_EQ(outcome(key_check_value(BlockCipher::aes, Bytes(16), 17)), "invalid crypto.kcv_size");
  EXPECT_EQ(outcome(key_check_value(BlockCipher::aes, Bytes(16), 0)), "invalid crypto.kcv_size");
}

TEST(DesParity, is_odd_in_every_byte_or_not_odd) {
  EXPECT_TRUE(has_odd_parity(hex("0123456789ABCDEF")));
  EXPECT_FALSE(has_odd_parity(hex("0123456789ABCDEE")));
  EXPECT_FALSE(has_odd_parity(hex("0023456789ABCDEF")));
}

TEST(DesParity, setting_it_changes_no_more_than_the_lowest_bit) {
  for (unsigned value = 0; value < 256; ++value) {
    Bytes key{static_cast<std::uint8_t>(value)};
    set_odd_parity(key);
    EXPECT_TRUE(has_odd_parity(key));
    EXPECT_EQ(key[0] & 0xfe, static_cast<int>(value & 0xfe));
  }
}

TEST(DegenerateKey, equal_parts_are_found_whatever_their_parity_bits_say) {
  EXPECT_TRUE(is_degenerate(hex("0123456789ABCDEF 0123456789ABCDEF")));
  EXPECT_TRUE(is_degenerate(hex("0123456789ABCDEF 0022446688AACCEE")));
  EXPECT_FALSE(is_degenerate(hex("0123456789ABCDEF 0123456789ABCDED")));
  EXPECT_FALSE(is_degenerate(hex("0123456789ABCDEF FEDCBA9876543210 1111111111111111")));
  EXPECT_TRUE(is_degenerate(hex("0123456789ABCDEF 0123456789ABCDEF 1111111111111111")));
  EXPECT_TRUE(is_degenerate(hex("0123456789ABCDEF FEDCBA9876543210 FEDCBA9876543210")));
  EXPECT_TRUE(is_degenerate(hex("0123456789ABCDEF FEDCBA9876543210 0123456789ABCDEF")));
}

TEST(DegenerateKey, what_is_no_triple_des_key_is_degenerate) {
  for (const std::size_t size : {0U, 8U, 15U, 32U}) EXPECT_TRUE(is_degenerate(Bytes(size)));
}

}  // namespace
}  // namespace tf::crypto
