// Lint: what is wrong with a certificate by RFC 5280 and by the profile it should follow, whether it is issued already or
// about to be. Unlike Certificate, which refuses what it does not like, lint reads all it can and names everything.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pki/profile/profile.hpp"

namespace tf::pki {

enum class Severity {
  note,     // worth knowing
  warning,  // against a SHOULD, or against good practice
  error,    // against a MUST or the profile: not to be issued
};

struct Finding {
  Severity severity;
  const char* rule;   // static: "rfc5280.serial_size", "practice.weak_key", "profile.key_usage"
  std::string where;  // "serialNumber", "subject.commonName", "extensions.keyUsage"
  std::string text;   // what is wrong, with the clause
};

struct LintContext {
  std::optional<Certificate> issuer = {};     // its rules need it: name, key identifier, validity, signature
  const Profile* profile = nullptr;           // the profile.… rules
  std::optional<std::int64_t> now_ms = {};    // rules about the present
  const crypto::PublicKey* key = nullptr;     // the certificate's, where it is decoded already: OpenSSL 3.0 takes long for it
};

// A certificate in DER, at most 64 KiB. One that does not parse has one finding, "rfc5280.der".
std::vector<Finding> lint(ByteView der, const LintContext& context);
// A certificate complete but for its signature, before it is signed. Signature algorithm and signature are not looked at.
std::vector<Finding> lint_unsigned(const X509* certificate, const LintContext& context);

std::string_view name_of(Severity severity);
// "error rfc5280.serial_size serialNumber: …", a line each.
std::string describe(const std::vector<Finding>& findings);
// Code::refused "pki.lint" with the errors in the detail; warnings and notes pass.
Status refuse_errors(const std::vector<Finding>& findings);

}  // namespace tf::pki
