#include "crypto/keys.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

std::string derived(std::string_view passphrase, std::string_view salt, ScryptCost cost) {
  return wire::hex_lower(scrypt(SecretBytes(as_bytes(passphrase)), as_bytes(salt), cost).value().reveal());
}

// RFC 7914 §12, the first 32 bytes of each
TEST(Scrypt, gives_the_published_keys) {
  EXPECT_EQ(derived("", "", {16, 1, 1}), "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442");
  EXPECT_EQ(derived("password", "NaCl", {1024, 8, 16}), "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
  EXPECT_EQ(derived("pleaseletmein", "SodiumChloride", {16384, 8, 1}), "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST(Scrypt, refuses_a_cost_that_does_not_exist) {
  const SecretBytes passphrase(as_bytes("x"));
  EXPECT_FALSE(scrypt(passphrase, {}, {0, 8, 1}));
  EXPECT_FALSE(scrypt(passphrase, {}, {1000, 8, 1}));
}

}  // namespace
}  // namespace tf::crypto
