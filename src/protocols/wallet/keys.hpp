// What is derived and MACed: one label a purpose and direction, length-prefixed fields.
#pragma once
#include "protocols/wallet/messages.hpp"

namespace tf::wallet {

namespace label {
// of the codes' key, salt: registration id
inline constexpr std::string_view activate_request = "wallet activate request";
inline constexpr std::string_view activate_answer = "wallet activate answer";
inline constexpr std::string_view file_request = "wallet file request";
inline constexpr std::string_view file_answer = "wallet file answer";  // S06: the MAC over the certificate file
inline constexpr std::string_view file_mac = "wallet file mac";        // MAC password until S08
// of info3, salt: number
inline constexpr std::string_view file_encryption = "wallet file encryption";
inline constexpr std::string_view file_mac_own = "wallet file mac own";  // MAC password from S08 on
// of the message key, salt: session id
inline constexpr std::string_view pay_mac = "wallet pay mac";
inline constexpr std::string_view pay_seal = "wallet pay seal";  // context: in modern SHA-256 of the JWS it goes with
inline constexpr std::string_view query_mac = "wallet query mac";
inline constexpr std::string_view refund_mac = "wallet refund mac";
inline constexpr std::string_view instruments_mac = "wallet instruments mac";
inline constexpr std::string_view instrument_seal = "wallet instrument seal";
inline constexpr std::string_view instrument_answer = "wallet instrument answer";
// others
inline constexpr std::string_view session = "wallet session";
inline constexpr std::string_view session_digest = "wallet session digest";
inline constexpr std::string_view login_seal = "wallet classic login";
inline constexpr std::string_view proof = "wallet proof";
inline constexpr std::string_view info3 = "wallet info3";
inline constexpr std::string_view codes = "wallet codes";
inline constexpr std::string_view classic_login = "wallet classic login signature";
inline constexpr std::string_view classic_pay = "wallet classic pay signature";
inline constexpr std::string_view classic_inquiry = "wallet classic inquiry signature";
}  // namespace label

// HKDF-SHA256(salt, key, label): what Vault::hkdf_sha256 gives for the same key in the vault.
Secret<32> derive(const Secret<32>& key, std::string_view salt, std::string_view label, ByteView context = {});
// A derived key as a password of a PKCS#12 file: 64 lower-case hex digits.
SecretBytes as_password(const Secret<32>& key);

// Both directions of activation: label, platform, registration, number, key thumbprint (empty: made by the platform), nonce.
struct Activating {
  std::string_view platform;
  std::string_view registration;
  std::string_view number;
  ByteView thumbprint;
  std::string_view nonce_p;
};
Bytes activating_fields(std::string_view label, const Activating& what, ByteView answer = {});

// Login. r: the phone's; shared: of both ephemeral keys.
struct SessionBinding {
  std::string_view platform;
  std::string_view number;
  ByteView thumbprint;  // of the certificate
  std::string_view nonce_p;
  ByteView phone_point;     // empty in classic
  ByteView platform_point;  // as above
};
Secret<32> session_seal_key(const Secret<32>& r, const Secret<32>& shared, const SessionBinding& binding);
Hash256 session_digest(const Secret<32>& r, const SessionBinding& binding, std::string_view session, ByteView message_key, ByteView pin_key);

// S34: what classic signs at login; S44, when it pays, asks and gives back.
Bytes classic_login_fields(const Secret<32>& r, std::string_view platform, std::string_view number, const SecretBytes& password, std::int64_t time_ms);
Bytes classic_pay_fields(const ClassicPayment& payment);
Bytes classic_inquiry_fields(const ClassicInquiry& inquiry);

}  // namespace tf::wallet
