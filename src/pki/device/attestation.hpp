// What a smart card says of itself and of the keys made inside it (docs/protocols/cardsign.md). The manufacturer certifies the card's factory key; the
// factory key certifies the card's channel key, and every key that was made on the card:
//
//   manufacturer's root ── factory certificate ─┬─ channel certificate    keyAgreement
//                                               └─ attestation            digitalSignature or keyEncipherment, extension arc.16
//
// All three name the card's serial as their subject's serialNumber. arc.16 is not critical: SEQUENCE { serial UTF8String, nonce OCTET STRING (32), slot INTEGER,
// container INTEGER }, slot and container at most 255. Keys: P-256 or RSA of 2048 bits and more. These certificates are for what is written here and for no usage of
// pki/path/rules.hpp.
//
// Errors: Code::invalid "pki.name"; Code::malformed "pki.attestation", "pki.request"; Code::refused with the reasons of pki/path/path.hpp, and "pki.wrong_card"
// where another serial is named than expected.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/issue.hpp"
#include "pki/issuer.hpp"

namespace tf::pki {

inline constexpr int kFactoryDays = 20 * 365;

// --- the manufacturer's ---
// By his root: the card's factory key may certify, on the last floor.
Result<Certificate> issue_factory_certificate(const Issuer& root, std::string_view serial, const crypto::PublicKey& key, Term term, Random& random);
// By the factory key, for as long as its own certificate: a P-256 key.
Result<Certificate> issue_channel_certificate(const Issuer& factory, std::string_view serial, const crypto::PublicKey& key, Random& random);

// --- the card's ---
using EnrolmentNonce = ByteArray<32>;
struct Attestation {
  std::string serial;
  EnrolmentNonce nonce{};
  std::uint8_t slot = 0;
  std::uint8_t container = 0;
  friend bool operator==(const Attestation&, const Attestation&) = default;
};
enum class AttestedUse { sign, decipher };
// By the factory key, for as long as its own certificate. A card has no clock.
Result<Certificate> attest(const Issuer& factory, const Attestation& statement, AttestedUse use, const crypto::PublicKey& key, Random& random);
// PKCS#10 by the new key: subject serialNumber, the enrolment nonce as challengePassword in lower-case hex (RFC 2985 §5.4.1). ECDSA, or RSASSA-PSS.
Result<CertificateRequest> make_card_request(std::string_view serial, const EnrolmentNonce& nonce, const crypto::PrivateKey& key);

// --- the platform's and the terminal's ---
struct CardRequest {
  CertificateRequest request;  // its signature was verified
  std::string serial;
  EnrolmentNonce nonce{};
};
Result<CardRequest> read_card_request(ByteView der);
// chain: the factory certificate, alone (its manufacturer may add his root). Whose card it is: the subject's serialNumber is serial.
Status verify_factory(const std::vector<Certificate>& chain, std::string_view serial, const std::vector<Certificate>& roots, std::int64_t at_ms);
// Believes the factory certificate: verify_factory() comes first.
// What the card uses the key for. Code::refused "pki.wrong_usage" when it says neither.
Result<AttestedUse> attested_use(const Certificate& attestation);
Result<Attestation> verify_attestation(const Certificate& attestation, const Certificate& factory, std::int64_t at_ms);
// The channel key, for PIN envelopes. Believes the factory certificate.
Result<crypto::PublicKey> verify_channel(const Certificate& channel, const Certificate& factory, std::int64_t at_ms);

// What arc.16 holds.
Result<Bytes> encode_attestation(const Attestation& statement);
Result<Attestation> decode_attestation(ByteView der);

}  // namespace tf::pki
