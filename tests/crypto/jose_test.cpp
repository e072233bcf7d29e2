// JWS. What a header says is believed only where it says what we expected.
#include "crypto/jose/jose.hpp"

#include "crypto/digest.hpp"
#include "tests/crypto/vectors.hpp"

namespace tf::crypto {
namespace {

using test::hex;
using test::outcome;
using wire::base64url;

constexpr std::string_view kTyp = "rki-test+jwt";
constexpr const char* kBadHeader = "malformed crypto.jose_header";
constexpr const char* kBadSignature = "refused crypto.jws";

Bytes from64(std::string_view text) { return wire::from_base64url(text).value(); }

// A JWS around any header, correctly signed.
std::string signed_with(const PrivateKey& key, std::string_view header, std::string_view payload = "{}") {
  const std::string input = base64url(as_bytes(header)) + "." + base64url(as_bytes(payload));
  return input + "." + base64url(sign_es256(key, as_bytes(input)).value());
}
std::string maced_with(ByteView key, std::string_view header) {
  const std::string input = base64url(as_bytes(header)) + "." + base64url(as_bytes("{}"));
  return input + "." + base64url(hmac_sha256(key, as_bytes(input)));
}

TEST(Jws, opens_what_another_implementation_made) {
  const auto es256 = test::jose_vector("ES256");
  EXPECT_EQ(jws_verify_es256(PublicKey::from_spki(es256.key).value(), test::kJoseVectorTyp, es256.compact).value(), es256.payload);
  const auto hs256 = test::jose_vector("HS256");
  EXPECT_EQ(jws_verify_hs256(hs256.key, test::kJoseVectorTyp, hs256.compact).value(), hs256.payload);
}

// RFC 7515 A.1
TEST(Jws, opens_the_hs256_example_of_the_standard) {
  const Bytes key = from64("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const std::string compact =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  EXPECT_EQ(jws_verify_hs256(key, "JWT", compact).value(), "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}");
}

// RFC 7515 A.3; its header has no "typ", so the signature alone is checked
TEST(Jws, verifies_the_es256_signature_of_the_standard) {
  Bytes point{4};
  append(point, from64("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"));
  append(point, from64("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
  const std::string input =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const std::string signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const auto key = PublicKey::from_point(point).value();
  EXPECT_TRUE(verify_es256(key, as_bytes(input), from64(signature)));
  EXPECT_FALSE(jws_verify_es256(key, "JWT", input + "." + signature));
}

TEST(Jws, carries_its_payload_and_its_chain) {
  const auto key = PrivateKey::generate_p256();
  const std::vector<Bytes> chain{hex("3001"), hex("300200")};
  const std::string compact = jws_sign_es256(key, kTyp, "payload", chain).value();
  const auto parsed = jws_parse_es256(compact, kTyp).value();
  EXPECT_EQ(parsed.chain, chain);
  EXPECT_EQ(as_text(parsed.payload), "payload");
  EXPECT_TRUE(verify_es256(key.public_key(), as_bytes(parsed.signing_input), parsed.signature));
  EXPECT_EQ(jws_verify_es256(key.public_key(), kTyp, compact).value(), "payload");
}

TEST(Jws, a_header_never_has_another_signers_chain) {
  const auto key = PrivateKey::generate_p256();
  const std::vector<std::vector<Bytes>> chains{{}, {hex("3001")}, {hex("3002")}, {hex("3002"), hex("3001")}, {}};
  for (int i = 0; i < 3; ++i) {
    for (const auto& chain : chains) {
      for (const char* typ : {"one", "other"}) {
        const auto parsed = jws_parse_es256(jws_sign_es256(key, typ, "payload", chain).value(), typ);
        EXPECT_EQ(parsed.value().chain, chain);
      }
    }
  }
}

TEST(Jws, reads_a_header_of_ours_that_others_spell_otherwise) {
  const auto key = PrivateKey::generate_p256();
  for (const char* header : {R"({"typ":"rki-test+jwt","alg":"ES256"})", R"({ "alg": "ES256", "typ": "rki-test+jwt" })", R"({"alg":"ES256","typ":"rki-test+jwt","x5c":[]})",
                             R"({"alg":"\u0045S256","typ":"rki-test+jwt"})"})
    EXPECT_EQ(outcome(jws_verify_es256(key.public_key(), kTyp, signed_with(key, header))), "ok") << header;
}

TEST(Jws, signs_with_a_key_that_is_elsewhere_and_passes_its_refusal_on) {
  const auto key = PrivateKey::generate_p256();
  const auto compact = jws_sign_es256([&](ByteView data) { return sign_es256(key, data); }, kTyp, "payload").value();
  EXPECT_EQ(outcome(jws_verify_es256(key.public_key(), kTyp, compact)), "ok");
  const Es256Signer sealed = [](ByteView) -> Result<Es256Signature> { return Error{Code::sealed, "vault.sealed", ""}; };
  EXPECT_EQ(outcome(jws_sign_es256(sealed, kTyp, "payload")), "sealed vault.sealed");
}

TEST(Jws, refuses_every_altered_character) {
  const auto key = PrivateKey::generate_p256();
  const Bytes secret(32, 3);
  const std::string es256 = jws_sign_es256(key, kTyp, "payload").value();
  const std::string hs256 = jws_sign_hs256(secret, kTyp, "payload");
  for (std::size_t i = 0; i < es256.size(); ++i) {
    std::string altered = es256;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(jws_verify_es256(key.public_key(), kTyp, altered)) << i;
  }
  for (std::size_t i = 0; i < hs256.size(); ++i) {
    std::string altered = hs256;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(jws_verify_hs256(secret, kTyp, altered)) << i;
  }
}

TEST(Jws, refuses_another_key) {
  const auto key = PrivateKey::generate_p256();
  EXPECT_EQ(outcome(jws_verify_es256(PrivateKey::generate_p256().public_key(), kTyp, jws_sign_es256(key, kTyp, "p").value())),
            kBadSignature);
  EXPECT_EQ(outcome(jws_verify_hs256(Bytes(32, 4), kTyp, jws_sign_hs256(Bytes(32, 3), kTyp, "p"))), kBadSignature);
}

TEST(Jws, the_message_does_not_choose_the_algorithm) {
  const auto key = PrivateKey::generate_p256();
  const auto verify = [&](std::string_view header) { return outcome(jws_verify_es256(key.public_key(), kTyp, signed_with(key, header))); };
  EXPECT_EQ(verify(R"({"alg":"ES256","typ":"rki-test+jwt"})"), "ok");
  for (const char* alg : {"none", "None", "HS256", "ES384", "RS256", "es256", "ES256 ", ""})
    EXPECT_EQ(verify("{\"alg\":\"" + std::string(alg) + "\",\"typ\":\"rki-test+jwt\"}"), kBadHeader) << alg;
  // the public key as an HMAC secret
  const std::string mac = maced_with(key.public_key().spki(), R"({"alg":"HS256","typ":"rki-test+jwt"})");
  EXPECT_EQ(outcome(jws_verify_es256(key.public_key(), kTyp, mac)), kBadHeader);
}

TEST(Jws, refuses_another_typ) {
  const auto key = PrivateKey::generate_p256();
  const auto verify = [&](std::string_view header) { return jws_verify_es256(key.public_key(), kTyp, signed_with(key, header)); };
  for (const char* header : {R"({"alg":"ES256","typ":"JWT"})", R"({"alg":"ES256","typ":"RKI-TEST+JWT"})", R"({"alg":"ES256","typ":""})",
                             R"({"alg":"ES256","typ":["rki-test+jwt"]})", R"({"alg":"ES256"})"})
    EXPECT_EQ(verify(header).error().code, Code::malformed) << header;
}

TEST(Jws, refuses_header_members_it_does_not_know) {
  const auto key = PrivateKey::generate_p256();
  for (const char* member : {R"("crit":["exp"])", R"("b64":false)", R"("zip":"DEF")", R"("kid":"1")", R"("jku":"https://example.com")",
                             R"("jwk":{})", R"("alg":"ES256")", R"("x5c":"text")", R"("x5c":[1])", R"("x5c":["*"])"}) {
    const std::string header = "{\"alg\":\"ES256\",\"typ\":\"rki-test+jwt\"," + std::string(member) + "}";
    EXPECT_EQ(jws_verify_es256(key.public_key(), kTyp, signed_with(key, header)).error().code, Code::malformed) << member;
  }
  EXPECT_FALSE(jws_verify_hs256(Bytes(32), kTyp, maced_with(Bytes(32), R"({"alg":"HS256","typ":"rki-test+jwt","x5c":[]})")));
}

TEST(Jws, refuses_what_is_not_three_parts_of_base64url) {
  const auto key = PrivateKey::generate_p256();
  const std::string good = jws_sign_es256(key, kTyp, "payload").value();
  const std::size_t last_dot = good.rfind('.');
  for (const std::string& wrong :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".", good + ".AA", good + "=", " " + good,
        good + "\n", good.substr(0, last_dot), good.substr(0, last_dot + 1), good.substr(last_dot), "{}" + good})
    EXPECT_FALSE(jws_verify_es256(key.public_key(), kTyp, wrong)) << wrong;
}

TEST(Jws, takes_at_most_four_certificates) {
  const auto key = PrivateKey::generate_p256();
  EXPECT_EQ(outcome(jws_parse_es256(jws_sign_es256(key, kTyp, "p", std::vector<Bytes>(4, Bytes(100))).value(), kTyp)), "ok");
  EXPECT_FALSE(jws_parse_es256(jws_sign_es256(key, kTyp, "p", std::vector<Bytes>(5, Bytes(100))).value(), kTyp));
  EXPECT_FALSE(jws_parse_es256(jws_sign_es256(key, kTyp, "p", {Bytes(9000)}).value(), kTyp));
}

}  // namespace
}  // namespace tf::crypto
