// Encoding of responses. OpenSSL would sign with a key of its own choosing and a clock of its own, and walks its templates
// several times; so the structures are put together here from values that are encoded already, with headers by OpenSSL.
#include "pki/ocsp/response.hpp"

#include <chrono>

#include "pki/algorithms.hpp"
#include "pki/ocsp/asn1.hpp"

namespace tf::pki::ocsp {
namespace {

constexpr std::int64_t kYear10000S = 253'402'300'800;
constexpr Tag kTime{V_ASN1_GENERALIZEDTIME};
constexpr std::uint8_t kGood[] = {0x80, 0x00};        // [0] IMPLICIT NULL
constexpr std::uint8_t kUnknown[] = {0x82, 0x00};     // [2] IMPLICIT NULL
constexpr std::uint8_t kSuccessful[] = {0x0a, 0x01, 0x00};
constexpr std::uint8_t kNoUnusedBits[] = {0x00};
constexpr std::uint8_t kBasic[] = {0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};  // id-pkix-ocsp-basic
// Extension { id-pkix-ocsp-extended-revoke, NULL } (RFC 6960 §4.4.8)
constexpr std::uint8_t kExtendedRevoke[] = {0x30, 0x0f, 0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05,
                                            0x07, 0x30, 0x01, 0x09, 0x04, 0x02, 0x05, 0x00};

std::int64_t seconds(std::int64_t ms) { return std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(ms)).count(); }
bool can_be_written(std::int64_t ms) { return ms >= 0 && seconds(ms) < kYear10000S; }

Status check(const ResponseData& data) {
  if (data.responses.empty() || data.responses.size() > kMaxSingle)
    return Error{Code::invalid, "ocsp.response", "a response is about 1 to 16 certificates"};
  if (!can_be_written(data.produced_at_ms)) return Error{Code::invalid, "ocsp.times", "past the year 9999"};
  if (data.nonce && (data.nonce->empty() || data.nonce->size() > kMaxNonce))
    return Error{Code::invalid, "ocsp.nonce", "a nonce is 1 to 128 octets"};
  for (const SingleResponse& one : data.responses) {
    if (!is_one_value(one.cert_id.der, V_ASN1_SEQUENCE)) return Error{Code::invalid, "ocsp.response", "not a CertID"};
    if (!can_be_written(one.this_update_ms) || !can_be_written(one.next_update_ms) || !can_be_written(one.revoked_at_ms))
      return Error{Code::invalid, "ocsp.times", "past the year 9999"};
    if (seconds(one.next_update_ms) <= seconds(one.this_update_ms))
      return Error{Code::invalid, "ocsp.times", "the next update is not after this one"};
    if (seconds(data.produced_at_ms) < seconds(one.this_update_ms))
      return Error{Code::invalid, "ocsp.times", "produced before it was known"};
  }
  return {};
}

// CertStatus; of a revoked one [1] IMPLICIT SEQUENCE { revocationTime, revocationReason [0] OPTIONAL }.
Bytes status_of(const SingleResponse& one) {
  if (one.status == CertStatus::good) return to_bytes(kGood);
  if (one.status == CertStatus::unknown) return to_bytes(kUnknown);
  const std::uint8_t reason[] = {V_ASN1_ENUMERATED, 1, static_cast<std::uint8_t>(one.reason)};
  return tlv(explicit_tag(1), {tlv(kTime, {time_text(one.revoked_at_ms)}),
                               one.reason == RevocationReason::unspecified ? Bytes() : tlv(explicit_tag(0), {reason})});
}

// SingleResponse ::= SEQUENCE { certID, certStatus, thisUpdate, nextUpdate [0] }
Bytes encoded(const SingleResponse& one) {
  return tlv(kSequence, {one.cert_id.der, status_of(one), tlv(kTime, {time_text(one.this_update_ms)}),
                         tlv(explicit_tag(0), {tlv(kTime, {time_text(one.next_update_ms)})})});
}

// responseExtensions [1] OPTIONAL
Bytes encoded_extensions(const ResponseData& data) {
  bool extended = false;
  for (const SingleResponse& one : data.responses) extended = extended || one.never_issued;
  if (!data.nonce && !extended) return {};
  return tlv(explicit_tag(1), {tlv(kSequence, {data.nonce ? nonce_extension_der(*data.nonce) : Bytes(),
                                               extended ? ByteView(kExtendedRevoke) : ByteView()})});
}

// ResponderID, byKey [2]: the SHA-1 of the key's bits.
Bytes responder_id(const Certificate& certificate) {
  const crypto::Handle<OCSP_RESPID, OCSP_RESPID_free> id(OCSP_RESPID_new());
  crypto::must(id && OCSP_RESPID_set_by_key(id.get(), certificate.native()) == 1, "OCSP response");
  return der_of<i2d_OCSP_RESPID>(id.get());
}

}  // namespace

Result<ResponseMaker> ResponseMaker::make(Responder responder) {
  const crypto::PublicKey key = TF_TRY(responder.certificate.public_key());
  ResponseMaker out;
  out.id_ = responder_id(responder.certificate);
  out.algorithm_ = der_of<i2d_X509_ALGOR>(signature_algorithm(key.kind()));
  if (responder.include_certificate) out.certificates_ = tlv(explicit_tag(0), {tlv(kSequence, {responder.certificate.der()})});
  out.responder_ = std::move(responder);
  return out;
}

// ResponseData ::= SEQUENCE { responderID, producedAt, responses, responseExtensions }; version 1 is the default
// BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature, certs [0] OPTIONAL }
// OCSPResponse ::= SEQUENCE { responseStatus, responseBytes [0] SEQUENCE { responseType, response } }
Result<Bytes> ResponseMaker::response(const ResponseData& data) const {
  TF_CHECK(check(data));
  Bytes singles;
  for (const SingleResponse& one : data.responses) append(singles, encoded(one));
  const Bytes tbs = tlv(kSequence, {id_, tlv(kTime, {time_text(data.produced_at_ms)}), tlv(kSequence, {singles}), encoded_extensions(data)});
  const Bytes signature = TF_TRY(responder_->sign(tbs));
  const Bytes basic = tlv(kSequence, {tbs, algorithm_, tlv({V_ASN1_BIT_STRING}, {kNoUnusedBits, signature}), certificates_});
  const Bytes bytes = tlv(kSequence, {kBasic, tlv({V_ASN1_OCTET_STRING}, {basic})});
  return tlv(kSequence, {kSuccessful, tlv(explicit_tag(0), {bytes})});
}

Result<Bytes> make_response(const ResponseData& data, const Responder& responder) {
  return TF_TRY(ResponseMaker::make(responder)).response(data);
}

}  // namespace tf::pki::ocsp
