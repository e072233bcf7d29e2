#include "crypto/block_cipher.hpp"

#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;
using wire::hex_lower;

const Bytes kMessage = hex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
                           "30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");
const Bytes kAes128 = hex("2b7e151628aed2a6abf7158809cf4f3c");
const Bytes kAes192 = hex("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b");
const Bytes kAes256 = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");

void expect_ecb(BlockCipher cipher, const Bytes& key, const Bytes& plain, const char* encrypted) {
  const auto out = ecb(cipher, Direction::encrypt, key, plain).value();
  EXPECT_EQ(hex_lower(out.reveal()), encrypted);
  EXPECT_EQ(ecb(cipher, Direction::decrypt, key, out.reveal()).value(), SecretBytes(ByteView(plain)));
}

// NIST SP 800-38A F.1 and F.2
TEST(BlockCipher, aes_ecb_gives_the_published_blocks) {
  const Bytes block(kMessage.begin(), kMessage.begin() + 16);
  expect_ecb(BlockCipher::aes, kAes128, block, "3ad77bb40d7a3660a89ecaf32466ef97");
  expect_ecb(BlockCipher::aes, kAes192, block, "bd334f1d6e45f25ff712a214571fa5cc");
  expect_ecb(BlockCipher::aes, kAes256, block, "f3eed1bdb5d2a03c064b5a7e3db181f8");
}

