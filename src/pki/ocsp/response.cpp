// Encoding of responses. OpenSSL would sign with a key of its own choosing and a clock of its own, and walks its templates
// several times; so the structures are put together here from values that are encoded already, with headers by OpenSSL.
#include "pki/ocsp/response.hpp"

#include <algorithm>
#include <chrono>
#include <ranges>

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
constexpr std::uint8_t kNonceType[] = {0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};  // id-pkix-ocsp-nonce
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

void put_time(DerWriter& to, std::int64_t ms) {
  const std::size_t before = to.size();
  to.put(time_text(ms));
  to.close(kTime, before);
}

// CertStatus; of a revoked one [1] IMPLICIT SEQUENCE { revocationTime, revocationReason [0] OPTIONAL }.
void put_status(DerWriter& to, const SingleResponse& one) {
  if (one.status != CertStatus::revoked) return to.put(one.status == CertStatus::good ? kGood : kUnknown);
  const std::size_t before = to.size();
  if (one.reason != RevocationReason::unspecified) {
    const std::uint8_t reason[] = {V_ASN1_ENUMERATED, 1, static_cast<std::uint8_t>(one.reason)};
    to.put(reason);
    to.close(explicit_tag(0), before);
  }
  put_time(to, one.revoked_at_ms);
  to.close(explicit_tag(1), before);
}

// SingleResponse ::= SEQUENCE { certID, certStatus, thisUpdate, nextUpdate [0] }
void put_single(DerWriter& to, const SingleResponse& one) {
  const std::size_t before = to.size();
  put_time(to, one.next_update_ms);
  to.close(explicit_tag(0), before);
  put_time(to, one.this_update_ms);
  put_status(to, one);
  to.put(one.cert_id.der);
  to.close(kSequence, before);
}

// responseExtensions [1] OPTIONAL
void put_extensions(DerWriter& to, const ResponseData& data) {
  const std::size_t before = to.size();
  if (std::ranges::any_of(data.responses, &SingleResponse::never_issued)) to.put(kExtendedRevoke);
  if (data.nonce) {
    const std::size_t nonce = to.size();
    to.put(*data.nonce);
    to.close({V_ASN1_OCTET_STRING}, nonce);
    to.close({V_ASN1_OCTET_STRING}, nonce);
    to.put(kNonceType);
    to.close(kSequence, nonce);
  }
  if (to.size() == before) return;
  to.close(kSequence, before);
  to.close(explicit_tag(1), before);
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
  constexpr std::size_t kHeaders = 128, kSingle = 128;  // more than all that is around the parts
  std::size_t room = kHeaders + id_.size() + kMaxNonce + std::size(kExtendedRevoke);
  for (const SingleResponse& one : data.responses) room += one.cert_id.der.size() + kSingle;
  DerWriter tbs(room);
  put_extensions(tbs, data);
  const std::size_t list = tbs.size();
  for (const SingleResponse& one : std::views::reverse(data.responses)) put_single(tbs, one);
  tbs.close(kSequence, list);
  put_time(tbs, data.produced_at_ms);
  tbs.put(id_);
  tbs.close(kSequence, 0);
  const Bytes signature = TF_TRY(responder_->sign(tbs.octets()));
  DerWriter out(kHeaders + tbs.size() + algorithm_.size() + signature.size() + certificates_.size());
  out.put(certificates_);
  const std::size_t bits = out.size();
  out.put(signature);
  out.put(kNoUnusedBits);
  out.close({V_ASN1_BIT_STRING}, bits);
  out.put(algorithm_);
  out.put(tbs.octets());
  out.close(kSequence, 0);
  out.close({V_ASN1_OCTET_STRING}, 0);
  out.put(kBasic);
  out.close(kSequence, 0);
  out.close(explicit_tag(0), 0);
  out.put(kSuccessful);
  out.close(kSequence, 0);
  return to_bytes(out.octets());
}

Result<Bytes> make_response(const ResponseData& data, const Responder& responder) {
  return TF_TRY(ResponseMaker::make(responder)).response(data);
}

}  // namespace tf::pki::ocsp
