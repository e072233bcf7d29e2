#include "pki/request/enrolment.hpp"

#include <openssl/pkcs7.h>

#include <algorithm>

#include "pki/asn1.hpp"

namespace tf::pki {
namespace {

using crypto::must;
using Pkcs7 = crypto::Handle<PKCS7, PKCS7_free>;

constexpr std::size_t kMaxEnrolment = 256U << 10;
constexpr int kMostCertificates = 16;

void append_value(Bytes& out, int tag, ByteView content) {
  Bytes header(16);
  std::uint8_t* at = header.data();
  ASN1_put_object(&at, tag == V_ASN1_SEQUENCE || tag == V_ASN1_SET ? 1 : 0, static_cast<int>(content.size()), tag, V_ASN1_UNIVERSAL);
  append(out, ByteView(header).first(static_cast<std::size_t>(at - header.data())));
  append(out, content);
}

void append_type(Bytes& out, int nid) { append(out, der_of<i2d_ASN1_OBJECT>(OBJ_nid2obj(nid))); }

// Attribute ::= SEQUENCE { type, values SET }
void append_attribute(Bytes& out, int nid, ByteView value) {
  Bytes attribute;
  append_type(attribute, nid);
  append_value(attribute, V_ASN1_SET, value);
  append_value(out, V_ASN1_SEQUENCE, attribute);
}

}  // namespace

Bytes certs_only(const std::vector<Certificate>& certificates) {
  const Pkcs7 out(PKCS7_new());
  must(out && PKCS7_set_type(out.get(), NID_pkcs7_signed) == 1 && PKCS7_content_new(out.get(), NID_pkcs7_data) == 1, "PKCS #7");
  PKCS7_set_detached(out.get(), 1);
  for (const Certificate& certificate : certificates) must(PKCS7_add_certificate(out.get(), certificate.native()) == 1, "PKCS #7");
  return der_of<i2d_PKCS7>(out.get());
}

Result<std::vector<Certificate>> certificates_of(ByteView der) {
  const Error bad{Code::malformed, "pki.certs_only", "not PKCS #7 with 1 to 16 certificates"};
  if (der.empty() || der.size() > kMaxEnrolment) return bad;
  const std::uint8_t* at = der.data();
  const Pkcs7 in(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!in || at != der.data() + der.size() || PKCS7_type_is_signed(in.get()) != 1 || in->d.sign == nullptr) return bad;
  const STACK_OF(X509)* sent = in->d.sign->cert;
  const int count = sent == nullptr ? 0 : sk_X509_num(sent);
  if (count < 1 || count > kMostCertificates) return bad;
  std::vector<Certificate> out;
  for (int i = 0; i < count; ++i) out.push_back(TF_TRY(Certificate::from_der(der_of<i2d_X509>(sk_X509_value(sent, i)))));
  return out;
}

Bytes csr_attributes(bool p256, std::optional<int> rsa_bits_min) {
  Bytes all;
  if (p256) {
    Bytes curve;
    append_type(curve, NID_X9_62_prime256v1);
    append_attribute(all, NID_X9_62_id_ecPublicKey, curve);
    append_type(all, NID_ecdsa_with_SHA256);
  }
  if (rsa_bits_min) {
    const Asn1Integer bits(ASN1_INTEGER_new());
    must(bits && ASN1_INTEGER_set(bits.get(), *rsa_bits_min) == 1, "CsrAttrs");
    append_attribute(all, NID_rsaEncryption, der_of<i2d_ASN1_INTEGER>(bits.get()));
    append_type(all, NID_rsassaPss);
  }
  Bytes out;
  append_value(out, V_ASN1_SEQUENCE, all);
  return out;
}

bool asks_to_change_names(const CertificateRequest& request) {
  static const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj("1.3.6.1.5.5.7.7.36", 1));
  const std::uint8_t* at = request.der().data();
  const crypto::X509ReqHandle csr(d2i_X509_REQ(nullptr, &at, static_cast<long>(request.der().size())));
  must(csr != nullptr, "a certificate request that was one");
  return X509_REQ_get_attr_by_OBJ(csr.get(), type.get(), -1) >= 0;
}

}  // namespace tf::pki