TEST(BlockCipher, aes_cbc_gives_the_published_blocks) {
  const Bytes iv = hex("000102030405060708090a0b0c0d0e0f");
  const ByteView two = ByteView(kMessage).first(32);
  const std::pair<const Bytes*, const char*> cases[] = {
      {&kAes128, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
      {&kAes192, "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
      {&kAes256, "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"}};
  for (const auto& [key, expected] : cases) {
    const auto out = cbc(BlockCipher::aes, Direction::encrypt, *key, iv, two).value();
    EXPECT_EQ(hex_lower(out.reveal()), expected);
    EXPECT_EQ(cbc(BlockCipher::aes, Direction::decrypt, *key, iv, out.reveal()).value(), SecretBytes(two));
  }
}

// NIST SP 800-67 appendix B
TEST(BlockCipher, tdes_ecb_gives_the_published_blocks) {
  expect_ecb(BlockCipher::tdes, hex("0123456789abcdef23456789abcdef01456789abcdef0123"),
             to_bytes(as_bytes("The qufck brown fox jump")), "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900");
}

TEST(BlockCipher, two_key_tdes_is_three_key_tdes_whose_third_is_the_first) {
  const Bytes two = hex("0123456789abcdef23456789abcdef01");
  const Bytes three = hex("0123456789abcdef23456789abcdef010123456789abcdef");
  for (const Direction direction : {Direction::encrypt, Direction::decrypt}) {
    EXPECT_EQ(ecb(BlockCipher::tdes, direction, two, kMessage).value(), ecb(BlockCipher::tdes, direction, three, kMessage).value());
    EXPECT_EQ(cbc(BlockCipher::tdes, direction, two, Bytes(8, 1), kMessage).value(),
              cbc(BlockCipher::tdes, direction, three, Bytes(8, 1), kMessage).value());
  }
  EXPECT_EQ(cmac(BlockCipher::tdes, two, kMessage).value(), cmac(BlockCipher::tdes, three, kMessage).value());
}

TEST(BlockCipher, a_call_leaves_nothing_behind_for_the_next) {
  const Bytes iv(16, 9);
  const auto first = cbc(BlockCipher::aes, Direction::encrypt, kAes256, iv, kMessage).value();
  const auto between = ecb(BlockCipher::aes, Direction::decrypt, kAes128, kMessage);
  EXPECT_TRUE(between);
  EXPECT_EQ(cbc(BlockCipher::aes, Direction::encrypt, kAes256, iv, kMessage).value(), first);
}

TEST(BlockCipher, refuses_sizes_that_do_not_fit) {
  const Bytes data(16);
  for (const std::size_t size : {0U, 1U, 8U, 15U, 17U, 31U, 33U, 64U}) {
    EXPECT_EQ(outcome(ecb(BlockCipher::aes, Direction::encrypt, Bytes(size), data)), "invalid crypto.key_size") << size;
    EXPECT_EQ(outcome(ecb(BlockCipher::tdes, Direction::encrypt, Bytes(size), data)), "invalid crypto.key_size") << size;
    EXPECT_EQ(outcome(cmac(BlockCipher::aes, Bytes(size), data)), "invalid crypto.key_size") << size;
  }
  EXPECT_EQ(outcome(cmac(BlockCipher::tdes, Bytes(32), data)), "invalid crypto.key_size");
  for (const std::size_t size : {1U, 15U, 17U})
    EXPECT_EQ(outcome(ecb(BlockCipher::aes, Direction::encrypt, kAes128, Bytes(size))), "invalid crypto.data_size") << size;
  for (const std::size_t size : {0U, 8U, 15U, 17U})
    EXPECT_EQ(outcome(cbc(BlockCipher::aes, Direction::encrypt, kAes128, Bytes(size), data)), "invalid crypto.data_size") << size;
  EXPECT_EQ(ecb(BlockCipher::aes, Direction::encrypt, kAes128, {}).value().size(), 0U);
}

struct CmacCase {
  BlockCipher cipher;
  Bytes key;
  std::size_t size;
  const char* mac;
};

// RFC 4493 §4, NIST SP 800-38B appendix D
TEST(Cmac, gives_the_published_values) {
  const Bytes three = hex("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5");
  const Bytes two = hex("4cf15134a2850dd58a3d10ba80570d38");
  const CmacCase cases[] = {{BlockCipher::aes, kAes128, 0, "bb1d6929e95937287fa37d129b756746"},
                            {BlockCipher::aes, kAes128, 16, "070a16b46b4d4144f79bdd9dd04a287c"},
                            {BlockCipher::aes, kAes128, 40, "dfa66747de9ae63030ca32611497c827"},
                            {BlockCipher::aes, kAes128, 64, "51f0bebf7e3b9d92fc49741779363cfe"},
                            {BlockCipher::aes, kAes192, 0, "d17ddf46adaacde531cac483de7a9367"},
                            {BlockCipher::aes, kAes192, 16, "9e99a7bf31e710900662f65e617c5184"},
                            {BlockCipher::aes, kAes192, 40, "8a1de5be2eb31aad089a82e6ee908b0e"},
                            {BlockCipher::aes, kAes192, 64, "a1d5df0eed790f794d77589659f39a11"},
                            {BlockCipher::aes, kAes256, 0, "028962f61b7bf89efc6b551f4667d983"},
                            {BlockCipher::aes, kAes256, 16, "28a7023f452e8f82bd4bf28d8c37c35c"},
                            {BlockCipher::aes, kAes256, 40, "aaf3d8f1de5640c232f5b169b9c911e6"},
                            {BlockCipher::aes, kAes256, 64, "e1992190549f6ed5696a2c056c315410"},
                            {BlockCipher::tdes, three, 0, "b7a688e122ffaf95"},
                            {BlockCipher::tdes, three, 8, "8e8f293136283797"},
                            {BlockCipher::tdes, three, 20, "743ddbe0ce2dc2ed"},
                            {BlockCipher::tdes, three, 32, "33e6b1092400eae5"},
                            {BlockCipher::tdes, two, 0, "bd2ebf9a3ba00361"},
                            {BlockCipher::tdes, two, 8, "4ff2ab813c53ce83"},
                            {BlockCipher::tdes, two, 20, "62dd1b471902bd4e"},
                            {BlockCipher::tdes, two, 32, "31b1e431dabc4eb8"}};
  for (const CmacCase& c : cases) EXPECT_EQ(hex_lower(cmac(c.cipher, c.key, ByteView(kMessage).first(c.size)).value()), c.mac);
}

TEST(Cmac, several_messages_under_one_key_are_the_same_as_one_by_one) {
  const ByteView message(kMessage);
  Bytes together(64);
  cmac_each(BlockCipher::aes, kAes256, {message, message.first(0), message.first(16), message.first(40)}, together);
  Bytes apart;
  for (const std::size_t size : {64U, 0U, 16U, 40U}) append(apart, cmac(BlockCipher::aes, kAes256, message.first(size)).value());
  EXPECT_EQ(together, apart);
}

}  // namespace
}  // namespace tf::crypto
