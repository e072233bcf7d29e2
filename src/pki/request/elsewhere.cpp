#include "pki/request/elsewhere.hpp"

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"

namespace tf::pki {
namespace {

using Algorithm = crypto::Handle<X509_ALGOR, X509_ALGOR_free>;
using EcdsaSignature = crypto::Handle<ECDSA_SIG, ECDSA_SIG_free>;

Algorithm algorithm_of(crypto::KeyKind kind) {
  if (kind == crypto::KeyKind::p256) return Algorithm(X509_ALGOR_dup(signature_algorithm(kind)));
  Algorithm made(X509_ALGOR_new());
  crypto::must(made && X509_ALGOR_set0(made.get(), OBJ_nid2obj(NID_sha256WithRSAEncryption), V_ASN1_NULL, nullptr) == 1, "signature algorithm");
  return made;
}

// As X.509 wants it: DER for ECDSA, the octets themselves for RSA.
Bytes encoded(crypto::KeyKind kind, const Bytes& signature) {
  if (kind == crypto::KeyKind::rsa || signature.size() != 64) return signature;
  const EcdsaSignature parsed(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(signature.data(), 32, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + 32, 32, nullptr);
  crypto::must(parsed && r != nullptr && s != nullptr && ECDSA_SIG_set0(parsed.get(), r, s) == 1, "ECDSA signature");
  return der_of<i2d_ECDSA_SIG>(parsed.get());
}

}  // namespace

Result<CertificateRequest> make_request(std::string_view common_name, const crypto::PublicKey& key, const RequestSigner& sign) {
  const NameHandle subject = TF_TRY(make_name(common_name, {}));
  const crypto::X509ReqHandle request(X509_REQ_new());
  const Algorithm algorithm = algorithm_of(key.kind());
  if (!request || !algorithm || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), subject.get()) != 1 || X509_REQ_set_pubkey(request.get(), key.native()) != 1 ||
      X509_REQ_set1_signature_algo(request.get(), algorithm.get()) != 1)
    return crypto::openssl_error("pki.sign");
  const Bytes signature = encoded(key.kind(), TF_TRY(sign(der_of<i2d_re_X509_REQ_tbs>(request.get()))));
  Asn1Bits bits(ASN1_BIT_STRING_new());
  if (!bits || ASN1_STRING_set(bits.get(), signature.data(), static_cast<int>(signature.size())) != 1)
    return crypto::openssl_error("pki.sign");
  bits->flags = (bits->flags & ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07)) | ASN1_STRING_FLAG_BITS_LEFT;  // no unused bits
  X509_REQ_set0_signature(request.get(), bits.release());
  return CertificateRequest::from_der(der_of<i2d_X509_REQ>(request.get()));
}

}  // namespace tf::pki
