// Encoding of responses. OpenSSL would sign with a key of its own choosing and a clock of its own, so the outer structures
// are declared here and encoded by it; what is inside, it makes.
#include "pki/ocsp/response.hpp"

#include <openssl/asn1t.h>

#include <ctime>

#include "pki/algorithms.hpp"
#include "pki/ocsp/asn1.hpp"

namespace tf::pki::ocsp {
namespace {

using crypto::must;

// ResponseData ::= SEQUENCE { responderID, producedAt, responses, responseExtensions [1] OPTIONAL }; version 1 is the default
struct DataAsn1 {
  OCSP_RESPID* responder;
  ASN1_GENERALIZEDTIME* produced_at;
  STACK_OF(OCSP_SINGLERESP) * responses;
  STACK_OF(X509_EXTENSION) * extensions;
};
ASN1_SEQUENCE(DataAsn1) = {
    ASN1_SIMPLE(DataAsn1, responder, OCSP_RESPID),
    ASN1_SIMPLE(DataAsn1, produced_at, ASN1_GENERALIZEDTIME),
    ASN1_SEQUENCE_OF(DataAsn1, responses, OCSP_SINGLERESP),
    ASN1_EXP_SEQUENCE_OF_OPT(DataAsn1, extensions, X509_EXTENSION, 1),
} static_ASN1_SEQUENCE_END(DataAsn1)

// BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature, certs [0] OPTIONAL }
struct BasicAsn1 {
  ASN1_STRING* tbs;  // encoded already: what was signed
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* signature;
  STACK_OF(X509) * certificates;
};
ASN1_SEQUENCE(BasicAsn1) = {
    ASN1_SIMPLE(BasicAsn1, tbs, ASN1_SEQUENCE),
    ASN1_SIMPLE(BasicAsn1, algorithm, X509_ALGOR),
    ASN1_SIMPLE(BasicAsn1, signature, ASN1_BIT_STRING),
    ASN1_EXP_SEQUENCE_OF_OPT(BasicAsn1, certificates, X509, 0),
} static_ASN1_SEQUENCE_END(BasicAsn1)

// OCSPResponse ::= SEQUENCE { responseStatus, responseBytes [0] SEQUENCE { responseType, response } }
struct BytesAsn1 {
  ASN1_OBJECT* type;
  ASN1_OCTET_STRING* response;
};
ASN1_SEQUENCE(BytesAsn1) = {
    ASN1_SIMPLE(BytesAsn1, type, ASN1_OBJECT),
    ASN1_SIMPLE(BytesAsn1, response, ASN1_OCTET_STRING),
} static_ASN1_SEQUENCE_END(BytesAsn1)
struct ResponseAsn1 {
  ASN1_ENUMERATED* status;
  BytesAsn1* bytes;
};
ASN1_SEQUENCE(ResponseAsn1) = {
    ASN1_SIMPLE(ResponseAsn1, status, ASN1_ENUMERATED),
    ASN1_EXP(ResponseAsn1, bytes, BytesAsn1, 0),
} static_ASN1_SEQUENCE_END(ResponseAsn1)

using RespIdHandle = crypto::Handle<OCSP_RESPID, OCSP_RESPID_free>;
using EnumeratedHandle = crypto::Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free>;
void free_singles(STACK_OF(OCSP_SINGLERESP) * stack) { sk_OCSP_SINGLERESP_free(stack); }  // not what is in it
void free_certificates(STACK_OF(X509) * stack) { sk_X509_free(stack); }
void free_extensions(STACK_OF(X509_EXTENSION) * stack) { sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free); }
using Extensions = crypto::Handle<STACK_OF(X509_EXTENSION), free_extensions>;

template <class T>
Bytes encoded(const T& value, const ASN1_ITEM* item) {
  std::uint8_t* der = nullptr;
  const int size = ASN1_item_i2d(reinterpret_cast<const ASN1_VALUE*>(&value), &der, item);
  must(size > 0, "OCSP response");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

Asn1Octets octets(ByteView bytes, int type) {
  Asn1Octets out(ASN1_STRING_type_new(type));
  must(out && ASN1_STRING_set(out.get(), bytes.data(), static_cast<int>(bytes.size())) == 1, "OCSP response");
  return out;
}

Status check(const ResponseData& data) {
  if (data.responses.empty() || data.responses.size() > kMaxSingle)
    return Error{Code::invalid, "ocsp.response", "a response is about 1 to 16 certificates"};
  if (!asn1_time(data.produced_at_ms)) return Error{Code::invalid, "ocsp.times", "past the year 9999"};
  if (data.nonce && (data.nonce->empty() || data.nonce->size() > kMaxNonce))
    return Error{Code::invalid, "ocsp.nonce", "a nonce is 1 to 128 octets"};
  for (const SingleResponse& one : data.responses) {
    if (one.next_update_ms / 1000 <= one.this_update_ms / 1000)
      return Error{Code::invalid, "ocsp.times", "the next update is not after this one"};
    if (data.produced_at_ms / 1000 < one.this_update_ms / 1000)
      return Error{Code::invalid, "ocsp.times", "produced before it was known"};
  }
  return {};
}

Status add(OCSP_BASICRESP* to, const SingleResponse& one) {
  const CertIdHandle id = native_of(one.cert_id);
  const Asn1Time from = asn1_time(one.this_update_ms), until = asn1_time(one.next_update_ms), at = asn1_time(one.revoked_at_ms);
  if (!id) return Error{Code::invalid, "ocsp.response", "not a CertID"};
  if (!from || !until || !at) return Error{Code::invalid, "ocsp.times", "past the year 9999"};
  const bool revoked = one.status == CertStatus::revoked;
  const int status = revoked                              ? V_OCSP_CERTSTATUS_REVOKED
                     : one.status == CertStatus::good ? V_OCSP_CERTSTATUS_GOOD
                                                          : V_OCSP_CERTSTATUS_UNKNOWN;
  const int reason = one.reason == RevocationReason::unspecified ? OCSP_REVOKED_STATUS_NOSTATUS : static_cast<int>(one.reason);
  if (OCSP_basic_add1_status(to, id.get(), status, reason, revoked ? at.get() : nullptr, from.get(), until.get()) == nullptr)
    return crypto::openssl_error("ocsp.response");
  return {};
}

void push(Extensions& to, ExtensionHandle extension) {
  if (!to) to.reset(sk_X509_EXTENSION_new_null());
  must(to && sk_X509_EXTENSION_push(to.get(), extension.get()) > 0, "OCSP response");
  (void)extension.release();
}

// id-pkix-ocsp-extended-revoke (RFC 6960 §4.4.8); its value is NULL.
ExtensionHandle extended_revoke() {
  static constexpr std::uint8_t kNull[] = {0x05, 0x00};
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj("1.3.6.1.5.5.7.48.1.9", 1));
  ExtensionHandle out(X509_EXTENSION_create_by_OBJ(nullptr, type.get(), 0, octets(kNull, V_ASN1_OCTET_STRING).get()));
  must(out != nullptr, "OCSP response");
  return out;
}

// What is signed.
Result<Bytes> encoded_data(const ResponseData& data, const Certificate& by) {
  const BasicHandle scratch(OCSP_BASICRESP_new());
  const crypto::Handle<STACK_OF(OCSP_SINGLERESP), free_singles> singles(sk_OCSP_SINGLERESP_new_null());
  const RespIdHandle responder(OCSP_RESPID_new());
  const Asn1Time produced(ASN1_GENERALIZEDTIME_set(nullptr, static_cast<std::time_t>(data.produced_at_ms / 1000)));
  must(scratch && singles && responder && produced && OCSP_RESPID_set_by_key(responder.get(), by.native()) == 1, "OCSP response");
  Extensions extensions;
  bool extended = false;
  for (const SingleResponse& one : data.responses) {
    TF_CHECK(add(scratch.get(), one));
    extended = extended || one.never_issued;
  }
  for (int i = 0; i < OCSP_resp_count(scratch.get()); ++i)
    must(sk_OCSP_SINGLERESP_push(singles.get(), OCSP_resp_get0(scratch.get(), i)) > 0, "OCSP response");
  if (data.nonce) push(extensions, nonce_extension(*data.nonce));
  if (extended) push(extensions, extended_revoke());
  return encoded(DataAsn1{responder.get(), produced.get(), singles.get(), extensions.get()}, ASN1_ITEM_rptr(DataAsn1));
}

Bytes encoded_basic(ByteView tbs, ByteView signature, const Responder& by, crypto::KeyKind kind) {
  const Asn1Octets data = octets(tbs, V_ASN1_SEQUENCE);
  const Asn1Octets bits = octets(signature, V_ASN1_BIT_STRING);
  bits->flags = (bits->flags & ~0x0f) | ASN1_STRING_FLAG_BITS_LEFT;  // no bits unused, no zero octets trimmed
  const crypto::Handle<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_dup(signature_algorithm(kind)));
  const crypto::Handle<STACK_OF(X509), free_certificates> certificates(by.include_certificate ? sk_X509_new_null() : nullptr);
  must(algorithm && (!by.include_certificate || sk_X509_push(certificates.get(), by.certificate.native()) > 0), "OCSP response");
  return encoded(BasicAsn1{data.get(), algorithm.get(), bits.get(), certificates.get()}, ASN1_ITEM_rptr(BasicAsn1));
}

}  // namespace

Result<Bytes> make_response(const ResponseData& data, const Responder& responder) {
  TF_CHECK(check(data));
  const crypto::PublicKey key = TF_TRY(responder.certificate.public_key());
  const Bytes tbs = TF_TRY(encoded_data(data, responder.certificate));
  const Bytes signature = TF_TRY(responder.sign(tbs));
  const Asn1Octets basic = octets(encoded_basic(tbs, signature, responder, key.kind()), V_ASN1_OCTET_STRING);
  BytesAsn1 bytes{OBJ_nid2obj(NID_id_pkix_OCSP_basic), basic.get()};
  const EnumeratedHandle successful(ASN1_ENUMERATED_new());
  must(successful && ASN1_ENUMERATED_set(successful.get(), OCSP_RESPONSE_STATUS_SUCCESSFUL) == 1, "OCSP response");
  return encoded(ResponseAsn1{successful.get(), &bytes}, ASN1_ITEM_rptr(ResponseAsn1));
}

}  // namespace tf::pki::ocsp
