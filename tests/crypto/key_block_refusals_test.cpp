// A key block that anybody touched is refused, and the refusal tells nothing about the key.
#include <algorithm>

#include "crypto/banking/key_block.hpp"
#include "crypto/block_cipher.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::key_block_vectors;
using test::outcome;
using test::secret;

constexpr const char* kBlockRefused = "refused crypto.key_block_mac";

// A block of version D around any payload, as its legitimate maker could have made it.
std::string authentic_block(ByteView kbpk, const std::string& header, const Bytes& payload) {
  Bytes keys(64);
  cmac_each(BlockCipher::aes, kbpk,
            {hex("0100000000040100"), hex("0200000000040100"), hex("0100010000040100"), hex("0200010000040100")}, keys);
  Bytes message = to_bytes(as_bytes(header));
  append(message, payload);
  const Bytes mac = cmac(BlockCipher::aes, ByteView(keys).last(32), message).value();
  const auto ciphertext = cbc(BlockCipher::aes, Direction::encrypt, ByteView(keys).first(32), mac, payload).value();
  return header + wire::hex_upper(ciphertext.reveal()) + wire::hex_upper(mac);
}

TEST(KeyBlockRefusals, every_changed_character_of_every_published_block) {
  for (const auto& vector : key_block_vectors()) {
    if (vector.block.size() > 200) continue;
    for (std::size_t i = 0; i < vector.block.size(); ++i) {
      for (const char other : std::string("0123456789ABCDEFKPNSTXcz ")) {
        if (std::toupper(static_cast<unsigned char>(other)) == std::toupper(static_cast<unsigned char>(vector.block[i]))) continue;
        std::string changed = vector.block;
        changed[i] = other;
        EXPECT_FALSE(unwrap_key_block(vector.kbpk, changed)) << vector.id << " at " << i << " " << other;
      }
    }
  }
}

TEST(KeyBlockRefusals, every_changed_bit_behind_the_header_is_the_same_refusal) {
  for (const auto& vector : key_block_vectors()) {
    if (vector.block.size() > 200) continue;
    for (std::size_t i = vector.block.size() - 56; i < vector.block.size(); ++i) {
      std::string changed = vector.block;
      const char old = changed[i];
      changed[i] = old == '7' ? '8' : '7';
      EXPECT_EQ(outcome(unwrap_key_block(vector.kbpk, changed)), kBlockRefused) << vector.id << " at " << i;
    }
  }
}

TEST(KeyBlockRefusals, every_truncation_and_every_extension) {
  for (const auto& vector : key_block_vectors()) {
    for (std::size_t size = 0; size < vector.block.size(); ++size)
      EXPECT_FALSE(unwrap_key_block(vector.kbpk, vector.block.substr(0, size))) << vector.id << " cut to " << size;
    EXPECT_FALSE(unwrap_key_block(vector.kbpk, vector.block + "00"));
  }
}

TEST(KeyBlockRefusals, truncations_with_a_length_field_that_agrees) {
  for (const auto& vector : key_block_vectors()) {
    for (std::size_t size = 16; size < vector.block.size(); ++size) {
      std::string cut = vector.block.substr(0, size);
      const std::string length = std::to_string(size);
      cut.replace(1, 4, std::string(4 - length.size(), '0') + length);
      EXPECT_FALSE(unwrap_key_block(vector.kbpk, cut)) << vector.id << " cut to " << size;
    }
  }
}

TEST(KeyBlockRefusals, another_protection_key) {
  for (const auto& vector : key_block_vectors()) {
    for (std::size_t i = 0; i < vector.kbpk.size(); ++i) {
      Bytes other = vector.kbpk;
      other[i] ^= 0x10;
      EXPECT_EQ(outcome(unwrap_key_block(other, vector.block)), kBlockRefused) << vector.id;
    }
  }
}

TEST(KeyBlockRefusals, a_header_moved_to_another_key) {
  SystemRandom random;
  const Bytes kbpk(32, 7);
  const std::string pin = wrap_key_block(kbpk, {.usage = "P0", .mode = 'E'}, SecretBytes(16), random).value();
  const std::string mac = wrap_key_block(kbpk, {.usage = "M6", .mode = 'G'}, SecretBytes(16), random).value();
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, mac.substr(0, 16) + pin.substr(16))), kBlockRefused);
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, pin.substr(0, pin.size() - 32) + mac.substr(mac.size() - 32))), kBlockRefused);
}

