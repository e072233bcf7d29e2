// Numbers of NIST SP 800-73-4 part 1 and SP 800-78-4, and of Yubico's extensions that yubico-piv-tool needs.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "card/files/file_system.hpp"
#include "card/keys/key_store.hpp"

namespace tf::card::piv {

inline constexpr ByteArray<11> kAid{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
inline constexpr std::string_view kContainer = "piv";    // of keys
inline constexpr std::string_view kFiles = "piv";        // of files
inline constexpr std::string_view kAdministratorRecord = "piv/administrator";  // algorithm ‖ 1 when it is the well-known key ‖ key

// Key references.
inline constexpr std::uint8_t kAuthentication = 0x9A, kSignature = 0x9C, kManagement = 0x9D, kCardAuthentication = 0x9E;
inline constexpr std::uint8_t kAdministrator = 0x9B;
inline constexpr std::uint8_t kPinReference = 0x80, kPukReference = 0x81;
inline constexpr std::uint8_t kFirstRetired = 0x82, kLastRetired = 0x95;
constexpr bool is_key_reference(std::uint8_t reference) {
  return (reference >= kAuthentication && reference <= kCardAuthentication && reference != kAdministrator) || (reference >= kFirstRetired && reference <= kLastRetired);
}
// What the standard says of each; 9C asks for the PIN each time, 9E never.
KeyFacts facts_of_reference(std::uint8_t reference, Algorithm algorithm);

// Algorithm identifiers.
inline constexpr std::uint8_t kTdes = 0x03, kTdesAlias = 0x00, kAes128 = 0x08, kAes192 = 0x0A, kAes256 = 0x0C;
inline constexpr std::uint8_t kRsa2048 = 0x07, kRsa3072 = 0x05, kP256 = 0x11, kP384 = 0x14;
std::optional<Algorithm> algorithm_of(std::uint8_t identifier);
std::uint8_t identifier_of(Algorithm algorithm);
// Octets of an administrator's key; 0 when the identifier names no cipher.
constexpr std::size_t key_size_of(std::uint8_t cipher) {
  return cipher == kTdes || cipher == kAes192 ? 24 : cipher == kAes128 ? 16 : cipher == kAes256 ? 32 : 0;
}

// Data objects.
inline constexpr std::uint32_t kDiscovery = 0x7E, kChuid = 0x5FC102, kCapabilities = 0x5FC107, kKeyHistory = 0x5FC10C;
inline constexpr std::uint32_t kCertificateAuthentication = 0x5FC105, kCertificateSignature = 0x5FC10A, kCertificateManagement = 0x5FC10B, kCertificateCard = 0x5FC101;
struct ObjectRule {
  Access read = Access::always;
  Access write = Access::administrator;
};
// nullopt for objects that the application does not know.
std::optional<ObjectRule> rule_of(std::uint32_t tag);
// Where the certificate of a key is kept.
std::uint32_t certificate_tag(std::uint8_t reference);
// A certificate object's value: 70 certificate, 71 00, FE (part 1, appendix A).
Bytes certificate_object(ByteView certificate);

}  // namespace tf::card::piv
