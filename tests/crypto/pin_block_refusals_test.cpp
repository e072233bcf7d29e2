// Blocks that are not quite right. Each is put together from its clear text, so that one thing is wrong with it.
#include "crypto/banking/pin_block.hpp"
#include "crypto/block_cipher.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;
using test::secret;

constexpr const char* kPinRefused = "refused crypto.pin_block";
const SecretBytes kAccount(as_bytes("5544332211009966"));
const SecretBytes kTdes(hex("0123456789ABCDEFFEDCBA9876543210"));
const SecretBytes kAes(hex("00112233445566778899AABBCCDDEEFF"));

// A clear block of format 0 or 3 whose PIN field is this one.
SecretBytes with_account(std::string_view pin_field) {
  const Bytes account = hex("0000433221100996");
  Bytes block = hex(pin_field);
  for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= account[i];
  return SecretBytes(block);
}

Bytes encrypted(BlockCipher cipher, const SecretBytes& key, const SecretBytes& clear) {
  return to_bytes(ecb(cipher, Direction::encrypt, key.reveal(), clear.reveal()).value().reveal());
}

TEST(PinBlockRefusals, format_0_with_one_thing_wrong) {
  EXPECT_EQ(outcome(decode_pin_block_0(with_account("041234FFFFFFFFFF"), kAccount)), "ok");
  for (const char* field : {
           "141234FFFFFFFFFF",  // control nibble of another format
           "341234FFFFFFFFFF", "441234FFFFFFFFFF", "F41234FFFFFFFFFF",
           "03123FFFFFFFFFFF",  // too short, too long
           "001234FFFFFFFFFF", "0D1234567890123F", "0E12345678901234", "0F12345678901234",
           "04123AFFFFFFFFFF",  // a digit that is none
           "04F234FFFFFFFFFF",
           "051234FFFFFFFFFF",  // the length says one more, one less
           "0412345FFFFFFFFF", "041234FFFFFFFFFE", "041234FFFF0FFFFF", "041234AFFFFFFFFF"}) {
    EXPECT_EQ(outcome(decode_pin_block_0(with_account(field), kAccount)), kPinRefused) << field;
    EXPECT_EQ(outcome(open_pin_block_0(kTdes, encrypted(BlockCipher::tdes, kTdes, with_account(field)), kAccount)), kPinRefused) << field;
  }
}

TEST(PinBlockRefusals, format_3_with_one_thing_wrong) {
  EXPECT_EQ(outcome(decode_pin_block_3(with_account("341234ABCDEFABCD"), kAccount)), "ok");
  for (const char* field : {"041234ABCDEFABCD", "241234ABCDEFABCD", "331234ABCDEFABCD", "3D1234567890123A", "341234ABCDEFABC9",
                            "3412349BCDEFABCD", "34123AABCDEFABCD", "351234ABCDEFABCD"})
    EXPECT_EQ(outcome(decode_pin_block_3(with_account(field), kAccount)), kPinRefused) << field;
}

TEST(PinBlockRefusals, format_4_with_one_thing_wrong) {
  EXPECT_EQ(outcome(decode_pin_field_4(secret("441234AAAAAAAAAA0000000000000000"))), "ok");
  for (const char* field : {"041234AAAAAAAAAA", "341234AAAAAAAAAA", "541234AAAAAAAAAA", "431234AAAAAAAAAA", "4D1234567890123A",
                            "441234FFFFFFFFFF", "441234AAAAAAAAAB", "44123AAAAAAAAAAA", "451234AAAAAAAAAA", "4412349AAAAAAAAA"})
    EXPECT_EQ(outcome(decode_pin_field_4(secret(std::string(field) + "0011223344556677"))), kPinRefused) << field;
}

TEST(PinBlockRefusals, a_block_bound_to_another_account) {
  SystemRandom random;
  const SecretBytes pin(as_bytes("1234"));
  const Bytes four = pin_block_4(kAes, pin, kAccount, random).value();
  const Bytes zero = pin_block_0(kTdes, pin, kAccount).value();
  const Bytes three = pin_block_3(kTdes, pin, kAccount, random).value();
  ASSERT_EQ(open_pin_block_4(kAes, four, kAccount).value(), pin);
  for (const char* other : {"5544332211009974", "5544332211009967", "55443322110099660", "4544332211009966"}) {
    const SecretBytes pan(as_bytes(other));
    EXPECT_EQ(outcome(open_pin_block_4(kAes, four, pan)), kPinRefused) << other;
  }
  // Formats 0 and 3 know twelve digits only, and see a change where it makes no digit or no fill.
  EXPECT_EQ(outcome(open_pin_block_0(kTdes, zero, SecretBytes(as_bytes("5544332211009976")))), kPinRefused);
  EXPECT_EQ(outcome(open_pin_block_3(kTdes, three, SecretBytes(as_bytes("5544732211009966")))), "ok");
  EXPECT_NE(open_pin_block_3(kTdes, three, SecretBytes(as_bytes("5544732211009966"))).value(), pin);
}

TEST(PinBlockRefusals, every_flipped_bit_of_format_4_and_every_wrong_size) {
  test::FixedRandom random("1122334455667788");
  const Bytes block = pin_block_4(kAes, SecretBytes(as_bytes("1234")), kAccount, random).value();
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Bytes bad = block;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(outcome(open_pin_block_4(kAes, bad, kAccount)), kPinRefused) << bit;
  }
  for (const std::size_t size : {0U, 8U, 15U, 17U, 32U}) EXPECT_EQ(outcome(open_pin_block_4(kAes, Bytes(size), kAccount)), kPinRefused);
  for (const std::size_t size : {0U, 7U, 9U, 16U}) {
    EXPECT_EQ(outcome(open_pin_block_0(kTdes, Bytes(size), kAccount)), kPinRefused);
    EXPECT_EQ(outcome(open_pin_block_3(kTdes, Bytes(size), kAccount)), kPinRefused);
    EXPECT_EQ(outcome(decode_pin_block_0(SecretBytes(size), kAccount)), kPinRefused);
    EXPECT_EQ(outcome(decode_pin_field_4(SecretBytes(size))), kPinRefused);
  }
  EXPECT_EQ(outcome(open_pin_block_4(kAes, block, SecretBytes(as_bytes("no account")))), kPinRefused);
  EXPECT_EQ(outcome(open_pin_block_4(SecretBytes(ByteView(Bytes(16, 1))), block, kAccount)), kPinRefused);
}

}  // namespace
}  // namespace tf::crypto
