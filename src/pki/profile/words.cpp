#include "pki/profile/words.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "pki/oids.hpp"

namespace tf::pki {
namespace words {
namespace {

constexpr Word<ProfilePurpose> kPurposes[] = {{"device", ProfilePurpose::device},
                                              {"user-authentication", ProfilePurpose::user_authentication},
                                              {"user-signing", ProfilePurpose::user_signing},
                                              {"user-encryption", ProfilePurpose::user_encryption},
                                              {"smart-card-logon", ProfilePurpose::smart_card_logon},
                                              {"server", ProfilePurpose::server},
                                              {"key-distribution-host", ProfilePurpose::key_distribution_host},
                                              {"platform", ProfilePurpose::platform},
                                              {"ocsp-signer", ProfilePurpose::ocsp_signer},
                                              {"authority", ProfilePurpose::authority}};

constexpr Word<std::uint32_t> kKeyUsages[] = {
    {"digitalSignature", KU_DIGITAL_SIGNATURE}, {"nonRepudiation", KU_NON_REPUDIATION},
    {"keyEncipherment", KU_KEY_ENCIPHERMENT},   {"dataEncipherment", KU_DATA_ENCIPHERMENT},
    {"keyAgreement", KU_KEY_AGREEMENT},         {"keyCertSign", KU_KEY_CERT_SIGN},
    {"cRLSign", KU_CRL_SIGN},                   {"encipherOnly", KU_ENCIPHER_ONLY},
    {"decipherOnly", KU_DECIPHER_ONLY}};

constexpr Word<const char*> kExtendedUsages[] = {{"serverAuth", kServerAuth},
                                                 {"clientAuth", kClientAuth},
                                                 {"codeSigning", "1.3.6.1.5.5.7.3.3"},
                                                 {"emailProtection", "1.3.6.1.5.5.7.3.4"},
                                                 {"timeStamping", "1.3.6.1.5.5.7.3.8"},
                                                 {"OCSPSigning", kOcspSigning},
                                                 {"smartcardLogon", kSmartcardLogon},
                                                 {"anyExtendedKeyUsage", kAnyExtendedKeyUsage},
                                                 {"keyDistributionHost", oid::kKeyDistributionHost},
                                                 {"device", oid::kDevice},
                                                 {"loader", oid::kLoader},
                                                 {"walletEncryption", oid::kWalletEncryption},
                                                 {"walletResults", oid::kWalletResults},
                                                 {"onboardModule", oid::kOnboardModule},
                                                 {"onboardModuleDecryption", oid::kOnboardModuleDecryption},
                                                 {"onboardOperator", oid::kOnboardOperator},
                                                 {"onboardIssuer", oid::kOnboardIssuer},
                                                 {"onboardRegistration", oid::kOnboardRegistration},
                                                 {"onboardAccess", oid::kOnboardAccess},
                                                 {"cardsignPayment", oid::kCardsignPayment},
                                                 {"cardsignHash", oid::kCardsignHash},
                                                 {"cardsignServer", oid::kCardsignServer}};

constexpr Word<int> kAttributes[] = {{"commonName", NID_commonName},
                                     {"surname", NID_surname},
                                     {"givenName", NID_givenName},
                                     {"serialNumber", NID_serialNumber},
                                     {"countryName", NID_countryName},
                                     {"localityName", NID_localityName},
                                     {"stateOrProvinceName", NID_stateOrProvinceName},
                                     {"organizationName", NID_organizationName},
                                     {"organizationalUnitName", NID_organizationalUnitName},
                                     {"title", NID_title},
                                     {"domainComponent", NID_domainComponent}};

constexpr Word<NameKind> kNames[] = {{"dNSName", NameKind::dns},
                                     {"iPAddress", NameKind::ip},
                                     {"rfc822Name", NameKind::email},
                                     {"uniformResourceIdentifier", NameKind::uri},
                                     {"hardwareModuleName", NameKind::hardware_module},
                                     {"userPrincipalName", NameKind::user_principal}};

constexpr Word<const char*> kExtensions[] = {{"basicConstraints", kBasicConstraints},
                                             {"keyUsage", kKeyUsage},
                                             {"extKeyUsage", kExtKeyUsage},
                                             {"subjectAltName", kSubjectAltName},
                                             {"subjectKeyIdentifier", kSubjectKeyId},
                                             {"authorityKeyIdentifier", kAuthorityKeyId},
                                             {"cRLDistributionPoints", kCrlDistributionPoints},
                                             {"authorityInfoAccess", kAuthorityInfoAccess},
                                             {"certificatePolicies", "2.5.29.32"},
                                             {"policyMappings", "2.5.29.33"},
                                             {"policyConstraints", "2.5.29.36"},
                                             {"inhibitAnyPolicy", "2.5.29.54"},
                                             {"nameConstraints", "2.5.29.30"},
                                             {"issuerAltName", "2.5.29.18"},
                                             {"freshestCRL", "2.5.29.46"},
                                             {"ocspNoCheck", kOcspNoCheck},
                                             {"dsnRanges", oid::kDsnRanges}};

std::string text_in(std::span<const Word<const char*>> list, const std::string& dotted) {
  const auto found = std::ranges::find_if(list, [&](const auto& word) { return dotted == word.value; });
  return found == list.end() ? dotted : std::string(found->text);
}

}  // namespace

std::span<const Word<ProfilePurpose>> purposes() { return kPurposes; }
std::span<const Word<std::uint32_t>> key_usages() { return kKeyUsages; }
std::span<const Word<const char*>> extended_usages() { return kExtendedUsages; }
std::span<const Word<int>> attributes() { return kAttributes; }
std::span<const Word<NameKind>> names() { return kNames; }
std::span<const Word<const char*>> extensions() { return kExtensions; }

// Those that have a word are known by their octets: OBJ_obj2txt prints number by number.
std::string dotted(const ASN1_OBJECT* object) {
  static const auto known = [] {
    std::vector<std::pair<crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free>, const char*>> out;
    for (const auto& list : {std::span<const Word<const char*>>(kExtensions), std::span<const Word<const char*>>(kExtendedUsages)})
      for (const auto& [word, text] : list) out.emplace_back(OBJ_txt2obj(text, 1), text);
    return out;
  }();
  for (const auto& [one, text] : known)
    if (OBJ_cmp(one.get(), object) == 0) return text;
  char text[256];
  const int size = OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 && size < static_cast<int>(sizeof text) ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

bool is_dotted(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.find_first_not_of("0123456789.") != std::string_view::npos) return false;
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(std::string(text).c_str(), 1));
  ERR_clear_error();
  return object && dotted(object.get()) == text;
}

std::string extended_usage_text(const std::string& dotted) { return text_in(kExtendedUsages, dotted); }
std::string extension_text(const std::string& dotted) { return text_in(kExtensions, dotted); }

std::string attribute_text(int nid) {
  const auto found = std::ranges::find(kAttributes, nid, &Word<int>::value);
  return found == std::end(kAttributes) ? OBJ_nid2ln(nid) : found->text;
}

std::string key_usage_text(std::uint32_t bits) {
  std::string out;
  for (const auto& [text, bit] : kKeyUsages) {
    if ((bits & bit) == 0) continue;
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out.empty() ? "none" : out;
}

}  // namespace words

std::string_view name_of(ProfilePurpose purpose) {
  return std::ranges::find(words::purposes(), purpose, &words::Word<ProfilePurpose>::value)->text;
}
std::string_view name_of(NameKind kind) { return std::ranges::find(words::names(), kind, &words::Word<NameKind>::value)->text; }

}  // namespace tf::pki
