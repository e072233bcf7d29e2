// Trustferry's own object identifiers, under an arc made of a UUID that needs no registration. Each component fits 24
// bits: many X.509 libraries refuse 2.25.<UUID> with its one component of 128 bits.
//   arc      1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683
//   arc.1    certificate extension, critical: DSN ranges (pki/dsn_ranges.hpp)
//   arc.2    extended key usage: key distribution host (a work certificate)
//   arc.3    extended key usage: device
//   arc.4    extended key usage: loader, issues device certificates (also the estate CA above it)
//   arc.5    extended key usage: wallet encryption, a platform's key that phones encrypt to
//   arc.6    extended key usage: wallet results, a platform's key that signs results of payments
//   arc.7    extended key usage: a secure module of onboard, that signs
//   arc.8    extended key usage: a secure module of onboard, that opens what is sealed to it
//   arc.9    extended key usage: an operator's credentialing server
//   arc.10   extended key usage: an operator's HSS, that signs envelopes
//   arc.11   extended key usage: a registration server
//   arc.12   extended key usage: a PHLR, that signs access tokens
//   arc.13   extended key usage: a key of a smart card that signs payments it sees
//   arc.14   extended key usage: a key of a smart card that signs payments by their hash
//   arc.15   extended key usage: a platform's key for what is shown before a card signs, and for what came of it
//   arc.16   certificate extension: a smart card's statement of a key made inside it (pki/device/attestation.hpp)
#pragma once
#include <openssl/types.h>

namespace tf::pki::oid {

inline constexpr const char* kDsnRanges = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.1";
inline constexpr const char* kKeyDistributionHost = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.2";
inline constexpr const char* kDevice = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.3";
inline constexpr const char* kLoader = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.4";
inline constexpr const char* kWalletEncryption = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.5";
inline constexpr const char* kWalletResults = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.6";
inline constexpr const char* kOnboardModule = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.7";
inline constexpr const char* kOnboardModuleDecryption = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.8";
inline constexpr const char* kOnboardOperator = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.9";
inline constexpr const char* kOnboardIssuer = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.10";
inline constexpr const char* kOnboardRegistration = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.11";
inline constexpr const char* kOnboardAccess = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.12";
inline constexpr const char* kCardsignPayment = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.13";
inline constexpr const char* kCardsignHash = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.14";
inline constexpr const char* kCardsignServer = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.15";
inline constexpr const char* kAttestation = "1.2.840.113556.1.8000.2554.7949.54865.62613.18434.47134.10539311.476683.16";

// The same as OpenSSL objects, made once and never freed.
const ASN1_OBJECT* dsn_ranges();
const ASN1_OBJECT* key_distribution_host();
const ASN1_OBJECT* device();
const ASN1_OBJECT* loader();
const ASN1_OBJECT* wallet_encryption();
const ASN1_OBJECT* wallet_results();
const ASN1_OBJECT* onboard_module();
const ASN1_OBJECT* onboard_module_decryption();
const ASN1_OBJECT* onboard_operator();
const ASN1_OBJECT* onboard_issuer();
const ASN1_OBJECT* onboard_registration();
const ASN1_OBJECT* onboard_access();
const ASN1_OBJECT* cardsign_payment();
const ASN1_OBJECT* cardsign_hash();
const ASN1_OBJECT* cardsign_server();
const ASN1_OBJECT* attestation();

}  // namespace tf::pki::oid
