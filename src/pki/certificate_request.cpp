#include "pki/certificate_request.hpp"

#include <openssl/provider.h>

#include <algorithm>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxDer = 16U << 10;
constexpr const char* kLabel = "CERTIFICATE REQUEST";

// A library context without providers keeps the key as octets; acceptable_key() reads it much faster (certificate.cpp).
OSSL_LIB_CTX* no_providers() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    crypto::must(made != nullptr && OSSL_PROVIDER_load(made, "null") != nullptr, "empty library context");
    return made;
  }();
  return context;
}

crypto::X509ReqHandle parsed(ByteView der) {
  const std::uint8_t* at = der.data();
  ASN1_VALUE* request = ASN1_item_d2i_ex(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(X509_REQ), no_providers(), nullptr);
  ERR_clear_error();
  return crypto::X509ReqHandle(reinterpret_cast<X509_REQ*>(request));
}

// Possession is also proved by what most clients make of an RSA key: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). Certificates and
// lists are never signed so.
bool is_signed_by(X509_REQ* request, const crypto::PublicKey& key) {
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(request, &signature, &algorithm);
  const Bytes tbs = der_of<i2d_re_X509_REQ_tbs>(request);
  if (acceptable_signature(algorithm)) return is_signature(key, algorithm, tbs, signature);
  if (key.kind() != crypto::KeyKind::rsa || OBJ_obj2nid(algorithm->algorithm) != NID_sha256WithRSAEncryption || (signature->flags & 0x07) != 0) return false;
  const crypto::EvpMdCtx context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.native()) == 1 &&
         EVP_DigestVerify(context.get(), ASN1_STRING_get0_data(signature), static_cast<std::size_t>(ASN1_STRING_length(signature)), tbs.data(), tbs.size()) == 1;
}

}  // namespace

Result<CertificateRequest> CertificateRequest::make(std::string_view common_name, const crypto::PrivateKey& key) {
  const NameHandle subject = TF_TRY(make_name(common_name, {}));
  const crypto::X509ReqHandle request(X509_REQ_new());
  const crypto::EvpMdCtx context = TF_TRY(signing_context(key));
  if (!request || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), subject.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.native()) != 1 || X509_REQ_sign_ctx(request.get(), context.get()) <= 0)
    return crypto::openssl_error("pki.sign");
  return from_der(der_of<i2d_X509_REQ>(request.get()));
}

Result<CertificateRequest> CertificateRequest::from_der(ByteView der) {
  const Error bad{Code::malformed, "pki.request", "not a certificate request in DER"};
  if (der.empty() || der.size() > kMaxDer) return bad;
  const crypto::X509ReqHandle request = parsed(der);
  if (!request || !std::ranges::equal(der_of<i2d_X509_REQ>(request.get()), der) || X509_REQ_get_version(request.get()) != X509_REQ_VERSION_1) return bad;
  auto name = attribute_of(X509_REQ_get_subject_name(request.get()), NID_commonName);
  if (!name) return Error{Code::malformed, "pki.request", name.error().detail};
  auto key = acceptable_key(X509_REQ_get_X509_PUBKEY(request.get()));
  if (!key) return Error{Code::refused, "pki.bad_key", "certificates are for P-256 keys and RSA keys of 2048 to 8192 bits"};
  const bool possessed = is_signed_by(request.get(), *key);
  ERR_clear_error();
  if (!possessed) return Error{Code::refused, "pki.no_possession", "the request is not signed by the key it asks for"};
  return CertificateRequest(to_bytes(der), std::move(*name), std::move(*key));
}

Result<CertificateRequest> CertificateRequest::from_pem(std::string_view pem) {
  return from_der(TF_TRY(from_pem_text(pem, kLabel)));
}

std::string CertificateRequest::to_pem() const { return to_pem_text(kLabel, der_); }

}  // namespace tf::pki
