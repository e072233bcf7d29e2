// The derivations against vectors/rki/derivations.json, computed independently with Node's crypto
// (vectors/make_rki.mjs).
#include "base/file.hpp"
#include "protocols/rki/keys.hpp"
#include "tests/rki/scene.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::rki::test {
namespace {

using wire::JsonObject;

class Vectors : public ::testing::Test {
 protected:
  static std::vector<JsonObject> cases(std::string_view name) {
    const Bytes file = must(read_file(TRUSTFERRY_SOURCE_DIR "/vectors/rki/derivations.json", 64 * 1024));
    auto all = must(JsonObject::parse(as_text(file)));
    auto out = must(all.objects(name, 16));
    EXPECT_GE(out.size(), 2U);
    return out;
  }
};

Bytes hex(JsonObject& object, std::string_view name) { return must(wire::from_hex(must(object.text(name)))); }
SecretBytes secret(JsonObject& object, std::string_view name) { return SecretBytes(ByteView(hex(object, name))); }
Secret<32> secret32(JsonObject& object, std::string_view name) {
  const Bytes bytes = hex(object, name);
  return Secret<32>(ByteView(bytes).first<32>());
}
Hash256 hash(JsonObject& object, std::string_view name) {
  Hash256 out{};
  std::ranges::copy(hex(object, name), out.begin());
  return out;
}
template <class T>
Bytes revealed(const T& secret) {
  return to_bytes(secret.reveal());
}

TEST_F(Vectors, derive_the_classic_dik2_as_the_source_states_it) {
  for (JsonObject& vector : cases("classic_dik2")) {
    const Bytes dik1 = hex(vector, "dik1");
    const Bytes factor = hex(vector, "factor");
    const std::string dsn = must(vector.text("dsn"));
    const auto data1 = classic_data1(dsn);
    EXPECT_EQ(Bytes(data1.begin(), data1.end()), hex(vector, "data1"));
    EXPECT_EQ(revealed(must(classic_dik2_from_key1(secret(vector, "key1"), factor))), hex(vector, "dik2"));
    EXPECT_EQ(revealed(must(classic_dik2(dik1, dsn, factor))), hex(vector, "dik2"));
  }
}

TEST_F(Vectors, derive_the_modern_dik2) {
  for (JsonObject& vector : cases("modern_dik2"))
    EXPECT_EQ(revealed(modern_dik2(secret32(vector, "dik1"), must(vector.text("dsn")), hex(vector, "factor"))),
              hex(vector, "dik2"));
}

TEST_F(Vectors, hash_the_transcript) {
  for (JsonObject& vector : cases("transcript")) {
    const auto bodies = must(vector.texts("bodies", 8));
    const auto hashes = must(vector.texts("hashes", 9));
    Transcript transcript;
    ASSERT_EQ(hashes.size(), bodies.size() + 1);
    EXPECT_EQ(wire::hex_upper(transcript.hash()), hashes[0]);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      EXPECT_EQ(wire::hex_upper(transcript.with(bodies[i])), hashes[i + 1]);
      transcript.add(bodies[i]);
      EXPECT_EQ(wire::hex_upper(transcript.hash()), hashes[i + 1]);
    }
  }
}

TEST_F(Vectors, seal_and_open_the_classic_token) {
  for (JsonObject& vector : cases("classic_token")) {
    const SecretBytes dik2 = secret(vector, "dik2");
    const ClassicTokenKeys keys = classic_token_keys(dik2);
    EXPECT_EQ(revealed(keys.encryption), hex(vector, "encryption"));
    EXPECT_EQ(revealed(keys.mac), hex(vector, "mac"));
    ByteArray<8> iv{};
    std::ranges::copy(hex(vector, "iv"), iv.begin());
    const Hash256 transcript = hash(vector, "transcript");
    EXPECT_EQ(must(classic_seal_token(dik2, transcript, iv, secret(vector, "at_tk1"))), hex(vector, "token"));
    EXPECT_EQ(revealed(must(classic_open_token(dik2, transcript, hex(vector, "token")))), hex(vector, "at_tk1"));
  }
}

TEST_F(Vectors, derive_the_keys_of_a_modern_conversation) {
  for (JsonObject& vector : cases("modern_keys")) {
    const Hash256 transcript = hash(vector, "transcript");
    const Secret<32> z = secret32(vector, "z");
    EXPECT_EQ(revealed(modern_factor_key(z, transcript)), hex(vector, "factor_key"));
    const Secret<32> k = modern_k(z, secret32(vector, "dik2"), transcript);
    EXPECT_EQ(revealed(k), hex(vector, "k"));
    EXPECT_EQ(revealed(modern_subkey(k, "rki server token", transcript)), hex(vector, "subkey"));
    const SecretBytes both = xor_components(secret(vector, "tk1"), secret(vector, "tk2"));
    EXPECT_EQ(revealed(modern_tk(k, both, transcript)), hex(vector, "tk"));
  }
}

TEST_F(Vectors, derive_what_hangs_from_tk) {
  for (JsonObject& vector : cases("transport_keys")) {
    const Hash256 transcript = hash(vector, "transcript");
    for (const Suite suite : {Suite::classic, Suite::modern}) {
      const std::string prefix(name_of(suite));
      const SecretBytes tk = secret(vector, prefix + "_tk");
      EXPECT_EQ(revealed(transport_subkey(suite, tk, "rki delivery mac", transcript)),
                hex(vector, prefix + "_delivery_mac"));
      EXPECT_EQ(revealed(transport_kbpk(suite, tk, transcript)), hex(vector, prefix + "_kbpk"));
    }
  }
}

}  // namespace
}  // namespace tf::rki::test
