#include "pki/pkcs12.hpp"

#include <openssl/pkcs12.h>

#include <optional>

#include "crypto/handles.hpp"
#include "pki/asn1.hpp"

namespace tf::pki {
namespace {

using Pkcs12Handle = crypto::Handle<PKCS12, PKCS12_free>;
using PbeHandle = crypto::Handle<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2Handle = crypto::Handle<PBKDF2PARAM, PBKDF2PARAM_free>;

void free_safes(STACK_OF(PKCS7) * safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }
void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) { sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free); }
using Safes = crypto::Handle<STACK_OF(PKCS7), free_safes>;
using Bags = crypto::Handle<STACK_OF(PKCS12_SAFEBAG), free_bags>;
using Pkcs8Handle = crypto::Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

constexpr std::size_t kMaxPkcs12 = 64U << 10;
const Error kBad{Code::malformed, "pki.pkcs12", "not a PKCS#12 file with one key and its certificate"};
const Error kWrongMac{Code::sealed, "pki.pkcs12_mac", "the MAC does not fit: another password, or the file was altered"};

Error weak(const char* what) { return {Code::refused, "pki.weak_pkcs12", what}; }
int size_of(const SecretBytes& secret) { return static_cast<int>(secret.size()); }

Status check_count(const ASN1_INTEGER* iterations, int min) {
  std::int64_t count = 1;
  if (iterations != nullptr && ASN1_INTEGER_get_int64(&count, iterations) != 1) return kBad;
  if (count > kPkcs12MaxIterations || count < 1) return kBad;
  return count < min ? Status(weak("fewer iterations than asked for")) : Status();
}

// PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA256 (RFC 8018 §6.2), nothing else.
Status check_scheme(const X509_ALGOR* algorithm, int min) {
  const ASN1_OBJECT* scheme = nullptr;
  const void* value = nullptr;
  int type = 0;
  X509_ALGOR_get0(&scheme, &type, &value, algorithm);
  if (OBJ_obj2nid(scheme) != NID_pbes2) return weak("encrypted with a password scheme of old (RC2, RC4, DES, 3DES)");
  if (type != V_ASN1_SEQUENCE) return kBad;
  const PbeHandle pbes2(static_cast<PBE2PARAM*>(ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(PBE2PARAM))));
  if (!pbes2) return kBad;
  const ASN1_OBJECT* function = nullptr;
  X509_ALGOR_get0(&function, &type, &value, pbes2->keyfunc);
  if (OBJ_obj2nid(function) != NID_id_pbkdf2 || type != V_ASN1_SEQUENCE) return weak("keys are not derived by PBKDF2");
  const Pbkdf2Handle kdf(static_cast<PBKDF2PARAM*>(ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(PBKDF2PARAM))));
  if (!kdf || kdf->salt->type != V_ASN1_OCTET_STRING) return kBad;
  // Absent means HMAC-SHA1 (RFC 8018 appendix A.2).
  if (kdf->prf == nullptr || OBJ_obj2nid(kdf->prf->algorithm) != NID_hmacWithSHA256) return weak("PBKDF2 with another function than HMAC-SHA256");
  if (OBJ_obj2nid(pbes2->encryption->algorithm) != NID_aes_256_cbc) return weak("encrypted with another cipher than AES-256-CBC");
  return check_count(kdf->iter, min);
}

Status check_mac(const PKCS12* file, int min) {
  const ASN1_OCTET_STRING* mac = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* salt = nullptr;
  const ASN1_INTEGER* iterations = nullptr;
  PKCS12_get0_mac(&mac, &algorithm, &salt, &iterations, file);
  if (mac == nullptr || algorithm == nullptr || salt == nullptr) return weak("without a MAC");
  const ASN1_OBJECT* digest = nullptr;
  X509_ALGOR_get0(&digest, nullptr, nullptr, algorithm);
  if (OBJ_obj2nid(digest) != NID_sha256 || ASN1_STRING_length(salt) < 8) return weak("its MAC is not HMAC-SHA256 with a salt");
  return check_count(iterations, min);
}

Result<Pkcs12Handle> read(ByteView der) {
  if (der.empty() || der.size() > kMaxPkcs12) return kBad;
  const std::uint8_t* at = der.data();
  Pkcs12Handle file(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!file || at != der.data() + der.size()) return kBad;
  return file;
}

Result<Pkcs12Handle> read_verified(ByteView der, const SecretBytes& password, int min) {
  Pkcs12Handle file = TF_TRY(read(der));
  TF_CHECK(check_mac(file.get(), min));
  const bool right = !password.empty() && PKCS12_verify_mac(file.get(), chars(password), size_of(password)) == 1;
  ERR_clear_error();
  if (!right) return kWrongMac;
  return file;
}

