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
inline constexpr std::string_view enrolment = "trustferry-access-enrolment";
inline constexpr std::string_view authenticate = "trustferry-access-authenticate";
inline constexpr std::string_view ticket = "trustferry-access-ticket";  // the JWE around a ticket
inline constexpr std::string_view service_data = "trustferry-access-data";
inline constexpr std::string_view jwt = "at+jwt";                       // the ticket itself (RFC 9068)
}  // namespace typ

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

// What the JWE of S202 holds.
struct Initialisation {
  std::string did;
  Secret<kDkeySize> dkey;
  std::string msisdn;   // expected by the terminal; empty where the service has no gateway
  std::string nonce_p;
  Nonce nonce_t{};
  std::string info;
  std::string code;     // enrolment proof: a one-time code …
  std::string jws;      // … or the device's signature
};
SecretBytes encode(const Initialisation& content);
Result<Initialisation> decode_initialisation(const SecretBytes& content);

struct InitialiseRequest {
  std::string service;
  std::string jwe;
};
std::string encode(const InitialiseRequest& request);
Result<InitialiseRequest> decode_initialise_request(std::string_view body);

struct InitialiseAnswer {
  std::string msisdn;
  std::string key_id;
  std::int64_t key_time_ms = 0;
  Hash256 mac{};
};
std::string encode(const InitialiseAnswer& answer);
Result<InitialiseAnswer> decode_initialise_answer(std::string_view body);

// What the sealed part of S211 holds.
struct Claim {
  std::string did;
  std::string info;
  std::string msisdn;
  std::int64_t key_time_ms = 0;
};
std::string encode(const Claim& claim);
Result<Claim> decode_claim(std::string_view text);

struct AuthenticateRequest {
  std::string service;
  std::string key_id;
  std::string nonce_p;
  Nonce nonce_t{};
  std::string sealed;
  Hash256 mac{};
};
std::string encode(const AuthenticateRequest& request);
Result<AuthenticateRequest> decode_authenticate_request(std::string_view body);

struct AuthenticateAnswer {
  std::string ticket;  // JWE
  Hash256 mac{};
};
std::string encode(const AuthenticateAnswer& answer);
Result<AuthenticateAnswer> decode_authenticate_answer(std::string_view body);

}  // namespace tf::access
