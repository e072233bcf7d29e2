// The Online Certificate Status Protocol (RFC 6960), as RFC 9919 narrows it down for many clients (it replaces RFC 5019)
// and with nonces by RFC 9654: requests and what they ask about. Answers are in ocsp_response.hpp, the client's
// verification in ocsp_verify.hpp. Nothing here does I/O.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pki/certificate.hpp"

namespace tf::pki::ocsp {

inline constexpr std::size_t kMaxRequest = 8U << 10;  // octets of DER
inline constexpr std::size_t kMaxSingle = 16;         // certificates in one request or response
inline constexpr std::size_t kMaxNonce = 128;         // octets (RFC 9654 §2.1), at least one
inline constexpr std::size_t kNonce = 32;             // octets a client should send

// RFC 9919 §3.1.1: clients use SHA-256; SHA-1 from those of RFC 5019. It only names the issuer here.
enum class Hash { sha1, sha256 };

// Which certificate (RFC 6960 §4.1.1).
struct CertId {
  Hash hash = Hash::sha256;
  Bytes issuer_name_hash;
  Bytes issuer_key_hash;
  std::string serial_hex;  // as Certificate::serial_hex() gives it
  Bytes der;               // as the client wrote it; the response repeats it
  friend bool operator==(const CertId& a, const CertId& b) {  // the same certificate is meant
    return a.hash == b.hash && a.issuer_name_hash == b.issuer_name_hash && a.issuer_key_hash == b.issuer_key_hash &&
           a.serial_hex == b.serial_hex;
  }
};
// Code::invalid "pki.serial" unless it is a serial number in upper-case hex.
Result<CertId> cert_id(const Certificate& issuer, std::string_view serial_hex, Hash hash = Hash::sha256);

// An issuer as CertIds name it; its hashes are made once.
class IssuerHashes {
 public:
  explicit IssuerHashes(const Certificate& issuer);
  [[nodiscard]] bool match(const CertId& id) const;

 private:
  struct Pair {
    Bytes name;
    Bytes key;
  };
  Pair sha1_;
  Pair sha256_;
};

struct Request {
  std::vector<CertId> cert_ids;  // 1 to kMaxSingle, in the request's order
  std::optional<Bytes> nonce = {};
};

// Strict DER, all of the input. A signature is not looked at (RFC 9919 §3.1.2 lets a responder ignore it).
//   Code::malformed "ocsp.request"  does not parse, too large, too many certificates, unknown critical extension
//   Code::malformed "ocsp.nonce"    empty, over 128 octets or not an OCTET STRING (RFC 9654 §2.1)
//   Code::refused   "ocsp.hash"     a CertID with another hash than SHA-1 and SHA-256
// error_response() of ocsp_response.hpp says which answer each deserves.
Result<Request> decode_request(ByteView der);
// A GET (RFC 6960 §A.1): what follows the responder's own path and its slash, percent-encoded or already decoded.
// Code::malformed "ocsp.path" unless it is base64 of something; then as decode_request.
Result<Request> decode_path(std::string_view path);
Result<Bytes> path_der(std::string_view path);  // only the octets

// For clients. Code::invalid "ocsp.request" for no or too many certificates, "ocsp.nonce" for a nonce of no or over
// 128 octets.
Result<Bytes> encode_request(const std::vector<CertId>& ids, const std::optional<Bytes>& nonce);
// The request as the end of a GET's path, percent-encoded. RFC 9919 §6: only where the whole URL is at most 255 octets.
std::string encode_path(ByteView request);

}  // namespace tf::pki::ocsp
