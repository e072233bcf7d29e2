// The words of profiles and what they stand for; private to pki.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "crypto/handles.hpp"
#include "pki/profile/profile.hpp"

namespace tf::pki::words {

template <class T>
struct Word {
  const char* text;
  T value;
};

std::span<const Word<ProfilePurpose>> purposes();
std::span<const Word<std::uint32_t>> key_usages();        // KU_… bits
std::span<const Word<const char*>> extended_usages();     // dotted
std::span<const Word<int>> attributes();                  // NIDs, in the order of their text in RFC 5280 §A.1
std::span<const Word<NameKind>> names();
std::span<const Word<const char*>> extensions();          // dotted

std::string dotted(const ASN1_OBJECT* object);
bool is_dotted(std::string_view text);
// Its word, or itself.
std::string extended_usage_text(const std::string& dotted);
std::string extension_text(const std::string& dotted);
std::string attribute_text(int nid);
std::string key_usage_text(std::uint32_t bits);  // "digitalSignature, keyCertSign"

inline constexpr const char* kBasicConstraints = "2.5.29.19";
inline constexpr const char* kKeyUsage = "2.5.29.15";
inline constexpr const char* kExtKeyUsage = "2.5.29.37";
inline constexpr const char* kSubjectAltName = "2.5.29.17";
inline constexpr const char* kSubjectKeyId = "2.5.29.14";
inline constexpr const char* kAuthorityKeyId = "2.5.29.35";
inline constexpr const char* kCrlDistributionPoints = "2.5.29.31";
inline constexpr const char* kAuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";
inline constexpr const char* kOcspNoCheck = "1.3.6.1.5.5.7.48.1.5";
inline constexpr const char* kServerAuth = "1.3.6.1.5.5.7.3.1";
inline constexpr const char* kClientAuth = "1.3.6.1.5.5.7.3.2";
inline constexpr const char* kOcspSigning = "1.3.6.1.5.5.7.3.9";
inline constexpr const char* kSmartcardLogon = "1.3.6.1.4.1.311.20.2.2";
inline constexpr const char* kAnyExtendedKeyUsage = "2.5.29.37.0";

}  // namespace tf::pki::words
