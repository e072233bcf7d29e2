// The envelope (docs/protocols/onboard.md): XML Encryption to the module's key within XML Signature by the operator's issuer.
//
//   issuer (HSS)                 compose_envelope
//   credentialing server         check_envelope_for: is it for whom it was asked, and signed by an issuer of ours?
//   device                       inspect_envelope, (OCSP), judge_content inside the module
//
// Errors on the device's side: Code::refused "onboard.envelope_hash" (not the one READY named), those of xml/security_*.hpp (no such
// signature, weak algorithms, wrapping, …) and xml/document.hpp (DTD, …), pki.*, "onboard.other_name" (signed by another operator's issuer),
// "onboard.envelope_operator" "onboard.envelope_device" "onboard.envelope_nonce" "onboard.envelope_expired" (header);
// "onboard.content" "onboard.content_operator" "onboard.content_device" "onboard.content_nonce" "onboard.content_imsi" (inside).
#pragma once
#include "crypto/aka/key.hpp"
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/messages_servers.hpp"
#include "xml/security_encryption.hpp"

namespace tf::onboard {

inline constexpr std::string_view kEnvelopeSpace = "urn:trustferry:onboard:1";

// What is encrypted.
struct SubscriberCredential {
  std::string imsi;
  std::string iccid;
  crypto::AkaKey key = {};  // Milenage's or TUAK's: K, and OPc or TOPc under its own name
  ByteArray<2> amf{0x80, 0x00};
};

struct EnvelopeHeader {
  std::string operator_id;
  std::string dsim_id;
  Hash256 device_hash{};
  Hash256 nonce_hash{};
  Hash256 imsi_hash{};
  std::int64_t issued_ms = 0;
  std::int64_t expires_ms = 0;
};

// decryption: the module's certificate, verified by the caller (verify_module, onboard_module_decryption). The XML's octets.
// Code::invalid "xml.recipient" for a key that is not RSA, "onboard.imsi", "onboard.iccid".
Result<Bytes> compose_envelope(const CredentialsRequest& request, std::string_view operator_id, const pki::Certificate& decryption,
                               const SubscriberCredential& credential, const Signer& issuer, std::int64_t now_ms);
// The request's chain is of this module and for decryption; its leaf. For the HSS, before it makes anything.
Result<pki::Certificate> check_credentials_request(const CredentialsRequest& request, const ChainVerifier& verifier, std::int64_t now_ms);

// A nonce is not used up for an envelope that the device would refuse. Code::refused "onboard.other_envelope" when it is for anybody else;
// what inspect_envelope refuses.
Status check_envelope_for(const CredentialsAnswer& answer, const CredentialsRequest& request, std::string_view operator_id, const ChainVerifier& verifier,
                          std::int64_t now_ms);

// For whom the device takes an envelope.
struct EnvelopeExpected {
  std::string operator_id;
  std::string dsim_id;
  Hash256 device_hash{};
  Hash256 nonce_hash{};
  Hash256 envelope_hash{};
};
struct Inspected {
  EnvelopeHeader header;
  Shown issuer;                // to be asked about
  xml::EncryptedParts content; // for the module
};
Result<Inspected> inspect_envelope(ByteView envelope, const EnvelopeExpected& expected, const ChainVerifier& verifier, std::int64_t now_ms);
// The plaintext of the content, inside the module. Every value must be the header's.
Result<SubscriberCredential> judge_content(ByteView plaintext, const EnvelopeHeader& header);

}  // namespace tf::onboard
