#include "pki/lint/lint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/lint/parts.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki {
namespace linting {

void Subject::error(const char* rule, std::string where, std::string text) const {
  out.push_back({Severity::error, rule, std::move(where), std::move(text)});
}
void Subject::warning(const char* rule, std::string where, std::string text) const {
  out.push_back({Severity::warning, rule, std::move(where), std::move(text)});
}
void Subject::note(const char* rule, std::string where, std::string text) const {
  out.push_back({Severity::note, rule, std::move(where), std::move(text)});
}

Extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> Subject::basic_constraints() const {
  return extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(NID_basic_constraints);
}
Extension<ASN1_BIT_STRING, ASN1_BIT_STRING_free> Subject::key_usage() const {
  return extension<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(NID_key_usage);
}
Extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> Subject::extended_key_usage() const {
  return extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(NID_ext_key_usage);
}
Extension<GENERAL_NAMES, GENERAL_NAMES_free> Subject::subject_alt_name() const {
  return extension<GENERAL_NAMES, GENERAL_NAMES_free>(NID_subject_alt_name);
}

bool Subject::is_ca() const {
  const auto constraints = basic_constraints();
  return constraints.value && constraints.value->ca != 0;
}

std::uint32_t Subject::key_usage_bits() const {
  const auto usage = key_usage();
  std::uint32_t bits = 0;
  for (int i = 0; usage.value && i < 9; ++i)  // KU_DIGITAL_SIGNATURE 0x80 is bit 0, KU_DECIPHER_ONLY 0x8000 bit 8
    if (ASN1_BIT_STRING_get_bit(usage.value.get(), i) == 1) bits |= i < 8 ? 0x80U >> i : 0x8000U;
  return bits;
}

std::set<std::string> Subject::extended_key_usages() const {
  const auto usages = extended_key_usage();
  std::set<std::string> dotted;
  for (int i = 0; usages.value && i < sk_ASN1_OBJECT_num(usages.value.get()); ++i)
    dotted.insert(words::dotted(sk_ASN1_OBJECT_value(usages.value.get(), i)));
  return dotted;
}

}  // namespace linting

namespace {

constexpr std::size_t kMaxDer = 64U << 10;

std::vector<Finding> findings_in(const X509* x509, const LintContext& context, bool is_signed) {
  std::vector<Finding> out;
  const linting::Subject subject{x509, context, is_signed, out};
  linting::lint_fields(subject);
  linting::lint_names(subject);
  linting::lint_extensions(subject);
  if (context.profile != nullptr) linting::lint_profile(subject, *context.profile);
  ERR_clear_error();
  return out;
}

}  // namespace

std::vector<Finding> lint(ByteView der, const LintContext& context) {
  const std::uint8_t* at = der.data();
  const crypto::X509Handle x509(der.empty() || der.size() > kMaxDer ? nullptr
                                                                    : d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!x509) return {{Severity::error, "rfc5280.der", "certificate", "not a certificate in DER of at most 64 KiB"}};
  auto out = findings_in(x509.get(), context, true);
  if (!std::ranges::equal(der_of<i2d_X509>(x509.get()), der))
    out.insert(out.begin(), {Severity::error, "rfc5280.der", "certificate", "not strict DER, or something follows it"});
  return out;
}

std::vector<Finding> lint_unsigned(const X509* certificate, const LintContext& context) {
  return findings_in(certificate, context, false);
}

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "error";
}

std::string describe(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& one : findings) out += fmt::format("{} {} {}: {}\n", name_of(one.severity), one.rule, one.where, one.text);
  return out;
}

Status refuse_errors(const std::vector<Finding>& findings) {
  std::string errors;
  for (const Finding& one : findings) {
    if (one.severity != Severity::error) continue;
    errors += fmt::format("{}{} {}: {}", errors.empty() ? "" : "; ", one.rule, one.where, one.text);
  }
  if (errors.empty()) return {};
  return Error{Code::refused, "pki.lint", std::move(errors)};
}

}  // namespace tf::pki
