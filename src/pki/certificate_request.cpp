#include "pki/certificate_request.hpp"

#include <algorithm>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/build.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxDer = 16U << 10;
constexpr const char* kLabel = "CERTIFICATE REQUEST";

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
  const std::uint8_t* at = der.data();
  const std::shared_ptr<X509_REQ> request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())), X509_REQ_free);
  ERR_clear_error();
  if (!request || !std::ranges::equal(der_of<i2d_X509_REQ>(request.get()), der) ||
      X509_REQ_get_version(request.get()) != X509_REQ_VERSION_1)
    return bad;
  auto name = attribute_of(X509_REQ_get_subject_name(request.get()), NID_commonName);
  if (!name) return Error{Code::malformed, "pki.request", name.error().detail};
  if (!acceptable_key(X509_REQ_get_X509_PUBKEY(request.get())))
    return Error{Code::refused, "pki.bad_key", "certificates are for P-256 keys and RSA keys of 2048 to 8192 bits"};
  const X509_ALGOR* signature = nullptr;
  X509_REQ_get0_signature(request.get(), nullptr, &signature);
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  const bool possessed = acceptable_signature(signature) && X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!possessed) return Error{Code::refused, "pki.no_possession", "the request is not signed by the key it asks for"};
  return CertificateRequest(to_bytes(der), std::move(*name),
                            crypto::PublicKey(std::shared_ptr<EVP_PKEY>(request, key)));
}

Result<CertificateRequest> CertificateRequest::from_pem(std::string_view pem) {
  return from_der(TF_TRY(from_pem_text(pem, kLabel)));
}

std::string CertificateRequest::to_pem() const { return to_pem_text(kLabel, der_); }

}  // namespace tf::pki
