// HTTP Digest with AKA (RFC 3310; RFC 2617 §3.2): what stands in WWW-Authenticate and Authorization, and what is computed. For both
// ends; nothing here draws, stores or sends.
//
//   WWW-Authenticate: Digest realm="…", nonce="base64(RAND ‖ AUTN)", qop="auth", algorithm=AKAv1-MD5
//   Authorization: Digest username="IMSI@realm", realm="…", nonce="…", uri="…", qop=auth, nc=00000001, cnonce="…", response="…",
//                  algorithm=AKAv1-MD5 [, auts="base64(AUTS)"]
//
// A first Authorization may name the user alone, with an empty nonce and response (RFC 3310 §4). Each nonce serves once, so nc is 1.
// AKAv1-MD5 has RES as its password. AKAv2-SHA-256 (RFC 4169 with the hash of RFC 7616) derives it from RES, IK and CK: what was heard
// in another network's AKA is worth nothing here. Everything else that RFC 7616 allows (qop auth-int, nc above 1, userhash, other
// algorithms) is refused, and so is a name that is not known or stands twice. Errors: Code::malformed "onboard.digest".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "crypto/aka/types.hpp"

namespace tf::onboard {

enum class DigestAlgorithm { aka_v1_md5, aka_v2_sha256 };
std::string_view name_of(DigestAlgorithm algorithm);

inline constexpr std::size_t kMaxDigestHeader = 2048;

struct DigestChallenge {
  std::string realm;
  crypto::Rand rand{};
  crypto::Autn autn{};
  DigestAlgorithm algorithm = DigestAlgorithm::aka_v1_md5;
  bool stale = false;  // the answer before was good and late: no reason to ask for another key
};
std::string nonce_of(const crypto::Rand& rand, const crypto::Autn& autn);
std::string encode(const DigestChallenge& challenge);
Result<DigestChallenge> parse_digest_challenge(std::string_view header);

struct DigestAnswer {
  std::string username;
  std::string realm;
  std::string nonce;     // as the challenge spelt it; empty: who asks for a challenge
  std::string uri;       // path and query of the request
  std::string cnonce;    // 1 to 64 printable characters
  std::string response;  // lower-case hexadecimal digits; empty with an empty nonce
  DigestAlgorithm algorithm = DigestAlgorithm::aka_v1_md5;
  std::optional<crypto::Auts> auts = {};
};
std::string encode(const DigestAnswer& answer);
Result<DigestAnswer> parse_digest_answer(std::string_view header);

// RFC 3310 §3.3, RFC 4169 §2. With AUTS the password is empty (RFC 3310 §3.4).
SecretBytes digest_password(DigestAlgorithm algorithm, const Secret<8>& res, const Secret<16>& ik, const Secret<16>& ck);
// The response that belongs to this answer's other members. method: "GET".
std::string digest_response(const DigestAnswer& answer, std::string_view method, const SecretBytes& password);
// Constant time.
bool verify_digest(const DigestAnswer& answer, std::string_view method, const SecretBytes& password);

// A device's whole answer to a challenge.
struct DigestUser {
  std::string username;
  std::string cnonce;
};
DigestAnswer answer_digest(const DigestChallenge& challenge, const DigestUser& user, std::string_view method, std::string_view uri, const Secret<8>& res,
                           const Secret<16>& ik, const Secret<16>& ck);
DigestAnswer answer_digest_with_auts(const DigestChallenge& challenge, const DigestUser& user, std::string_view method, std::string_view uri,
                                     const crypto::Auts& auts);

}  // namespace tf::onboard
