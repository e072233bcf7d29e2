#include "pki/lint/lint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pki/asn1.hpp"
#include "pki/lint/parts.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki {
namespace linting {
namespace {

constexpr std::uint32_t kLastBit = 0x8000;  // KU_DECIPHER_ONLY, bit 8

// Read with OpenSSL's template for it and written again: is it DER, and all of it?
bool is_strict(const Decoded& one, ByteView octets) {
  std::uint8_t* again = nullptr;
  const int size = ASN1_item_i2d(one.value, &again, one.item);
  const bool same = size >= 0 && std::ranges::equal(ByteView(again, static_cast<std::size_t>(size)), octets);
  OPENSSL_free(again);
  return same;
}

std::vector<Decoded> decoded(const STACK_OF(X509_EXTENSION) * extensions) {
  std::vector<Decoded> out;
  std::set<std::string_view> seen;  // by the identifier's octets
  const int count = X509v3_get_ext_count(extensions);
  out.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) {
    Decoded& one = out.emplace_back(X509v3_get_ext(extensions, i));
    const ASN1_OBJECT* kind = X509_EXTENSION_get_object(one.extension);
    one.twice = !seen.insert(as_text({OBJ_get0_data(kind), OBJ_length(kind)})).second;
  }
  return out;
}

std::uint32_t bits_of(const ASN1_BIT_STRING* usage) {
  std::uint32_t bits = 0;
  for (int i = 0; usage != nullptr && i < 9; ++i)  // KU_DIGITAL_SIGNATURE 0x80 is bit 0
    if (ASN1_BIT_STRING_get_bit(usage, i) == 1) bits |= i < 8 ? 0x80U >> i : kLastBit;
  return bits;
}

Key key_kind_of(const EVP_PKEY* key) {
  if (key == nullptr) return Key::unreadable;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return Key::rsa;
    case EVP_PKEY_EC: return Key::ec;
    default: return Key::other;
  }
}

}  // namespace

Decoded::Decoded(X509_EXTENSION* from)
    : extension(from), nid(OBJ_obj2nid(X509_EXTENSION_get_object(from))), critical(X509_EXTENSION_get_critical(from) == 1) {
  const X509V3_EXT_METHOD* method = X509V3_EXT_get(extension);
  if (method == nullptr || method->it == nullptr) return;
  item = ASN1_ITEM_ptr(method->it);
  const ByteView octets = octets_of(X509_EXTENSION_get_data(extension));
  const std::uint8_t* at = octets.data();
  value = ASN1_item_d2i(nullptr, &at, static_cast<long>(octets.size()), item);
  strict = value != nullptr && is_strict(*this, octets);
}
Decoded::Decoded(Decoded&& other) noexcept
    : extension(other.extension), nid(other.nid), critical(other.critical), twice(other.twice), item(other.item),
      value(std::exchange(other.value, nullptr)), strict(other.strict) {}
Decoded::~Decoded() {
  if (value != nullptr) ASN1_item_free(value, item);
}
std::string Decoded::dotted() const { return words::dotted(X509_EXTENSION_get_object(extension)); }
std::string Decoded::where() const { return "extensions." + words::extension_text(dotted()); }

Subject::Subject(const Outline& of, Whole whole, const LintContext& with, std::vector<Finding>& findings)
    : Report(findings), outline(of), x509(whole.x509), context(with), extensions(decoded(of.extensions)), key_(whole.key), kind_(key_kind_of(key_)),
      key_usage_bits_(bits_of(key_usage().value)) {
  const auto* usages = extended_key_usage().value;
  for (int i = 0; usages != nullptr && i < sk_ASN1_OBJECT_num(usages); ++i) extended_key_usages_.insert(words::dotted(sk_ASN1_OBJECT_value(usages, i)));
}

void Report::error(const char* rule, std::string where, std::string text) const {
  out_.push_back({Severity::error, rule, std::move(where), std::move(text)});
}
void Report::warning(const char* rule, std::string where, std::string text) const {
  out_.push_back({Severity::warning, rule, std::move(where), std::move(text)});
}
void Report::note(const char* rule, std::string where, std::string text) const {
  out_.push_back({Severity::note, rule, std::move(where), std::move(text)});
}

