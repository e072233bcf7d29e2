#include "crypto/aead.hpp"

#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;
using wire::hex_lower;

constexpr const char* kRefused = "refused crypto.aead";

Secret<32> key_of(std::string_view text) { return Secret<32>(test::hex_array<32>(text)); }

struct GcmCase {
  const char* key;
  const char* nonce;
  const char* plain;
  const char* aad;
  const char* cipher;
  const char* tag;
};

const char* const kZeroKey = "0000000000000000000000000000000000000000000000000000000000000000";
// Test cases 13, 14 and 16 of the GCM submission to NIST
const GcmCase kCases[] = {
    {kZeroKey, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {kZeroKey, "000000000000000000000000", "00000000000000000000000000000000", "", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"}};

TEST(Aes256Gcm, gives_the_published_ciphertexts) {
  for (const GcmCase& c : kCases) {
    const Sealed sealed = aes256_gcm_seal(key_of(c.key), test::hex_array<12>(c.nonce), hex(c.aad), hex(c.plain));
    EXPECT_EQ(hex_lower(sealed.ciphertext), c.cipher);
    EXPECT_EQ(hex_lower(sealed.tag), c.tag);
    const auto opened = aes256_gcm_open(key_of(c.key), sealed.nonce, hex(c.aad), sealed.ciphertext, sealed.tag);
    ASSERT_EQ(outcome(opened), "ok");
    EXPECT_EQ(hex_lower(opened->reveal()), c.plain);
  }
}

TEST(Aes256Gcm, refuses_every_altered_bit_with_one_error) {
  const GcmCase& c = kCases[2];
  const auto key = key_of(c.key);
  const Bytes parts[] = {hex(c.nonce), hex(c.aad), hex(c.cipher), hex(c.tag)};
  for (std::size_t part = 0; part < 4; ++part) {
    for (std::size_t bit = 0; bit < parts[part].size() * 8; ++bit) {
      Bytes altered[] = {parts[0], parts[1], parts[2], parts[3]};
      altered[part][bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_EQ(outcome(aes256_gcm_open(key, altered[0], altered[1], altered[2], altered[3])), kRefused);
    }
  }
}

TEST(Aes256Gcm, refuses_shortened_tags_and_nonces) {
  const GcmCase& c = kCases[2];
  const auto key = key_of(c.key);
  const Bytes nonce = hex(c.nonce), aad = hex(c.aad), cipher = hex(c.cipher), tag = hex(c.tag);
  for (std::size_t size = 0; size < 16; ++size)
    EXPECT_EQ(outcome(aes256_gcm_open(key, nonce, aad, cipher, ByteView(tag).first(size))), kRefused);
  EXPECT_EQ(outcome(aes256_gcm_open(key, ByteView(nonce).first(11), aad, cipher, tag)), kRefused);
  EXPECT_EQ(outcome(aes256_gcm_open(key, {}, aad, cipher, tag)), kRefused);
  EXPECT_EQ(outcome(aes256_gcm_open(key_of(kZeroKey), nonce, aad, cipher, tag)), kRefused);
}

TEST(Blob, opens_with_its_key_and_its_place_only) {
  SystemRandom random;
  const auto key = key_of(kCases[2].key);
  const Bytes blob = seal_blob(key, random, as_bytes("table/7/1"), as_bytes("secret"));
  EXPECT_EQ(blob.size(), 12U + 6 + 16);
  EXPECT_EQ(as_text(open_blob(key, as_bytes("table/7/1"), blob).value().reveal()), "secret");
  EXPECT_EQ(outcome(open_blob(key, as_bytes("table/8/1"), blob)), kRefused);
  EXPECT_EQ(outcome(open_blob(key_of(kZeroKey), as_bytes("table/7/1"), blob)), kRefused);
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_EQ(outcome(open_blob(key, as_bytes("table/7/1"), ByteView(blob).first(size))), kRefused);
}

TEST(Blob, takes_a_new_nonce_each_time) {
  SystemRandom random;
  const auto key = key_of(kZeroKey);
  EXPECT_NE(seal_blob(key, random, {}, as_bytes("same")), seal_blob(key, random, {}, as_bytes("same")));
}

}  // namespace
}  // namespace tf::crypto
