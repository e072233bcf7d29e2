// A client's verification of an OCSP response (RFC 6960 §3.2, RFC 9919 §5): strict, and every failure is hard. A nonce
// that was sent has to come back: RFC 9919 would have a client go by time alone, which lets an old "good" be replayed.
#pragma once
#include "pki/ocsp/response.hpp"

namespace tf::pki::ocsp {

struct Expected {
  Certificate issuer;                            // of the certificate in question; believed
  std::string serial_hex;                        // of the certificate in question
  std::int64_t now_ms = 0;
  std::optional<Bytes> nonce = {};               // what the request had; a response to a request without may bear any
  std::optional<std::int64_t> max_age_ms = {};   // since thisUpdate, whatever nextUpdate says
};

struct Verified {
  CertStatus status = CertStatus::unknown;
  RevocationReason reason = RevocationReason::unspecified;  // of a revoked one
  std::int64_t revoked_at_ms = 0;                           // of a revoked one
  bool never_issued = false;                                // of a revoked one
  std::int64_t produced_at_ms = 0;
  std::int64_t this_update_ms = 0;
  std::int64_t next_update_ms = 0;  // the first moment at which it is out of date
};

inline constexpr std::size_t kMaxResponse = 32U << 10;  // octets of DER

// What the response says about the certificate, once everything about it is right. The delegate's certificate comes with
// the response, at most four do. Errors:
//   Code::malformed    "ocsp.response"           not DER, too large, no basic response, unknown critical extension, more than
//                                                16 answers, times other than RFC 9919 §3.2.4 writes them
//                      "ocsp.nonce"              as in a request
//   Code::unavailable  "ocsp.try_later", "ocsp.internal_error"     the responder said so
//   Code::refused      "ocsp.malformed_request", "ocsp.sig_required", "ocsp.unauthorized"     likewise
//                      "ocsp.responder_unknown"  no certificate of the name or key that the response bears
//                      "ocsp.responder_…"        as check_responder() says
//                      "ocsp.signature"          not the responder's, or not of a kind we know
//                      "ocsp.nonce_missing", "ocsp.nonce_mismatch"
//                      "ocsp.wrong_certificate"  nothing about the certificate in question; "ocsp.ambiguous": twice
//                                                with one hash; with both, the answer by SHA-256 counts (RFC 9919 §3.2.1)
//                      "ocsp.no_next_update", "ocsp.not_yet_valid", "ocsp.expired", "ocsp.too_old"
Result<Verified> verify(ByteView response, const Expected& expected);
// The same about several certificates of the issuer, in their order, with the response itself verified once; expected.serial_hex is not
// looked at. What is wrong with the response is the error of all; each certificate has its own after that.
Result<std::vector<Result<Verified>>> verify_each(ByteView response, const Expected& expected, const std::vector<std::string>& serials);
// Is it good? Code::refused "ocsp.revoked", "ocsp.unknown".
Status require_good(const Verified& verified);

}  // namespace tf::pki::ocsp
