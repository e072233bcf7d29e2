#include "card/piv/names.hpp"

#include "apdu/tlv.hpp"

namespace tf::card::piv {

KeyFacts facts_of_reference(std::uint8_t reference, Algorithm algorithm) {
  KeyFacts out{.algorithm = algorithm, .use = Use::sign, .pin = PinPolicy::once};
  if (reference == kSignature) out.pin = PinPolicy::always;
  if (reference == kCardAuthentication) out.pin = PinPolicy::never;
  if (reference == kManagement || reference <= kLastRetired) out.use = Use::decipher;
  return out;
}

std::optional<Algorithm> algorithm_of(std::uint8_t identifier) {
  switch (identifier) {
    case kRsa2048: return Algorithm::rsa2048;
    case kRsa3072: return Algorithm::rsa3072;
    case kP256: return Algorithm::p256;
    case kP384: return Algorithm::p384;
    default: return std::nullopt;
  }
}

std::uint8_t identifier_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rsa2048: return kRsa2048;
    case Algorithm::rsa3072: return kRsa3072;
    case Algorithm::p256: return kP256;
    case Algorithm::p384: break;
  }
  return kP384;
}

std::optional<ObjectRule> rule_of(std::uint32_t tag) {
  constexpr std::uint32_t kFingerprints = 0x5FC103, kFacial = 0x5FC108, kPrinted = 0x5FC109, kIris = 0x5FC121;
  if (tag == kDiscovery) return ObjectRule{.read = Access::always, .write = Access::never};
  if (tag == kFingerprints || tag == kFacial || tag == kPrinted || tag == kIris) return ObjectRule{.read = Access::pin};
  if (tag >= 0x5FC101 && tag <= 0x5FC125 && tag != 0x5FC104) return ObjectRule{};
  // Yubico's: administration, attestation, and the containers of Microsoft's minidriver.
  if ((tag >= 0x5FFF00 && tag <= 0x5FFF01) || (tag >= 0x5FFF10 && tag <= 0x5FFF15)) return ObjectRule{};
  return std::nullopt;
}

std::uint32_t certificate_tag(std::uint8_t reference) {
  switch (reference) {
    case kAuthentication: return kCertificateAuthentication;
    case kSignature: return kCertificateSignature;
    case kManagement: return kCertificateManagement;
    case kCardAuthentication: return kCertificateCard;
    default: return 0x5FC10Du + (reference - kFirstRetired);
  }
}

Bytes certificate_object(ByteView certificate) {
  constexpr std::uint8_t kUncompressed[] = {0x00};
  return apdu::TlvWriter().put(0x70, certificate).put(0x71, kUncompressed).put(0xFE, ByteView()).take();
}

}  // namespace tf::card::piv
