// Who may answer, with which key; and the answers that need none.
#include <algorithm>

#include "crypto/kept_signer.hpp"
#include "pki/facts.hpp"
#include "pki/ocsp/asn1.hpp"
#include "pki/ocsp/response.hpp"

namespace tf::pki::ocsp {
namespace {

Error refused(const char* reason, const char* detail) { return Error{Code::refused, reason, detail}; }

bool for_ocsp_signing_alone(const Certificate& certificate) {
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usages(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate.native(), NID_ext_key_usage, nullptr, nullptr)));
  ERR_clear_error();
  return usages && sk_ASN1_OBJECT_num(usages.get()) == 1 &&
         OBJ_obj2nid(sk_ASN1_OBJECT_value(usages.get(), 0)) == NID_OCSP_sign;
}

// RFC 6960 §4.2.2.2.1; the value is NULL.
bool exempt_from_checking(const Certificate& certificate) {
  static constexpr std::uint8_t kNull[] = {0x05, 0x00};
  const int at = X509_get_ext_by_NID(certificate.native(), NID_id_pkix_OCSP_noCheck, -1);
  return at >= 0 && std::ranges::equal(octets_of(X509_EXTENSION_get_data(X509_get_ext(certificate.native(), at))), kNull);
}

Status check_delegate(const Certificate& responder, const Certificate& issuer) {
  const Facts& facts = responder.facts();
  const Facts& above = issuer.facts();
  if (!above.is_ca || (above.key_usage & KU_KEY_CERT_SIGN) == 0 || facts.authority_key_id != above.subject_key_id ||
      !responder.is_issued_by(issuer))
    return refused("ocsp.responder_untrusted", "the responder's certificate was not issued by the issuer itself");
  if (facts.is_ca || (facts.key_usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) != 0 || !for_ocsp_signing_alone(responder))
    return refused("ocsp.responder_usage", "the responder's certificate is not for OCSP signing alone");
  if (!exempt_from_checking(responder))
    return refused("ocsp.responder_nocheck", "the responder's certificate does not bear id-pkix-ocsp-nocheck");
  return {};
}

}  // namespace

std::string_view name_of(CertStatus status) {
  switch (status) {
    case CertStatus::good: return "good";
    case CertStatus::revoked: return "revoked";
    case CertStatus::unknown: return "unknown";
  }
  return "unknown";
}

SingleResponse never_issued(CertId id, std::int64_t this_update_ms, std::int64_t next_update_ms) {
  return {.cert_id = std::move(id),
          .status = CertStatus::revoked,
          .reason = RevocationReason::certificate_hold,
          .revoked_at_ms = 0,
          .this_update_ms = this_update_ms,
          .next_update_ms = next_update_ms,
          .never_issued = true};
}

Result<Responder> responder_of(const Certificate& certificate, const crypto::PrivateKey& key) {
  TF_CHECK(check_pair({certificate, key}));
  auto signer = std::make_shared<crypto::KeptSigner>(key);
  return Responder{.certificate = certificate, .sign = [signer](ByteView tbs) { return signer->sign(tbs); }};
}

// Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 §2.2.3)
Bytes to_der(const crypto::Es256Signature& signature) {
  static constexpr std::uint8_t kPositive[] = {0x00};
  DerWriter out(80);
  for (ByteView number : {ByteView(signature).last(32), ByteView(signature).first(32)}) {
    const std::size_t before = out.size();
    while (number.size() > 1 && number.front() == 0) number = number.subspan(1);
    out.put(number);
    if ((number.front() & 0x80) != 0) out.put(kPositive);
    out.close({V_ASN1_INTEGER}, before);
  }
  out.close(kSequence, 0);
  return to_bytes(out.octets());
}

Status check_responder(const Certificate& responder, const Certificate& issuer, std::int64_t at_ms) {
  const Facts& facts = responder.facts();
  if (!(responder == issuer)) TF_CHECK(check_delegate(responder, issuer));
  // RFC 5280 §4.2.1.3: a key that signs other things than certificates and lists is for digitalSignature.
  if ((facts.key_usage & KU_DIGITAL_SIGNATURE) == 0)
    return refused("ocsp.responder_usage", "the responder's certificate is not for digital signatures");
  if (!facts.key || !facts.acceptable_signature || facts.foreign_critical)
    return refused("ocsp.responder_usage", "the responder's certificate has a key, a signature or an extension we do not know");
  if (at_ms < facts.not_before_ms || at_ms >= facts.not_after_ms)
    return refused("ocsp.responder_expired", "the responder's certificate is not valid now");
  return {};
}

Bytes error_response(ErrorStatus status) {
  const ResponseHandle response(OCSP_response_create(static_cast<int>(status), nullptr));
  crypto::must(response != nullptr, "OCSP response");
  return der_of<i2d_OCSP_RESPONSE>(response.get());
}

Bytes error_response(const Error& error) {
  switch (error.code) {
    case Code::malformed:
    case Code::invalid: return error_response(ErrorStatus::malformed_request);
    case Code::refused:
    case Code::denied:
    case Code::not_found: return error_response(ErrorStatus::unauthorized);
    case Code::overloaded:
    case Code::unavailable:
    case Code::sealed: return error_response(ErrorStatus::try_later);
    case Code::conflict:
    case Code::integrity:
    case Code::internal: break;
  }
  return error_response(ErrorStatus::internal_error);
}

}  // namespace tf::pki::ocsp
