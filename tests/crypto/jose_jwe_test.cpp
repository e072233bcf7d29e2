// JWE: "dir" for conversations, ECDH-ES+A256KW for packages.
#include "crypto/aead.hpp"
#include "crypto/jose/jose.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::outcome;
using wire::base64url;

constexpr std::string_view kJweTyp = "rki-test+jwe";
constexpr const char* kGoodHeader = R"({"alg":"dir","enc":"A256GCM","typ":"rki-test+jwe"})";
constexpr const char* kNotAuthentic = "refused crypto.aead";

Secret<32> key_of(std::uint8_t byte) {
  ByteArray<32> bytes;
  bytes.fill(byte);
  return Secret<32>(bytes);
}

// A JWE "dir" around any header, correctly sealed.
std::string sealed_with(const Secret<32>& key, std::string_view header, std::string_view encrypted_key = "") {
  const std::string encoded = base64url(as_bytes(header));
  const Sealed sealed = aes256_gcm_seal(key, {}, as_bytes(encoded), as_bytes("{}"));
  return encoded + "." + std::string(encrypted_key) + "." + base64url(sealed.nonce) + "." + base64url(sealed.ciphertext) + "." +
         base64url(sealed.tag);
}

std::vector<std::string> parts_of(const std::string& compact) {
  std::vector<std::string> parts{""};
  for (const char c : compact) {
    if (c == '.') parts.emplace_back();
    else parts.back().push_back(c);
  }
  return parts;
}
std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ".") + part;
  return out;
}

TEST(Jwe, opens_what_another_implementation_made) {
  const auto dir = test::jose_vector("dir");
  const Secret<32> key(std::span<const std::uint8_t, 32>(dir.key));
  EXPECT_EQ(as_text(jwe_open_dir(key, test::kJoseVectorTyp, dir.compact).value().reveal()), dir.payload);
  const auto ecdh = test::jose_vector("ECDH-ES+A256KW");
  const auto recipient = PrivateKey::from_pkcs8(SecretBytes(ByteView(ecdh.key))).value();
  EXPECT_EQ(as_text(jwe_open_with(recipient, test::kJoseVectorTyp, ecdh.compact).value().reveal()), ecdh.payload);
}

TEST(JweDir, opens_with_the_key_it_was_sealed_with) {
  SystemRandom random;
  const std::string compact = jwe_seal_dir(key_of(1), random, kJweTyp, as_bytes("plaintext"));
  EXPECT_EQ(as_text(jwe_open_dir(key_of(1), kJweTyp, compact).value().reveal()), "plaintext");
  EXPECT_EQ(outcome(jwe_open_dir(key_of(2), kJweTyp, compact)), kNotAuthentic);
  EXPECT_NE(jwe_seal_dir(key_of(1), random, kJweTyp, as_bytes("plaintext")), compact);
}

TEST(JweDir, refuses_every_altered_character) {
  SystemRandom random;
  const std::string compact = jwe_seal_dir(key_of(1), random, kJweTyp, as_bytes("plaintext"));
  for (std::size_t i = 0; i < compact.size(); ++i) {
    std::string altered = compact;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(jwe_open_dir(key_of(1), kJweTyp, altered)) << i;
  }
}

TEST(JweDir, the_message_does_not_choose_the_algorithm_nor_the_type) {
  EXPECT_EQ(outcome(jwe_open_dir(key_of(1), kJweTyp, sealed_with(key_of(1), kGoodHeader))), "ok");
  for (const char* header : {R"({"alg":"dir","enc":"A128GCM","typ":"rki-test+jwe"})", R"({"alg":"A256KW","enc":"A256GCM","typ":"rki-test+jwe"})",
                             R"({"alg":"dir","enc":"A256GCM","typ":"JWT"})", R"({"alg":"dir","enc":"A256GCM"})",
                             R"({"alg":"dir","typ":"rki-test+jwe"})", R"({"enc":"A256GCM","typ":"rki-test+jwe"})", "[]", "{", ""})
    EXPECT_EQ(jwe_open_dir(key_of(1), kJweTyp, sealed_with(key_of(1), header)).error().code, Code::malformed) << header;
}

TEST(JweDir, refuses_header_members_it_does_not_know) {
  for (const char* member : {R"("zip":"DEF")", R"("crit":[])", R"("kid":"1")", R"("epk":{})", R"("p2c":1)", R"("enc":"A256GCM")"}) {
    const std::string header = R"({"alg":"dir","enc":"A256GCM","typ":"rki-test+jwe",)" + std::string(member) + "}";
    EXPECT_EQ(jwe_open_dir(key_of(1), kJweTyp, sealed_with(key_of(1), header)).error().code, Code::malformed) << member;
  }
}

