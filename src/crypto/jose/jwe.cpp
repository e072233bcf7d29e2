// JWE: "dir" with A256GCM for conversations, ECDH-ES+A256KW (RFC 7518 §4.6) for packages.
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/aead.hpp"
#include "crypto/handles.hpp"
#include "crypto/jose/header.hpp"
#include "crypto/jose/jose.hpp"
#include "wire/encoding.hpp"

namespace tf::crypto {
namespace {

using wire::base64url;

std::string body(const Secret<32>& key, Random& random, const std::string& header, std::string_view encrypted_key,
                 ByteView plaintext) {
  const Sealed sealed = aes256_gcm_seal(key, random.array<12>(), as_bytes(header), plaintext);
  std::string out = header;
  out.append(".").append(encrypted_key);
  out.append(".").append(base64url(sealed.nonce));
  out.append(".").append(base64url(sealed.ciphertext));
  out.append(".").append(base64url(sealed.tag));
  return out;
}

Result<SecretBytes> open_body(const Secret<32>& key, const std::vector<std::string_view>& parts) {
  const Bytes nonce = TF_TRY(wire::from_base64url(parts[2]));
  const Bytes ciphertext = TF_TRY(wire::from_base64url(parts[3]));
  const Bytes tag = TF_TRY(wire::from_base64url(parts[4]));
  return aes256_gcm_open(key, nonce, as_bytes(parts[0]), ciphertext, tag);
}

// Concat KDF (SP 800-56A §5.8.1) as RFC 7518 §4.6.2 uses it: one round of SHA-256 over counter, Z and OtherInfo.
Secret<32> agreed_key(const Secret<32>& z) {
  static constexpr std::string_view alg = "ECDH-ES+A256KW";
  Bytes info;
  const auto number = [&info](std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) info.push_back(static_cast<std::uint8_t>(value >> shift));
  };
  number(alg.size());
  append(info, as_bytes(alg));
  number(0);    // PartyUInfo
  number(0);    // PartyVInfo
  number(256);  // SuppPubInfo: key length in bits
  static const EvpKdf kdf(EVP_KDF_fetch(nullptr, "SSKDF", nullptr));
  const EvpKdfCtx ctx(EVP_KDF_CTX_new(kdf.get()));
  char digest[] = "SHA256";
  auto* key = const_cast<std::uint8_t*>(z.reveal().data());
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, z.size()),
                               OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
                               OSSL_PARAM_construct_end()};
  Secret<32> out;
  must(EVP_KDF_derive(ctx.get(), out.reveal_mutable().data(), out.size(), params) == 1, "SSKDF");
  return out;
}