Result<Bytes> der_with_mac(PKCS12* file, const SecretBytes& password, int iterations) {
  // No salt given: OpenSSL draws one.
  if (PKCS12_set_mac(file, chars(password), size_of(password), nullptr, 16, iterations, EVP_sha256()) != 1) return crypto::openssl_error("pki.pkcs12_mac");
  std::uint8_t* der = nullptr;
  const int size = i2d_PKCS12(file, &der);
  crypto::must(size > 0, "i2d_PKCS12");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

struct Found {
  std::optional<crypto::PrivateKey> key;
  std::optional<Certificate> certificate;
};

Status take_key(const PKCS12_SAFEBAG* bag, const Pkcs12Passwords& passwords, int min, Found& found) {
  const X509_SIG* sealed = PKCS12_SAFEBAG_get0_pkcs8(bag);
  const X509_ALGOR* algorithm = nullptr;
  if (sealed == nullptr || found.key) return kBad;
  X509_SIG_get0(sealed, &algorithm, nullptr);
  TF_CHECK(check_scheme(algorithm, min));
  const Pkcs8Handle info(PKCS8_decrypt(sealed, chars(passwords.encryption), size_of(passwords.encryption)));
  ERR_clear_error();
  if (!info) return Error{Code::sealed, "pki.passphrase", "the password does not open this key"};
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  crypto::must(size > 0, "PKCS#8");
  SecretBytes pkcs8(static_cast<std::size_t>(size));
  std::uint8_t* at = pkcs8.reveal_mutable().data();
  crypto::must(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == size, "PKCS#8");
  found.key = TF_TRY(crypto::PrivateKey::from_pkcs8(pkcs8));
  return {};
}

Status take_certificate(const PKCS12_SAFEBAG* bag, Found& found) {
  const crypto::X509Handle certificate(PKCS12_SAFEBAG_get1_cert(bag));
  ERR_clear_error();
  if (!certificate || found.certificate) return kBad;
  found.certificate = TF_TRY(Certificate::from_der(der_of<i2d_X509>(certificate.get())));
  return {};
}

Status take_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, const Pkcs12Passwords& passwords, int min, Found& found) {
  for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
    const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, i);
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_pkcs8ShroudedKeyBag: TF_CHECK(take_key(bag, passwords, min, found)); break;
      case NID_certBag: TF_CHECK(take_certificate(bag, found)); break;
      default: return kBad;  // keys in the clear among them
    }
  }
  return {};
}

// A safe in the clear (its bags may be encrypted each), or one that is encrypted as a whole.
Result<Bags> bags_of(PKCS7* safe, const Pkcs12Passwords& passwords, int min) {
  if (PKCS7_type_is_data(safe)) {
    Bags out(PKCS12_unpack_p7data(safe));
    ERR_clear_error();
    if (!out) return kBad;
    return out;
  }
  if (!PKCS7_type_is_encrypted(safe)) return kBad;
  TF_CHECK(check_scheme(safe->d.encrypted->enc_data->algorithm, min));
  Bags out(PKCS12_unpack_p7encdata(safe, chars(passwords.encryption), size_of(passwords.encryption)));
  ERR_clear_error();
  if (!out) return Error{Code::sealed, "pki.passphrase", "the password does not open this file"};
  return out;
}

}  // namespace

Result<Bytes> make_pkcs12(const crypto::PrivateKey& key, const Certificate& certificate, const Pkcs12Passwords& passwords, int iterations) {
  if (passwords.encryption.empty() || passwords.mac.empty()) return Error{Code::invalid, "pki.passphrase", "a password is empty"};
  if (iterations < 1 || iterations > kPkcs12MaxIterations) return Error{Code::invalid, "pki.iterations", "iterations out of bounds"};
  if (TF_TRY(certificate.public_key()).spki() != key.public_key().spki())
    return Error{Code::invalid, "pki.key_pair", "key and certificate do not belong together"};
  // The certificate is no secret and stays in the clear; -1: the MAC comes after, with its own password.
  const std::string password(as_text(passwords.encryption.reveal()));
  const Pkcs12Handle file(PKCS12_create(password.c_str(), "trustferry", key.native(), certificate.native(), nullptr, NID_aes_256_cbc, -1,
                                        iterations, -1, 0));
  wipe(const_cast<char*>(password.data()), password.size());
  if (!file) return crypto::openssl_error("pki.pkcs12");
  return der_with_mac(file.get(), passwords.mac, iterations);
}

Result<Pkcs12Content> open_pkcs12(ByteView der, const Pkcs12Passwords& passwords, int min_iterations) {
  const Pkcs12Handle file = TF_TRY(read_verified(der, passwords.mac, min_iterations));
  const Safes safes(PKCS12_unpack_authsafes(file.get()));
  ERR_clear_error();
  if (!safes) return kBad;
  Found found;
  for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
    const Bags bags = TF_TRY(bags_of(sk_PKCS7_value(safes.get(), i), passwords, min_iterations));
    TF_CHECK(take_bags(bags.get(), passwords, min_iterations, found));
  }
  if (!found.key || !found.certificate) return kBad;
  if (TF_TRY(found.certificate->public_key()).spki() != found.key->public_key().spki())
    return Error{Code::integrity, "pki.key_pair", "key and certificate do not belong together"};
  return Pkcs12Content{std::move(*found.key), std::move(*found.certificate)};
}

Status verify_pkcs12_mac(ByteView der, const SecretBytes& mac_password, int min_iterations) {
  TF_TRY(read_verified(der, mac_password, min_iterations));
  return {};
}

Result<Bytes> replace_pkcs12_mac(ByteView der, const SecretBytes& old_password, const SecretBytes& new_password, int iterations) {
  if (new_password.empty()) return Error{Code::invalid, "pki.passphrase", "a password is empty"};
  const Pkcs12Handle file = TF_TRY(read_verified(der, old_password, iterations));
  return der_with_mac(file.get(), new_password, iterations);
}

}  // namespace tf::pki
