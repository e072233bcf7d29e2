#include "crypto/digest.hpp"

#include <numeric>
#include <thread>

#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using wire::hex_lower;

Bytes counting(unsigned from, std::size_t size) {
  Bytes out(size);
  std::iota(out.begin(), out.end(), static_cast<std::uint8_t>(from));
  return out;
}

// FIPS 180-4, the examples of NIST
TEST(Sha256, gives_the_published_digests) {
  EXPECT_EQ(hex_lower(sha256(ByteView())), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_lower(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_lower(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_lower(sha256(as_bytes(std::string(1'000'000, 'a')))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, of_parts_is_that_of_the_whole) {
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), sha256(as_bytes("abc")));
}

TEST(Sha256, threads_do_not_disturb_each_other) {
  std::vector<std::thread> threads;
  std::array<bool, 4> right{};
  for (std::size_t t = 0; t < right.size(); ++t) {
    threads.emplace_back([t, &right] {
      const Bytes data(100 + t, static_cast<std::uint8_t>(t));
      const Hash256 expected = sha256(data);
      right[t] = true;
      for (int i = 0; i < 2000; ++i) right[t] = right[t] && sha256(data) == expected && hmac_sha256(data, data) == hmac_sha256(data, data);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const bool ok : right) EXPECT_TRUE(ok);
}

// RFC 4231 §4
TEST(HmacSha256, gives_the_published_values) {
  const auto mac = [](ByteView key, std::string_view data) { return hex_lower(hmac_sha256(key, as_bytes(data))); };
  EXPECT_EQ(mac(Bytes(20, 0x0b), "Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac(as_bytes("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(Bytes(20, 0xaa), std::string(50, '\xdd')), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(mac(counting(1, 25), std::string(50, '\xcd')), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(mac(Bytes(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(mac(Bytes(131, 0xaa),
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
                "hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(HmacSha256, verifies_the_right_value_and_nothing_else) {
  const Bytes key(32, 1);
  const Hash256 mac = hmac_sha256(key, as_bytes("message"));
  EXPECT_TRUE(verify_hmac_sha256(key, as_bytes("message"), mac));
  EXPECT_FALSE(verify_hmac_sha256(key, as_bytes("Message"), mac));
  EXPECT_FALSE(verify_hmac_sha256(Bytes(32, 2), as_bytes("message"), mac));
  EXPECT_FALSE(verify_hmac_sha256(key, as_bytes("message"), ByteView(mac).first(31)));
  EXPECT_FALSE(verify_hmac_sha256(key, as_bytes("message"), {}));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Hash256 other = mac;
    other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(verify_hmac_sha256(key, as_bytes("message"), other));
  }
}

TEST(HmacSha256, an_empty_key_does_not_reuse_the_one_before) {
  const Hash256 expected = hex_lower(hmac_sha256({}, {})).empty() ? Hash256{} : hmac_sha256({}, {});
  EXPECT_EQ(hex_lower(expected), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  hmac_sha256(Bytes(32, 7), as_bytes("something else"));
  EXPECT_EQ(hmac_sha256({}, {}), expected);
}

struct HkdfCase {
  Bytes input, salt, info;
  const char* prk;
  const char* output;
};

// RFC 5869 appendix A
TEST(Hkdf, gives_the_published_keys) {
  const HkdfCase cases[] = {
      {Bytes(22, 0x0b), counting(0, 13), counting(0xf0, 10), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {counting(0, 80), counting(0x60, 80), counting(0xb0, 80), "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9"
       "aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {Bytes(22, 0x0b), {}, {}, "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"}};
  for (const HkdfCase& c : cases) {
    const Secret<32> prk = hkdf_extract(c.salt, c.input);
    EXPECT_EQ(hex_lower(prk.reveal()), c.prk);
    Bytes out(std::string_view(c.output).size() / 2);
    hkdf_expand(prk.reveal(), "", c.info, out);
    EXPECT_EQ(hex_lower(out), c.output);
  }
}

TEST(Hkdf, label_and_context_are_one_info) {
  const Secret<32> prk = hkdf_extract({}, as_bytes("input"));
  EXPECT_EQ(hkdf_expand<32>(prk, "label", as_bytes("context")), hkdf_expand<32>(prk, "labelcontext"));
  EXPECT_FALSE(hkdf_expand<32>(prk, "label") == hkdf_expand<32>(prk, "other"));
}

}  // namespace
}  // namespace tf::crypto
