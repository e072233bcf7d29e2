// OCSP responses (RFC 6960 §4.2, RFC 9919 §3.2): made from what is known about certificates and signed by a responder.
// One without a nonce may be made ahead and served until its nextUpdate.
#pragma once
#include <functional>

#include "pki/crl/crl.hpp"
#include "pki/ocsp/request.hpp"

namespace tf::pki::ocsp {

enum class CertStatus {
  good,     // not revoked; says nothing about whether it was issued (RFC 6960 §2.2)
  revoked,
  unknown,  // not of an issuer that is served here
};
std::string_view name_of(CertStatus status);

struct SingleResponse {
  CertId cert_id;
  CertStatus status = CertStatus::unknown;
  RevocationReason reason = RevocationReason::unspecified;  // of a revoked one
  std::int64_t revoked_at_ms = 0;                           // of a revoked one
  std::int64_t this_update_ms = 0;                          // when this was known to be so
  std::int64_t next_update_ms = 0;                          // when more will be known; after this_update_ms
  bool never_issued = false;                                // of a revoked one: by the extended meaning of §2.2
};
// "Revoked" as RFC 6960 §2.2 wants it for a number that was never given out: on hold since 1970.
SingleResponse never_issued(CertId id, std::int64_t this_update_ms, std::int64_t next_update_ms);

struct ResponseData {
  std::vector<SingleResponse> responses;  // 1 to kMaxSingle
  std::int64_t produced_at_ms = 0;        // not before any this_update_ms
  std::optional<Bytes> nonce = {};        // the request's; none for one made ahead
};

// Who answers: the issuer itself, or its delegate (RFC 6960 §4.2.2.2). The responder is named by its key (RFC 9919 §3.2.2).
struct Responder {
  Certificate certificate;
  bool include_certificate = true;  // a delegate's has to be
  // The signature over these octets as X.509 carries it, of the certificate's key: ECDSA P-256 with SHA-256 as
  // SEQUENCE { r, s }, or RSASSA-PSS with SHA-256, MGF1-SHA256 and a salt of 32.
  std::function<Result<Bytes>(ByteView tbs)> sign;
};
// The key may be a handle of the vault. Code::invalid "pki.issuer_key" when key and certificate do not belong together.
Result<Responder> responder_of(const Certificate& certificate, const crypto::PrivateKey& key);
// What sign() returns for the signature r ‖ s that Vault::sign_es256 gives.
Bytes to_der(const crypto::Es256Signature& signature);

// May this certificate answer for the issuer's at this time? Code::refused
//   "ocsp.responder_untrusted"  neither the issuer nor issued by it directly
//   "ocsp.responder_usage"      a delegate with another extended key usage than id-kp-OCSPSigning alone, a CA; no
//                               digitalSignature; other keys and signatures than ours, unknown critical extensions
//   "ocsp.responder_nocheck"    a delegate without id-pkix-ocsp-nocheck: nobody could ask about it
//   "ocsp.responder_expired"    not valid now
Status check_responder(const Certificate& responder, const Certificate& issuer, std::int64_t at_ms);

// DER, status successful. Code::invalid: "ocsp.response" for no or too many certificates or a CertId that is none,
// "ocsp.times" for an update that ends before it begins, is produced before it was known, or lies past the year 9999,
// "ocsp.nonce" for a nonce of no or over 128 octets; and what sign() fails with.
Result<Bytes> make_response(const ResponseData& data, const Responder& responder);

// A responder at work: what its responses have in common is encoded once. Many threads may use it at once.
class ResponseMaker {
 public:
  static Result<ResponseMaker> make(Responder responder);  // Code::refused "pki.bad_certificate"
  [[nodiscard]] Result<Bytes> response(const ResponseData& data) const;  // as make_response()
  [[nodiscard]] const Responder& responder() const { return *responder_; }

 private:
  ResponseMaker() = default;
  std::optional<Responder> responder_;
  Bytes id_;
  Bytes algorithm_;
  Bytes certificates_;
};

// RFC 6960 §2.3; unsigned.
enum class ErrorStatus { malformed_request = 1, internal_error = 2, try_later = 3, unauthorized = 6 };
Bytes error_response(ErrorStatus status);
// What the peer is told about an Error: malformed or invalid input is malformedRequest; refused, denied or not found is
// unauthorized; overloaded, unavailable or sealed is tryLater; everything else internalError.
Bytes error_response(const Error& error);

}  // namespace tf::pki::ocsp