TEST(KeyBlockRefusals, lies_about_the_length_of_the_key_in_an_authentic_block) {
  const Bytes kbpk(32, 7);
  const std::string header = "D0144K1AN00N0000";
  const auto with_bits = [&](unsigned bits) {
    Bytes payload(48, 0x5a);
    payload[0] = static_cast<std::uint8_t>(bits >> 8);
    payload[1] = static_cast<std::uint8_t>(bits);
    return outcome(unwrap_key_block(kbpk, authentic_block(kbpk, header, payload)));
  };
  EXPECT_EQ(with_bits(128), "ok");
  EXPECT_EQ(with_bits(256), "ok");
  for (const unsigned bits : {0U, 1U, 64U, 127U, 129U, 160U, 250U, 264U, 368U, 376U, 384U, 4096U, 65528U, 65535U})
    EXPECT_EQ(with_bits(bits), kBlockRefused) << bits;
}

TEST(KeyBlockRefusals, a_single_des_key_that_calls_itself_triple) {
  const Bytes kbpk(32, 7);
  Bytes payload(32, 0x5a);
  payload[0] = 0;
  payload[1] = 64;
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, authentic_block(kbpk, "D0112P0TE00N0000", payload))), kBlockRefused);
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, authentic_block(kbpk, "D0112P0DE00N0000", payload))), "ok");
}

TEST(KeyBlockRefusals, payloads_that_are_not_whole_blocks_or_not_hexadecimal) {
  const Bytes kbpk(32);
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, "D0016K1AN00N0000")), "malformed crypto.key_block_length");
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, "D0048K1AN00N0000" + std::string(32, '0'))), "malformed crypto.key_block_length");
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, "D0082K1AN00N0000" + std::string(66, '0'))), "malformed crypto.key_block_length");
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, "D0081K1AN00N0000" + std::string(65, '0'))), "malformed wire.not_hex");
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, "D0080K1AN00N0000" + std::string(63, '0') + "g")), "malformed wire.not_hex");
  EXPECT_EQ(outcome(unwrap_key_block(kbpk, "D0080K1AN00N0000" + std::string(64, '0'))), kBlockRefused);
}

TEST(KeyBlockRefusals, protection_keys_whose_size_does_not_fit_the_version) {
  SystemRandom random;
  for (const auto& vector : key_block_vectors()) {
    for (const std::size_t size : {0U, 8U, 15U, 17U, 33U})
      EXPECT_EQ(outcome(unwrap_key_block(Bytes(size), vector.block)), "invalid crypto.kbpk_size") << vector.id;
    if (vector.block[0] != 'D')
      EXPECT_EQ(outcome(unwrap_key_block(Bytes(32), vector.block)), "invalid crypto.kbpk_size") << vector.id;
  }
  EXPECT_EQ(outcome(wrap_key_block(Bytes(32), {.version = 'B', .algorithm = 'T'}, SecretBytes(16), random)), "invalid crypto.kbpk_size");
  EXPECT_EQ(outcome(wrap_key_block(Bytes(8), {}, SecretBytes(16), random)), "invalid crypto.kbpk_size");
}

TEST(KeyBlockRefusals, versions_by_variants_are_read_and_never_written) {
  SystemRandom random;
  for (const char version : {'A', 'C', 'E', 'd'})
    EXPECT_EQ(outcome(wrap_key_block(Bytes(16), {.version = version, .algorithm = 'T'}, SecretBytes(16), random)),
              "invalid crypto.key_block_version");
}

TEST(KeyBlockRefusals, keys_that_their_algorithm_does_not_have) {
  SystemRandom random;
  const auto wrap = [&](char algorithm, std::size_t size) {
    return outcome(wrap_key_block(Bytes(32), {.algorithm = algorithm}, SecretBytes(size), random));
  };
  for (const std::size_t size : {0U, 8U, 15U, 20U, 40U}) EXPECT_EQ(wrap('A', size), "invalid crypto.key_size") << size;
  for (const std::size_t size : {0U, 8U, 32U}) EXPECT_EQ(wrap('T', size), "invalid crypto.key_size") << size;
  for (const char algorithm : {'R', 'E', 'H'}) {
    EXPECT_EQ(wrap(algorithm, 0), "invalid crypto.key_size");
    EXPECT_EQ(wrap(algorithm, 1), "ok");
    EXPECT_EQ(wrap(algorithm, 4900), "ok");
    EXPECT_EQ(wrap(algorithm, 4980), "invalid crypto.key_block_size");
    EXPECT_EQ(wrap(algorithm, 70000), "invalid crypto.key_size");
  }
}

}  // namespace
}  // namespace tf::crypto