int Subject::curve() const {
  if (context.key != nullptr && kind_ == Key::ec) return NID_X9_62_prime256v1;  // the only one it may be
  char group[64] = {};
  return EVP_PKEY_get_group_name(key_, group, sizeof group, nullptr) == 1 ? OBJ_txt2nid(group) : NID_undef;
}

bool Subject::is_ca() const {
  const auto constraints = basic_constraints();
  return constraints.value != nullptr && constraints.value->ca != 0;
}

}  // namespace linting

namespace {

constexpr std::size_t kMaxLinted = 64U << 10;

Outline outline_of(const X509* x509) {
  Outline out{.version = X509_get_version(x509), .serial = X509_get0_serialNumber(x509), .issuer = X509_get_issuer_name(x509),
              .subject = X509_get_subject_name(x509), .not_before = X509_get0_notBefore(x509), .not_after = X509_get0_notAfter(x509),
              .extensions = X509_get0_extensions(x509)};
  const ASN1_BIT_STRING *issuer_id = nullptr, *subject_id = nullptr;
  X509_get0_uids(x509, &issuer_id, &subject_id);
  out.unique_identifiers = issuer_id != nullptr || subject_id != nullptr;
  X509_ALGOR* algorithm = nullptr;
  X509_PUBKEY_get0_param(nullptr, nullptr, nullptr, &algorithm, X509_get_X509_PUBKEY(x509));
  out.key_algorithm = algorithm;
  return out;
}

const EVP_PKEY* key_of(const X509* x509, const LintContext& context) { return context.key != nullptr ? context.key->native() : X509_get0_pubkey(x509); }

std::vector<Finding> findings_in(const Outline& outline, linting::Whole whole, const LintContext& context) {
  std::vector<Finding> out;
  const linting::Subject subject(outline, whole, context, out);
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
  const crypto::X509Handle x509(der.empty() || der.size() > kMaxLinted ? nullptr
                                                                    : d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!x509) return {{Severity::error, "rfc5280.der", "certificate", "not a certificate in DER of at most 64 KiB"}};
  auto out = findings_in(outline_of(x509.get()), {x509.get(), key_of(x509.get(), context)}, context);
  if (!std::ranges::equal(der_of<i2d_X509>(x509.get()), der))
    out.insert(out.begin(), {Severity::error, "rfc5280.der", "certificate", "not strict DER, or something follows it"});
  return out;
}

std::vector<Finding> lint_unsigned(const X509* certificate, const LintContext& context) {
  return findings_in(outline_of(certificate), {nullptr, key_of(certificate, context)}, context);
}

std::vector<Finding> lint_outline(const Outline& outline, const LintContext& context) {
  return findings_in(outline, {nullptr, context.key == nullptr ? nullptr : context.key->native()}, context);
}

std::vector<Finding> lint_values(const LeafValues& values, const Certificate& issuer, const Profile& profile, std::int64_t now_ms) {
  std::vector<Finding> out;
  const linting::Report report(out);
  const crypto::Handle<BIGNUM, BN_free> serial(BN_bin2bn(values.serial.data(), static_cast<int>(values.serial.size()), nullptr));
  linting::lint_number(report, serial.get());
  linting::lint_time_type(report, values.not_before.utc_time, values.not_before.year, "validity.notBefore");
  linting::lint_time_type(report, values.not_after.utc_time, values.not_after.year, "validity.notAfter");
  linting::lint_period(report, values.not_before.ms, values.not_after.ms, &issuer, now_ms);
  linting::match_period(report, values.not_before.ms, values.not_after.ms, profile);
  std::set<int> found;
  for (const LeafValues::Attribute& one : values.subject) {
    const ASN1_OBJECT* const kind = OBJ_nid2obj(one.nid);
    linting::lint_attribute(report, {kind, one.nid, one.type, one.text}, "subject");
    linting::match_attribute(report, one.nid, kind, profile);
    found.insert(one.nid);
  }
  linting::match_required(report, found, profile);
  ERR_clear_error();
  return out;
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
