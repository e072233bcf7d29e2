#include "crypto/banking/key_block.hpp"

#include <algorithm>
#include <set>

#include "crypto/banking/key_check_value.hpp"
#include "crypto/block_cipher.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::key_block_vectors;
using test::outcome;
using test::secret;

const Bytes kKbpk = hex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6");
const std::string kKey = "3F419E1CB7079442AA37474C2EFBF8B8";

std::string wrapped(ByteView kbpk, const KeyBlockHeader& header, std::string_view key) {
  SystemRandom random;
  return wrap_key_block(kbpk, header, secret(key), random).value();
}

TEST(KeyBlock, opens_every_block_made_elsewhere) {
  const auto vectors = key_block_vectors();
  EXPECT_GE(vectors.size(), 50U);
  for (const auto& vector : vectors) {
    const auto opened = unwrap_key_block(vector.kbpk, vector.block);
    ASSERT_EQ(outcome(opened), "ok") << vector.id;
    EXPECT_EQ(wire::hex_upper(opened->key.reveal()), wire::hex_upper(vector.key)) << vector.id;
    EXPECT_EQ(opened->header, read_key_block_header(vector.block).value()) << vector.id;
  }
}

TEST(KeyBlock, opened_keys_have_the_check_values_their_makers_printed) {
  int compared = 0;
  for (const auto& vector : key_block_vectors()) {
    if (vector.kcv.empty()) continue;
    const auto opened = unwrap_key_block(vector.kbpk, vector.block).value();
    const BlockCipher cipher = opened.header.algorithm == 'T' ? BlockCipher::tdes : BlockCipher::aes;
    EXPECT_EQ(key_check_value(cipher, opened.key.reveal(), vector.kcv.size() / 2).value(), vector.kcv) << vector.id;
    ++compared;
  }
  EXPECT_GE(compared, 12);
}