// AES-256 key wrap (RFC 3394) of a 32-byte key: 40 bytes.
Result<Bytes> wrap_key(const Secret<32>& kek, ByteView in, bool wrap) {
  static const EvpCipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr));
  const EvpCipherCtx ctx(EVP_CIPHER_CTX_new());
  EVP_CIPHER_CTX_set_flags(ctx.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  Bytes out(in.size() + 16);
  int size = 0;
  if (EVP_CipherInit_ex2(ctx.get(), cipher.get(), kek.reveal().data(), nullptr, wrap ? 1 : 0, nullptr) != 1 ||
      EVP_CipherUpdate(ctx.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) != 1) {
    ERR_clear_error();
    return Error{Code::refused, "crypto.aead", "the ciphertext does not authenticate"};
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

std::string jwe_seal_dir(const Secret<32>& key, Random& random, std::string_view typ, ByteView plaintext) {
  return body(key, random, jose_header("dir", "A256GCM", typ, {}), "", plaintext);
}

Result<SecretBytes> jwe_open_dir(const Secret<32>& key, std::string_view typ, std::string_view compact) {
  const auto parts = TF_TRY(jose_parts(compact, 5));
  if (!jose_is_our_header(parts[0], "dir", "A256GCM", typ)) {
    const auto header = TF_TRY(jose_read_header(parts[0], "dir", "A256GCM", typ));
    TF_CHECK(header.finish());
  }
  if (!parts[1].empty()) return Error{Code::malformed, "crypto.jose_parts", "a wrapped key where none belongs"};
  return open_body(key, parts);
}

namespace {

// The parts of a header that all our JWEs to a public key have.
wire::JsonWriter recipient_header(std::string_view alg, std::string_view typ, std::string_view kid) {
  wire::JsonWriter writer;
  writer.begin_object().member("alg", alg).member("enc", "A256GCM").member("typ", typ);
  if (!kid.empty()) writer.member("kid", kid);
  return writer;
}

Result<std::string> seal_p256(const PublicKey& recipient, std::string_view kid, Random& random, std::string_view typ, ByteView plaintext) {
  const PrivateKey ephemeral = PrivateKey::generate_p256();
  const EcPoint point = ephemeral.public_key().point();
  wire::JsonWriter writer = recipient_header("ECDH-ES+A256KW", typ, kid);
  writer.key("epk").begin_object().member("kty", "EC").member("crv", "P-256");
  writer.member("x", base64url(ByteView(point).subspan(1, 32))).member("y", base64url(ByteView(point).last(32)));
  writer.end_object().end_object();
  const Secret<32> kek = agreed_key(TF_TRY(ecdh_p256(ephemeral, recipient)));
  Secret<32> content_key;
  random.fill(content_key.reveal_mutable());
  const Bytes wrapped = TF_TRY(wrap_key(kek, content_key.reveal(), true));
  return body(content_key, random, base64url(as_bytes(writer.text())), base64url(wrapped), plaintext);
}

Result<std::string> seal_rsa(const PublicKey& recipient, std::string_view kid, Random& random, std::string_view typ, ByteView plaintext) {
  wire::JsonWriter writer = recipient_header("RSA-OAEP-256", typ, kid);
  writer.end_object();
  Secret<32> content_key;
  random.fill(content_key.reveal_mutable());
  const Bytes wrapped = TF_TRY(oaep_encrypt(recipient, content_key.reveal()));
  return body(content_key, random, base64url(as_bytes(writer.text())), base64url(wrapped), plaintext);
}

Result<PublicKey> ephemeral_of(wire::JsonObject& header) {
  auto epk = TF_TRY(header.object("epk"));
  if (TF_TRY(epk.text("kty", 8)) != "EC" || TF_TRY(epk.text("crv", 8)) != "P-256")
    return Error{Code::malformed, "crypto.jose_header", "epk is not a P-256 key"};
  Bytes point{4};
  append(point, TF_TRY(epk.base64url<32>("x")));
  append(point, TF_TRY(epk.base64url<32>("y")));
  TF_CHECK(epk.finish());
  return PublicKey::from_point(point);
}

Result<SecretBytes> open_with_content_key(SecretBytes content, const std::vector<std::string_view>& parts) {
  if (content.size() != 32) return Error{Code::refused, "crypto.aead", "the ciphertext does not authenticate"};
  return open_body(Secret<32>(content.reveal().first<32>()), parts);
}

}  // namespace

Result<std::string> jwe_seal_to(const PublicKey& recipient, Random& random, std::string_view typ, ByteView plaintext) {
  return seal_p256(recipient, "", random, typ, plaintext);
}

Result<std::string> jwe_seal_to(const PublicKey& recipient, std::string_view kid, Random& random, std::string_view typ, ByteView plaintext) {
  return recipient.kind() == KeyKind::p256 ? seal_p256(recipient, kid, random, typ, plaintext)
                                           : seal_rsa(recipient, kid, random, typ, plaintext);
}

Result<SecretBytes> jwe_open_with(const PrivateKey& recipient, std::string_view typ, std::string_view compact) {
  return jwe_open({.kind = KeyKind::p256, .agree = [&](const PublicKey& peer) { return ecdh_p256(recipient, peer); }, .decrypt = {}},
                  "", typ, compact);
}

Result<std::string> jwe_kid(std::string_view compact) {
  const auto parts = TF_TRY(jose_parts(compact, 5));
  const Bytes text = TF_TRY(wire::from_base64url(parts[0]));
  auto header = TF_TRY(wire::JsonObject::parse(as_text(text), {.size = 16 * 1024, .depth = 3}));
  return header.text("kid", 64);
}

Result<SecretBytes> jwe_open(const JweRecipient& recipient, std::string_view kid, std::string_view typ, std::string_view compact) {
  const bool p256 = recipient.kind == KeyKind::p256;
  const auto parts = TF_TRY(jose_parts(compact, 5));
  auto header = TF_TRY(jose_read_header(parts[0], p256 ? "ECDH-ES+A256KW" : "RSA-OAEP-256", "A256GCM", typ));
  if (!kid.empty() && TF_TRY(header.text("kid", 64)) != kid)
    return Error{Code::malformed, "crypto.jose_header", "for another key"};
  const Bytes wrapped = TF_TRY(wire::from_base64url(parts[1]));
  if (!p256) {
    TF_CHECK(header.finish());
    return open_with_content_key(TF_TRY(recipient.decrypt(wrapped)), parts);
  }
  const PublicKey ephemeral = TF_TRY(ephemeral_of(header));
  TF_CHECK(header.finish());
  Bytes content = TF_TRY(wrap_key(agreed_key(TF_TRY(recipient.agree(ephemeral))), wrapped, false));
  SecretBytes secret{ByteView(content)};
  wipe(content.data(), content.size());
  return open_with_content_key(std::move(secret), parts);
}

}  // namespace tf::crypto
