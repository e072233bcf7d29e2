// The parts of lint; private to pki.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/handles.hpp"
#include "pki/lint/outline.hpp"

namespace tf::pki::linting {

// One extension as it stands, read once with OpenSSL's template for its kind.
struct Decoded {
  X509_EXTENSION* extension;
  int nid;                        // NID_undef: OpenSSL has no name for it
  bool critical;
  bool twice = false;             // an earlier one is of the same kind
  const ASN1_ITEM* item = nullptr;  // null: there is no template
  ASN1_VALUE* value = nullptr;    // null: it does not parse
  bool strict = false;            // written again it is the same

  explicit Decoded(X509_EXTENSION* from);
  Decoded(Decoded&& other) noexcept;
  Decoded(const Decoded&) = delete;
  Decoded& operator=(Decoded&&) = delete;
  ~Decoded();
  [[nodiscard]] std::string dotted() const;
  [[nodiscard]] std::string where() const;  // "extensions.keyUsage"
};

// An extension's value, its criticality, whether it is there.
template <class T>
struct Extension {
  const T* value = nullptr;  // null when absent, twice or unreadable
  int critical = -1;         // 1, 0; -1 absent, -2 twice
  [[nodiscard]] bool present() const { return critical >= 0; }
};

enum class Key { unreadable, rsa, ec, other };

struct Whole {
  const X509* x509;     // null while it is not signed
  const EVP_PKEY* key;  // null when it cannot be read
};

// Where findings go.
class Report {
 public:
  explicit Report(std::vector<Finding>& findings) : out_(findings) {}
  void error(const char* rule, std::string where, std::string text) const;
  void warning(const char* rule, std::string where, std::string text) const;
  void note(const char* rule, std::string where, std::string text) const;

 private:
  std::vector<Finding>& out_;
};

class Subject : public Report {
 public:
  Subject(const Outline& of, Whole whole, const LintContext& with, std::vector<Finding>& findings);

  const Outline& outline;
  const X509* x509;  // null while it is not signed
  const LintContext& context;
  const std::vector<Decoded> extensions;

  [[nodiscard]] const EVP_PKEY* key() const { return key_; }
  [[nodiscard]] Key key_kind() const { return kind_; }
  [[nodiscard]] int curve() const;  // of an EC key: its NID

  // T is the type of OpenSSL's template for this nid.
  template <class T>
  [[nodiscard]] Extension<T> extension(int nid) const {
    Extension<T> out;
    for (const Decoded& one : extensions) {
      if (one.nid != nid) continue;
      if (out.present()) return {nullptr, -2};
      out = {reinterpret_cast<const T*>(one.value), one.critical ? 1 : 0};
    }
    return out;
  }
  [[nodiscard]] Extension<BASIC_CONSTRAINTS> basic_constraints() const { return extension<BASIC_CONSTRAINTS>(NID_basic_constraints); }
  [[nodiscard]] Extension<ASN1_BIT_STRING> key_usage() const { return extension<ASN1_BIT_STRING>(NID_key_usage); }
  [[nodiscard]] Extension<EXTENDED_KEY_USAGE> extended_key_usage() const { return extension<EXTENDED_KEY_USAGE>(NID_ext_key_usage); }
  [[nodiscard]] Extension<GENERAL_NAMES> subject_alt_name() const { return extension<GENERAL_NAMES>(NID_subject_alt_name); }
  [[nodiscard]] bool is_ca() const;
  [[nodiscard]] std::uint32_t key_usage_bits() const { return key_usage_bits_; }                              // 0 when there is none
  [[nodiscard]] const std::set<std::string>& extended_key_usages() const { return extended_key_usages_; }  // dotted

 private:
  const EVP_PKEY* key_;
  Key kind_ = Key::unreadable;
  std::uint32_t key_usage_bits_ = 0;
  std::set<std::string> extended_key_usages_;
};

// Each looks at one part and reports.
void lint_fields(const Subject& subject);      // version, serial, signature, validity, key
void lint_names(const Subject& subject);       // issuer, subject, subjectAltName
void lint_extensions(const Subject& subject);  // all other extensions
void lint_profile(const Subject& subject, const Profile& profile);

// One value at a time: of a certificate that is there, and of one that is made like another that was linted whole.
struct Attribute {
  const ASN1_OBJECT* kind;
  int nid;
  int type;               // V_ASN1_…
  std::string_view text;  // in UTF-8
};
void lint_number(const Report& report, const BIGNUM* serial);
void lint_time_type(const Report& report, bool utc_time, int year, const char* where);
void lint_period(const Report& report, std::int64_t not_before_ms, std::int64_t not_after_ms, const Certificate* issuer, std::optional<std::int64_t> now_ms);
void lint_attribute(const Report& report, const Attribute& attribute, const char* name);
void match_attribute(const Report& report, int nid, const ASN1_OBJECT* kind, const Profile& profile);
void match_required(const Report& report, const std::set<int>& found, const Profile& profile);
void match_period(const Report& report, std::int64_t not_before_ms, std::int64_t not_after_ms, const Profile& profile);

// A name of subjectAltName as profiles know them; none for other kinds.
std::optional<NameKind> kind_of(const GENERAL_NAME* name);

}  // namespace tf::pki::linting
