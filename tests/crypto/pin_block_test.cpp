#include "crypto/banking/pin_block.hpp"

#include "crypto/block_cipher.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::FixedRandom;
using test::hex;
using test::outcome;

SecretBytes digits(std::string_view text) { return SecretBytes(as_bytes(text)); }
const SecretBytes kPan = digits("5544332211009966");

TEST(PinBlock, agrees_with_published_and_independent_vectors) {
  int seen[5] = {};
  for (const auto& vector : test::pin_vectors()) {
    SCOPED_TRACE(vector.id);
    ++seen[vector.format];
    FixedRandom random(vector.pad);
    const SecretBytes key(vector.key);
    if (vector.format == 0) {
      EXPECT_EQ(pin_block_0(key, vector.pin, vector.pan).value(), vector.block);
      EXPECT_EQ(open_pin_block_0(key, vector.block, vector.pan).value(), vector.pin);
    } else if (vector.format == 3) {
      EXPECT_EQ(pin_block_3(key, vector.pin, vector.pan, random).value(), vector.block);
      EXPECT_EQ(open_pin_block_3(key, vector.block, vector.pan).value(), vector.pin);
    } else {
      EXPECT_EQ(pin_block_4(key, vector.pin, vector.pan, random).value(), vector.block);
      EXPECT_EQ(open_pin_block_4(key, vector.block, vector.pan).value(), vector.pin);
    }
  }
  EXPECT_GT(seen[0], 50);
  EXPECT_GT(seen[3], 50);
  EXPECT_GT(seen[4], 50);
}

TEST(PinBlock, clear_format_0_agrees_with_published_vectors) {
  for (const auto& vector : test::clear_pin_vectors()) {
    SCOPED_TRACE(vector.id);
    EXPECT_EQ(encode_pin_block_0(vector.pin, vector.pan).value(), SecretBytes(vector.block));
    EXPECT_EQ(decode_pin_block_0(SecretBytes(vector.block), vector.pan).value(), vector.pin);
  }
}

TEST(PinBlock, fields_of_format_4_stand_as_the_standard_draws_them) {
  FixedRandom random("2F69ADDE2E9E7ACE");
  EXPECT_EQ(encode_pin_field_4(digits("12345"), random).value(), test::secret("4512345AAAAAAAAA2F69ADDE2E9E7ACE"));
  EXPECT_EQ(encode_pan_field_4(digits("432198765432109870")).value(), test::secret("64321987654321098700000000000000"));
  EXPECT_EQ(encode_pan_field_4(digits("123456789012")).value(), test::secret("01234567890120000000000000000000"));
  EXPECT_EQ(encode_pan_field_4(digits("12345678")).value(), test::secret("00000123456780000000000000000000"));
}

TEST(PinBlock, format_3_draws_its_fill_anew_each_time_from_a_to_f) {
  SystemRandom random;
  const SecretBytes pin = digits("1234");
  const SecretBytes first = encode_pin_block_3(pin, kPan, random).value();
  // 6^10 fills: two equal in a row once in sixty million.
  EXPECT_NE(first, encode_pin_block_3(pin, kPan, random).value());
  bool seen[16] = {};
  for (int i = 0; i < 200; ++i) {
    SecretBytes block = encode_pin_block_3(pin, kPan, random).value();
    ASSERT_EQ(decode_pin_block_3(block, kPan).value(), pin);
    // The account field of kPan is 0000433221100996.
    const Bytes account = hex("0000433221100996");
    for (std::size_t at = 3; at < 8; ++at) {
      const auto octet = static_cast<unsigned>(block.reveal()[at] ^ account[at]);
      seen[octet >> 4] = seen[octet & 15U] = true;
    }
  }
  for (unsigned nibble = 0; nibble < 16; ++nibble) EXPECT_EQ(seen[nibble], nibble >= 10) << nibble;
}

TEST(PinBlock, format_4_of_the_same_pin_differs_each_time) {
  SystemRandom random;
  const SecretBytes key(ByteView(Bytes(16, 7)));
  EXPECT_NE(pin_block_4(key, digits("1234"), kPan, random).value(), pin_block_4(key, digits("1234"), kPan, random).value());
}

TEST(PinBlock, refuses_to_make_a_block_of_what_is_no_pin_or_no_account) {
  SystemRandom random;
  const SecretBytes tdes(hex("0123456789ABCDEFFEDCBA9876543210"));
  const SecretBytes pin = digits("1234");
  for (const char* bad : {"", "123", "1234567890123", "12a4", "123 ", "12:4", "12/4"}) {
    EXPECT_EQ(outcome(pin_block_0(tdes, digits(bad), kPan)), "invalid crypto.pin") << bad;
    EXPECT_EQ(outcome(pin_block_3(tdes, digits(bad), kPan, random)), "invalid crypto.pin") << bad;
    EXPECT_EQ(outcome(pin_block_4(tdes, digits(bad), kPan, random)), "invalid crypto.pin") << bad;
  }
  for (const char* bad : {"", "1234567", "12345678901234567890", "55443322 1100996", "554433221100996x"}) {
    EXPECT_EQ(outcome(pin_block_0(tdes, pin, digits(bad))), "invalid crypto.pan") << bad;
    EXPECT_EQ(outcome(pin_block_3(tdes, pin, digits(bad), random)), "invalid crypto.pan") << bad;
    EXPECT_EQ(outcome(pin_block_4(tdes, pin, digits(bad), random)), "invalid crypto.pan") << bad;
  }
  for (const std::size_t size : {0U, 8U, 17U}) {
    EXPECT_EQ(outcome(pin_block_0(SecretBytes(size), pin, kPan)), "invalid crypto.key_size");
    EXPECT_EQ(outcome(pin_block_4(SecretBytes(size), pin, kPan, random)), "invalid crypto.key_size");
  }
  EXPECT_EQ(outcome(pin_block_0(SecretBytes(32), pin, kPan)), "invalid crypto.key_size");
}

}  // namespace
}  // namespace tf::crypto
