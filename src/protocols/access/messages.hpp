// The messages of access (docs/protocols/access.md) as values, and their JSON. decode_… are strict: Code::malformed.
#pragma once
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "protocols/access/identity.hpp"

namespace tf::access {

using Nonce = ByteArray<16>;

namespace typ {
inline constexpr std::string_view initialise = "trustferry-access-initialise";
inline constexpr std::string_view edkey = "trustferry-access-edkey";      // suite classic
inline constexpr std::string_view enrolment = "trustferry-access-enrolment";
inline constexpr std::string_view authenticate = "trustferry-access-authenticate";
inline constexpr std::string_view ticket = "trustferry-access-ticket";  // the JWE around a ticket
inline constexpr std::string_view service_data = "trustferry-access-data";
inline constexpr std::string_view jwt = "at+jwt";                       // the ticket itself (RFC 9068)
}  // namespace typ

// The old key's word for a binding of its Did or number elsewhere; absent without a key id.
struct Consent {
  std::string key_id;
  Hash256 mac{};
};

enum class ChallengePurpose { initialise, authenticate };
std::string_view name_of(ChallengePurpose purpose);

struct Challenge {
  std::string nonce;  // opaque to the terminal
  std::int64_t expires_in_s = 0;
};
std::string encode_challenge_request(ChallengePurpose purpose);
Result<ChallengePurpose> decode_challenge_request(std::string_view body);
std::string encode(const Challenge& challenge);
Result<Challenge> decode_challenge(std::string_view body);

// What S202 tells, wherever in the message it stands.
struct Initialisation {
  Suite suite = Suite::modern;
  std::string service;   // modern
  std::string did;
  SecretBytes dkey;      // dkey_size(suite)
  std::string msisdn;    // modern: expected by the terminal; empty where the service has no gateway
  std::string nonce_p;   // modern
  Nonce nonce_t{};       // modern
  std::string info;
  std::string code;      // enrolment proof: a one-time code …
  std::string jws;       // … or, modern, the device's signature
  Consent consent;       // modern
};
// The content of the JWE: everything above in modern; Did (unless it stands beside), DKey and code in classic.
SecretBytes encode(const Initialisation& content, bool did_beside = false);
Result<Initialisation> decode_initialisation(Suite suite, const SecretBytes& content);

struct InitialiseRequest {
  Suite suite = Suite::modern;
  std::string service;
  std::string jwe;   // classic: EDKey
  std::string did;   // classic: empty where it is inside EDKey
  std::string info;  // classic
};
std::string encode(const InitialiseRequest& request);
Result<InitialiseRequest> decode_initialise_request(std::string_view body);

struct InitialiseAnswer {
  std::string msisdn;
  std::string key_id;
  std::int64_t key_time_ms = 0;
  std::string private_apn;  // the service's profile on the private side; empty: none
  Hash256 mac{};
};
std::string encode(const InitialiseAnswer& answer);
Result<InitialiseAnswer> decode_initialise_answer(std::string_view body);

// What S211 claims: the sealed part in modern, in clear in classic.
struct Claim {
  std::string did;
  std::string info;
  std::string msisdn;
  std::int64_t key_time_ms = 0;
};
std::string encode(const Claim& claim);
Result<Claim> decode_claim(std::string_view text);

struct AuthenticateRequest {
  Suite suite = Suite::modern;
  std::string service;
  std::string key_id;        // modern
  std::string nonce_p;       // modern
  Nonce nonce_t{};
  std::string sealed;        // modern
  Claim claim;               // classic
  std::int64_t time_ms = 0;  // classic: the terminal's clock
  Hash256 mac{};
};
std::string encode(const AuthenticateRequest& request);
Result<AuthenticateRequest> decode_authenticate_request(std::string_view body);

struct AuthenticateAnswer {
  std::string ticket;       // JWE
  std::string private_apn;  // as above
  Hash256 mac{};
};
std::string encode(const AuthenticateAnswer& answer);
Result<AuthenticateAnswer> decode_authenticate_answer(std::string_view body);

}  // namespace tf::access
