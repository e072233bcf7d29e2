// The parts of lint; private to pki.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/handles.hpp"
#include "pki/lint/lint.hpp"

namespace tf::pki::linting {

// An extension's value, its criticality, whether it is there.
template <class T, auto Free>
struct Extension {
  crypto::Handle<T, Free> value;  // null when absent, twice or unreadable
  int critical = -1;              // 1, 0; -1 absent, -2 twice
  [[nodiscard]] bool present() const { return critical >= 0; }
};

struct Subject {
  const X509* x509;
  const LintContext& context;
  bool is_signed;
  std::vector<Finding>& out;

  // Null when it cannot be read.
  [[nodiscard]] const EVP_PKEY* key() const {
    return context.key != nullptr ? context.key->native() : X509_get0_pubkey(x509);
  }
  void error(const char* rule, std::string where, std::string text) const;
  void warning(const char* rule, std::string where, std::string text) const;
  void note(const char* rule, std::string where, std::string text) const;

  template <class T, auto Free>
  [[nodiscard]] Extension<T, Free> extension(int nid) const {
    Extension<T, Free> out_extension;
    out_extension.value.reset(static_cast<T*>(X509_get_ext_d2i(x509, nid, &out_extension.critical, nullptr)));
    return out_extension;
  }
  [[nodiscard]] Extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> basic_constraints() const;
  [[nodiscard]] Extension<ASN1_BIT_STRING, ASN1_BIT_STRING_free> key_usage() const;
  [[nodiscard]] Extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> extended_key_usage() const;
  [[nodiscard]] Extension<GENERAL_NAMES, GENERAL_NAMES_free> subject_alt_name() const;
  [[nodiscard]] bool is_ca() const;
  [[nodiscard]] std::uint32_t key_usage_bits() const;               // 0 when there is none
  [[nodiscard]] std::set<std::string> extended_key_usages() const;  // dotted
};

// Each looks at one part and reports.
void lint_fields(const Subject& subject);      // version, serial, signature, validity, key
void lint_names(const Subject& subject);       // issuer, subject, subjectAltName
void lint_extensions(const Subject& subject);  // all other extensions
void lint_profile(const Subject& subject, const Profile& profile);

// A name of subjectAltName as profiles know them; none for other kinds.
std::optional<NameKind> kind_of(const GENERAL_NAME* name);

}  // namespace tf::pki::linting