TEST(JweDir, has_no_wrapped_key_and_five_parts) {
  EXPECT_FALSE(jwe_open_dir(key_of(1), kJweTyp, sealed_with(key_of(1), kGoodHeader, "AAAA")));
  const std::string good = sealed_with(key_of(1), kGoodHeader);
  for (const std::string& wrong : {good + ".", good + ".AA", good.substr(0, good.rfind('.')), std::string("...."), std::string()})
    EXPECT_FALSE(jwe_open_dir(key_of(1), kJweTyp, wrong)) << wrong;
}

TEST(JweDir, refuses_shortened_tags) {
  auto parts = parts_of(sealed_with(key_of(1), kGoodHeader));
  parts[4] = parts[4].substr(0, 16);  // 12 bytes
  EXPECT_EQ(outcome(jwe_open_dir(key_of(1), kJweTyp, joined(parts))), kNotAuthentic);
  parts[4].clear();
  EXPECT_EQ(outcome(jwe_open_dir(key_of(1), kJweTyp, joined(parts))), kNotAuthentic);
}

TEST(JweTo, opens_for_its_recipient_only) {
  SystemRandom random;
  const auto recipient = PrivateKey::generate_p256();
  const std::string compact = jwe_seal_to(recipient.public_key(), random, kJweTyp, as_bytes("package")).value();
  EXPECT_EQ(as_text(jwe_open_with(recipient, kJweTyp, compact).value().reveal()), "package");
  EXPECT_EQ(outcome(jwe_open_with(PrivateKey::generate_p256(), kJweTyp, compact)), kNotAuthentic);
  EXPECT_FALSE(jwe_open_with(recipient, "JWT", compact));
}

TEST(JweTo, refuses_every_altered_character) {
  SystemRandom random;
  const auto recipient = PrivateKey::generate_p256();
  const std::string compact = jwe_seal_to(recipient.public_key(), random, kJweTyp, as_bytes("package")).value();
  for (std::size_t i = 0; i < compact.size(); ++i) {
    std::string altered = compact;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(jwe_open_with(recipient, kJweTyp, altered)) << i;
  }
}

TEST(JweTo, refuses_wrapped_keys_of_any_other_size) {
  SystemRandom random;
  const auto recipient = PrivateKey::generate_p256();
  auto parts = parts_of(jwe_seal_to(recipient.public_key(), random, kJweTyp, as_bytes("package")).value());
  for (const std::size_t size : {0U, 1U, 8U, 15U, 16U, 24U, 39U, 41U, 48U, 400U}) {
    parts[1] = base64url(Bytes(size, 7));
    EXPECT_FALSE(jwe_open_with(recipient, kJweTyp, joined(parts))) << size;
  }
}

TEST(JweTo, refuses_an_ephemeral_key_that_is_none) {
  SystemRandom random;
  const auto recipient = PrivateKey::generate_p256();
  const auto parts = parts_of(jwe_seal_to(recipient.public_key(), random, kJweTyp, as_bytes("package")).value());
  const std::string x(43, 'A');
  const auto open = [&](const std::string& epk) {
    auto changed = parts;
    changed[0] = base64url(as_bytes(R"({"alg":"ECDH-ES+A256KW","enc":"A256GCM","typ":"rki-test+jwe")" + epk + "}"));
    return jwe_open_with(recipient, kJweTyp, joined(changed)).error().code;
  };
  EXPECT_EQ(open(""), Code::malformed);
  EXPECT_EQ(open(R"(,"epk":"text")"), Code::malformed);
  EXPECT_EQ(open(R"(,"epk":{"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + x + R"("})"), Code::malformed);  // off the curve
  EXPECT_EQ(open(R"(,"epk":{"kty":"EC","crv":"P-384","x":")" + x + R"(","y":")" + x + R"("})"), Code::malformed);
  EXPECT_EQ(open(R"(,"epk":{"kty":"OKP","crv":"P-256","x":")" + x + R"(","y":")" + x + R"("})"), Code::malformed);
  EXPECT_EQ(open(R"(,"epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"), Code::malformed);
  EXPECT_EQ(open(R"(,"epk":{"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + x + R"(","d":"AA"})"), Code::malformed);
}

TEST(JweTo, an_rsa_key_is_no_recipient) {
  SystemRandom random;
  EXPECT_FALSE(jwe_seal_to(PrivateKey::generate_rsa(2048).public_key(), random, kJweTyp, as_bytes("package")));
}

}  // namespace
}  // namespace tf::crypto
