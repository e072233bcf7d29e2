// What is made of DKey, and what is MACed: one label a purpose and direction, length-prefixed fields.
#pragma once
#include "protocols/access/messages.hpp"

namespace tf::access {

namespace label {
inline constexpr std::string_view initialise_answer = "access initialise answer";
inline constexpr std::string_view authenticate_seal = "access authenticate seal";
inline constexpr std::string_view authenticate_request = "access authenticate request";
inline constexpr std::string_view authenticate_answer = "access authenticate answer";
inline constexpr std::string_view ticket = "access ticket";
inline constexpr std::string_view channel = "access channel psk";  // TLS 1.3 external PSK
inline constexpr std::string_view service = "access service";      // context: the service's client name
inline constexpr std::string_view enrolment = "access enrolment";
inline constexpr std::string_view consent = "access consent";
}  // namespace label

// K(label) from a DKey in hand: the terminal's side. The platform's DKey is in the vault (Vault::hkdf_sha256, which gives
// the same).
Secret<32> derive(const SecretBytes& dkey, std::string_view key_id, std::string_view label, ByteView context = {});

// What each MAC is over. key: K of the label.
struct Parties {
  Suite suite;
  std::string_view service;
  std::string_view did;
  std::string_view msisdn;
};
// What makes an exchange new. modern: nonce_p and nonce_t in both. classic: EDKey and nothing in S202, the terminal's time in
// decimal digits and nonce_t in S211.
struct Fresh {
  std::string_view first;
  ByteView second;
};
std::string decimal(std::int64_t time_ms);
Bytes initialise_answer_fields(const Parties& who, const InitialiseAnswer& answer, const Fresh& fresh);
Bytes authenticate_request_fields(Suite suite, std::string_view service, const Claim& claim, const Fresh& fresh);
Bytes authenticate_answer_fields(const Parties& who, const AuthenticateAnswer& answer, const Fresh& fresh);
// MACed by the old key when its Did or number shall be bound otherwise.
Bytes consent_fields(std::string_view service, const Initialisation& content);
// What a device signs to enrol: SHA-256 of the fields.
Hash256 enrolment_digest(std::string_view service, const Initialisation& content);

}  // namespace tf::access
