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
}  // namespace label

// K(label) from a DKey in hand: the terminal's side. The platform's DKey is in the vault (Vault::hkdf_sha256, which gives
// the same).
Secret<32> derive(const Secret<kDkeySize>& dkey, std::string_view key_id, std::string_view label, ByteView context = {});

// What each MAC is over. key: K of the label.
struct Parties {
  std::string_view service;
  std::string_view did;
  std::string_view msisdn;
};
Bytes initialise_answer_fields(const Parties& who, const InitialiseAnswer& answer, std::string_view nonce_p, const Nonce& nonce_t);
Bytes authenticate_request_fields(std::string_view service, const Claim& claim, std::string_view nonce_p, const Nonce& nonce_t);
Bytes authenticate_answer_fields(const Parties& who, std::string_view ticket, std::string_view nonce_p, const Nonce& nonce_t);
// What a device signs to enrol: SHA-256 of the fields.
Hash256 enrolment_digest(std::string_view service, const Initialisation& content);

}  // namespace tf::access