TEST(KeyBlock, reads_hexadecimal_in_either_case) {
  for (const auto& vector : key_block_vectors()) {
    const std::size_t body = vector.block.size() - 48;  // ciphertext and MAC at least; header letters stay as they are
    std::string lower = vector.block;
    std::transform(lower.begin() + static_cast<std::ptrdiff_t>(body), lower.end(), lower.begin() + static_cast<std::ptrdiff_t>(body),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(outcome(unwrap_key_block(vector.kbpk, lower)), "ok") << vector.id;
  }
}

TEST(KeyBlock, a_block_of_the_standard_is_written_again_when_its_padding_is) {
  // X9.143:2021 8.1 with the random bytes that the example's payload holds behind the key
  const std::string block =
      "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77"
      "E7B19A73ED46E64410082557";
  test::FixedRandom random("1A87BBFA2CFE78D383E5F4C6AA83473C1C2965473CE206BB855B01533782");
  const auto header = KeyBlockHeader::parse16("D0000P0AE00E0000").value();
  EXPECT_EQ(wrap_key_block(kKbpk, header, secret(kKey), random).value(), block);
}

TEST(KeyBlock, what_is_wrapped_is_unwrapped_for_every_size_of_both_keys) {
  const std::string long_key(64, 'A');
  for (const char version : {'B', 'D'}) {
    for (const std::size_t kbpk_size : {16U, 24U, 32U}) {
      if (version == 'B' && kbpk_size == 32) continue;
      for (const char algorithm : {'T', 'A'}) {
        for (const std::size_t key_size : {16U, 24U, 32U}) {
          if (algorithm == 'T' && key_size == 32) continue;
          KeyBlockHeader header{.version = version, .algorithm = algorithm, .options = {{"KS", "00604B120F9292800000"}}};
          const std::string key = long_key.substr(0, 2 * key_size);
          const std::string block = wrapped(ByteView(kKbpk).first(kbpk_size), header, key);
          const auto opened = unwrap_key_block(ByteView(kKbpk).first(kbpk_size), block);
          ASSERT_EQ(outcome(opened), "ok") << block;
          EXPECT_EQ(wire::hex_upper(opened->key.reveal()), key);
          EXPECT_EQ(opened->header, header);
        }
      }
    }
  }
}

TEST(KeyBlock, the_length_of_a_block_does_not_tell_the_length_of_its_key) {
  for (const char* key : {"00112233445566778899AABBCCDDEEFF", "00112233445566778899AABBCCDDEEFF0011223344556677",
                          "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"}) {
    EXPECT_EQ(wrapped(kKbpk, {.version = 'D', .algorithm = 'A'}, key).size(), 144U);
    if (std::string_view(key).size() == 64) continue;
    EXPECT_EQ(wrapped(kKbpk, {.version = 'D', .algorithm = 'T'}, key).size(), 112U);
    EXPECT_EQ(wrapped(ByteView(kKbpk).first(16), {.version = 'B', .algorithm = 'T'}, key).size(), 96U);
  }
}

TEST(KeyBlock, two_wrappings_of_one_key_share_no_ciphertext) {
  std::set<std::string> bodies;
  for (int i = 0; i < 50; ++i) bodies.insert(wrapped(kKbpk, {}, kKey).substr(16, 32));
  EXPECT_EQ(bodies.size(), 50U);
}

TEST(KeyBlock, optional_blocks_come_back_in_their_order_and_padding_is_not_among_them) {
  const KeyBlockHeader header{.options = {{"TS", "20261101120000Z"}, {"KC", "0112345678AB"}, {"10", ""}}};
  const std::string block = wrapped(kKbpk, header, kKey);
  EXPECT_EQ(block.substr(12, 2), "04");
  EXPECT_NE(block.find("PB"), std::string::npos);
  EXPECT_EQ(unwrap_key_block(kKbpk, block).value().header.options, header.options);
}

TEST(KeyBlock, no_padding_block_is_written_where_none_is_needed) {
  const std::string block = wrapped(kKbpk, {.options = {{"KS", "00604B120F92"}}}, kKey);
  EXPECT_EQ(block.substr(12, 20), "0100KS1000604B120F92");
}

TEST(KeyBlock, padding_fits_whatever_the_optional_blocks_leave) {
  for (std::size_t size = 0; size <= 40; ++size) {
    for (const char version : {'B', 'D'}) {
      const KeyBlockHeader header{.version = version, .options = {{"LB", std::string(size, 'x')}}};
      const std::string block = wrapped(ByteView(kKbpk).first(16), header, kKey);
      EXPECT_EQ(read_key_block_header(block).value(), header) << block;
    }
  }
}

TEST(KeyBlock, long_optional_blocks_take_the_extended_length) {
  const KeyBlockHeader header{.options = {{"CT", std::string(251, 'x')}, {"PK", std::string(252, 'y')}, {"LB", std::string(7000, 'z')}}};
  const std::string block = wrapped(kKbpk, header, kKey);
  EXPECT_EQ(block.substr(16, 5), "CTFFx");
  EXPECT_EQ(block.substr(16 + 255, 11), "PK00040106y");
  EXPECT_EQ(block.substr(16 + 255 + 262, 11), "LB00041B62z");
  EXPECT_EQ(unwrap_key_block(kKbpk, block).value().header.options, header.options);
}

TEST(KeyBlock, a_block_holds_up_to_9999_characters) {
  KeyBlockHeader header{.options = {{"LB", std::string(9830, 'x')}}};
  EXPECT_EQ(wrapped(kKbpk, header, kKey).size(), 9984U);
  header.options[0].data.push_back('x');
  SystemRandom random;
  EXPECT_EQ(outcome(wrap_key_block(kKbpk, header, secret(kKey), random)), "invalid crypto.key_block_size");
}

TEST(KeyBlock, derivation_gives_the_keys_the_standard_prints) {
  // TR-31:2018 A.7.2.2: KBEK and KBAK of a two-key TDES KBPK
  const Bytes kbpk = hex("DD7515F2BFC17F85CE48F3CA25CB21F6");
  Bytes macs(32);
  cmac_each(BlockCipher::tdes, kbpk,
            {hex("0100000000000080"), hex("0200000000000080"), hex("0100010000000080"), hex("0200010000000080")}, macs);
  EXPECT_EQ(wire::hex_upper(macs), "698832F8778A7CFCBC79559DAB07B88ADD6CEEC1782D8453671BF8358AF9DB47");
}

}  // namespace
}  // namespace tf::crypto
