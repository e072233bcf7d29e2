#include "pki/algorithms.hpp"

#include <openssl/provider.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "pki/asn1.hpp"

namespace tf::pki {
namespace {

// ecdsa-with-SHA256 (RFC 5758 §3.2)
constexpr std::uint8_t kEcdsaSha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
// id-RSASSA-PSS with rSASSA-PSS-SHA256-Params and a salt of 32 (RFC 4055 §3.1)
constexpr std::uint8_t kPssSha256[] = {
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

// id-ecPublicKey with prime256v1 (RFC 5480 §2.1.1), rsaEncryption with NULL (RFC 3279 §2.3.1)
constexpr std::uint8_t kP256Key[] = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                     0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::uint8_t kRsaKey[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

const X509_ALGOR* parsed(ByteView der) {
  const std::uint8_t* at = der.data();
  const X509_ALGOR* algorithm = d2i_X509_ALGOR(nullptr, &at, static_cast<long>(der.size()));
  crypto::must(algorithm != nullptr, "signature algorithm");
  return algorithm;
}

const X509_ALGOR* ecdsa() {
  static const X509_ALGOR* const algorithm = parsed(kEcdsaSha256);
  return algorithm;
}

const X509_ALGOR* pss() {
  static const X509_ALGOR* const algorithm = parsed(kPssSha256);
  return algorithm;
}

bool names_p256(const X509_ALGOR* algorithm) {
  int parameter = V_ASN1_UNDEF;
  const void* value = nullptr;
  X509_ALGOR_get0(nullptr, &parameter, &value, algorithm);
  return parameter == V_ASN1_OBJECT && OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(value)) == NID_X9_62_prime256v1;
}

std::optional<crypto::PublicKey> taken(Result<crypto::PublicKey> key) {
  if (!key) return std::nullopt;
  return std::move(*key);
}

// RSAPublicKey (RFC 8017 A.1.1) as everybody writes it: two positive numbers in DER. What is written otherwise is left to OpenSSL.
std::optional<crypto::PublicKey> rsa_key(ByteView octets) {
  const ByteView numbers = first_element(octets, true), first = first_element(numbers, false);
  const ByteView n = first_element(numbers, true), e = first_element(numbers.subspan(first.size()), true);
  const auto positive = [](ByteView number) { return !number.empty() && number[0] < 0x80 && (number.size() == 1 || number[0] != 0 || number[1] >= 0x80); };
  if (!positive(n) || !positive(e) || !std::ranges::equal(tlv(kSequence, {tlv({V_ASN1_INTEGER}, {n}), tlv({V_ASN1_INTEGER}, {e})}), octets)) {
    ERR_clear_error();
    return std::nullopt;
  }
  return taken(crypto::PublicKey::from_rsa_numbers({to_bytes(n), to_bytes(e)}));
}

}  // namespace

OSSL_LIB_CTX* no_providers() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    crypto::must(made != nullptr && OSSL_PROVIDER_load(made, "null") != nullptr, "empty library context");
    return made;
  }();
  return context;
}

bool acceptable_signature(const X509_ALGOR* algorithm) {
  return X509_ALGOR_cmp(algorithm, ecdsa()) == 0 || X509_ALGOR_cmp(algorithm, pss()) == 0;
}

const X509_ALGOR* signature_algorithm(crypto::KeyKind kind) { return kind == crypto::KeyKind::rsa ? pss() : ecdsa(); }

bool is_signature(const crypto::PublicKey& key, const X509_ALGOR* algorithm, ByteView tbs, const ASN1_BIT_STRING* signature) {
  if ((signature->flags & 0x07) != 0) return false;  // bits unused in the last octet
  if (X509_ALGOR_cmp(algorithm, ecdsa()) == 0) return crypto::verify_ecdsa_sha256(key, tbs, octets_of(signature));
  return X509_ALGOR_cmp(algorithm, pss()) == 0 && crypto::verify_ps256(key, tbs, octets_of(signature));
}

// Keys are made from their point or their numbers: OpenSSL 3.0 looks for a decoder anew each time it meets a
// SubjectPublicKeyInfo, which takes 150 us of the processor where this takes 7.
std::optional<crypto::PublicKey> acceptable_key(const X509_PUBKEY* key) {
  ASN1_OBJECT* type = nullptr;
  const std::uint8_t* octets = nullptr;
  int size = 0;
  X509_ALGOR* algorithm = nullptr;
  if (key == nullptr || X509_PUBKEY_get0_param(&type, &octets, &size, &algorithm, key) != 1) return std::nullopt;
  switch (OBJ_obj2nid(type)) {
    case NID_X9_62_id_ecPublicKey:
      if (!names_p256(algorithm)) return std::nullopt;
      return taken(crypto::PublicKey::from_point({octets, static_cast<std::size_t>(size)}));
    case NID_rsaEncryption: {
      const bool usual = X509_ALGOR_cmp(algorithm, key_algorithm(crypto::KeyKind::rsa)) == 0;
      if (auto made = usual ? rsa_key({octets, static_cast<std::size_t>(size)}) : std::nullopt) return made;
      return taken(crypto::PublicKey::from_spki(der_of<i2d_X509_PUBKEY>(key)));
    }
    default: return std::nullopt;
  }
}

std::optional<crypto::PublicKey> acceptable_key(const X509_ALGOR* algorithm, const ASN1_BIT_STRING* octets) {
  constexpr std::uint8_t kNoUnusedBits[] = {0x00};
  if ((octets->flags & 0x07) != 0) return std::nullopt;
  switch (OBJ_obj2nid(algorithm->algorithm)) {
    case NID_X9_62_id_ecPublicKey:
      if (!names_p256(algorithm)) return std::nullopt;
      return taken(crypto::PublicKey::from_point(octets_of(octets)));
    case NID_rsaEncryption:
      return taken(crypto::PublicKey::from_spki(
          tlv(kSequence, {der_of<i2d_X509_ALGOR>(algorithm), tlv({V_ASN1_BIT_STRING}, {kNoUnusedBits, octets_of(octets)})})));
    default: return std::nullopt;
  }
}

const X509_ALGOR* key_algorithm(crypto::KeyKind kind) {
  static const X509_ALGOR* const p256 = parsed(kP256Key);
  static const X509_ALGOR* const rsa = parsed(kRsaKey);
  return kind == crypto::KeyKind::rsa ? rsa : p256;
}

Result<crypto::EvpMdCtx> signing_context(const crypto::PrivateKey& key) {
  crypto::EvpMdCtx context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* pkey = nullptr;
  bool ok = context && EVP_DigestSignInit(context.get(), &pkey, EVP_sha256(), nullptr, key.native()) == 1;
  if (ok && key.kind() == crypto::KeyKind::rsa) {
    ok = EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(pkey, EVP_sha256()) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, 32) == 1;
  }
  if (!ok) return crypto::openssl_error("pki.sign");
  return context;
}

Result<Bytes> signature_of(const crypto::PrivateKey& key, ByteView tbs) {
  const crypto::EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr));
  bool ok = context && EVP_PKEY_sign_init(context.get()) == 1;
  if (ok && key.kind() == crypto::KeyKind::rsa)
    ok = EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), 32) == 1;
  const Hash256 digest = crypto::sha256(tbs);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (!ok || EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) return crypto::openssl_error("pki.sign");
  out.resize(size);
  return out;
}

bool same_key(const crypto::PublicKey& a, const crypto::PublicKey& b) {
  const bool same = EVP_PKEY_eq(a.native(), b.native()) == 1;
  ERR_clear_error();
  return same;
}

}  // namespace tf::pki
