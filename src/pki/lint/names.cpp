// Issuer, subject (RFC 5280 §4.1.2.4, §4.1.2.6, §A.1) and subjectAltName (§4.2.1.6).
#include <fmt/format.h>

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/lint/parts.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki::linting {
namespace {

constexpr std::string_view kPrintable = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";
constexpr std::string_view kDigitsAndLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

std::optional<std::string> utf8_of(const ASN1_STRING* string) {
  std::uint8_t* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, string);
  if (size < 0) return std::nullopt;
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return out;
}

// What §A.1 lets an attribute be written as.
bool right_type(int nid, int type) {
  switch (nid) {
    case NID_countryName:
    case NID_serialNumber:
    case NID_dnQualifier: return type == V_ASN1_PRINTABLESTRING;
    case NID_domainComponent:
    case NID_pkcs9_emailAddress: return type == V_ASN1_IA5STRING;
    default: return type == V_ASN1_PRINTABLESTRING || type == V_ASN1_UTF8STRING;
  }
}

std::size_t upper_bound(int nid) {
  switch (nid) {
    case NID_countryName: return 2;
    case NID_localityName:
    case NID_stateOrProvinceName: return 128;
    case NID_surname:
    case NID_givenName: return 32768;
    case NID_pkcs9_emailAddress: return 255;
    case NID_domainComponent: return 63;
    default: return 64;
  }
}

std::string where_of(const Attribute& attribute, const char* name) {
  return std::string(name) + "." + (attribute.nid == NID_undef ? words::dotted(attribute.kind) : words::attribute_text(attribute.nid));
}

void tell_type(const Report& report, const Attribute& attribute, const char* name) {
  report.error("rfc5280.string_type", where_of(attribute, name), fmt::format("written as {} (§4.1.2.4, §A.1)", ASN1_tag2str(attribute.type)));
}

void lint_entry(const Subject& it, const X509_NAME_ENTRY* entry, const char* name) {
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  Attribute attribute{.kind = X509_NAME_ENTRY_get_object(entry), .nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)), .type = ASN1_STRING_type(value), .text = {}};
  const auto text = utf8_of(value);
  if (!text) {
    if (!right_type(attribute.nid, attribute.type)) tell_type(it, attribute, name);
    it.error("rfc5280.string_encoding", where_of(attribute, name), "not in the encoding of its type");
    return;
  }
  attribute.text = *text;
  lint_attribute(it, attribute, name);
}

void lint_name(const Subject& it, const X509_NAME* name, const char* where) {
  std::set<int> seen;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    lint_entry(it, entry, where);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    if (!seen.insert(nid).second && nid != NID_domainComponent && nid != NID_organizationalUnitName && nid != NID_undef)
      it.warning("practice.attribute_twice", std::string(where) + "." + words::attribute_text(nid), "it stands twice");
  }
}

bool is_host_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253) return false;
  while (true) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        label.find_first_not_of(kDigitsAndLetters) != std::string_view::npos)
      return false;
    if (label.size() == name.size()) return true;
    name.remove_prefix(label.size() + 1);
  }
}

void lint_general_name(const Subject& it, const GENERAL_NAME* name) {
  const char* where = "extensions.subjectAltName";
  int type = 0;
  const void* value = GENERAL_NAME_get0_value(name, &type);
  if (type == GEN_IPADD) {
    const auto size = octets_of(static_cast<const ASN1_OCTET_STRING*>(value)).size();
    if (size != 4 && size != 16) it.error("rfc5280.ip_address", where, fmt::format("an iPAddress of {} octets", size));
    return;
  }
  if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI) return;
  const std::string_view text = as_text(octets_of(static_cast<const ASN1_IA5STRING*>(value)));
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; })) {
    it.error("rfc5280.ia5_string", where, "a name with other characters than those of ASCII that can be seen");
    return;
  }
  const std::size_t at = text.find('@');
  if (type == GEN_DNS && !is_host_name(text)) it.error("rfc5280.dns_name", where, fmt::format("\"{}\" is not a host name", text));
  if (type == GEN_DNS && text.starts_with("*.")) it.warning("practice.wildcard", where, fmt::format("\"{}\" stands for many hosts", text));
  if (type == GEN_EMAIL && (at == std::string_view::npos || at == 0 || !is_host_name(text.substr(at + 1))))
    it.error("rfc5280.rfc822_name", where, fmt::format("\"{}\" is not a mailbox", text));
  if (type == GEN_URI && text.find(':') == std::string_view::npos)
    it.error("rfc5280.uri", where, fmt::format("\"{}\" has no scheme", text));
}

void lint_alt_name(const Subject& it) {
  const char* where = "extensions.subjectAltName";
  const auto names = it.subject_alt_name();
  const bool nameless = X509_NAME_entry_count(it.outline.subject) == 0;
  if (nameless && (!names.present() || names.critical != 1))
    it.error("rfc5280.empty_subject", "subject", "empty, and there is no critical subjectAltName (§4.1.2.6)");
  if (nameless && it.is_ca()) it.error("rfc5280.ca_subject", "subject", "an authority's subject is empty (§4.1.2.6)");
  if (!names.present() || names.value == nullptr) return;  // unreadable ones are told of with the other extensions
  if (!nameless && names.critical == 1) it.warning("rfc5280.san_critical", where, "critical beside a subject (§4.2.1.6)");
  if (sk_GENERAL_NAME_num(names.value) == 0) it.error("rfc5280.san_empty", where, "without a name (§4.2.1.6)");
  for (int i = 0; i < sk_GENERAL_NAME_num(names.value); ++i) lint_general_name(it, sk_GENERAL_NAME_value(names.value, i));
}

}  // namespace

std::optional<NameKind> kind_of(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS: return NameKind::dns;
    case GEN_IPADD: return NameKind::ip;
    case GEN_EMAIL: return NameKind::email;
    case GEN_URI: return NameKind::uri;
    case GEN_OTHERNAME: break;
    default: return std::nullopt;
  }
  const std::string type = words::dotted(name->d.otherName->type_id);
  if (type == "1.3.6.1.5.5.7.8.4") return NameKind::hardware_module;  // RFC 4108 §5
  if (type == "1.3.6.1.4.1.311.20.2.3") return NameKind::user_principal;
  return std::nullopt;
}

void lint_attribute(const Report& report, const Attribute& attribute, const char* name) {
  const auto [kind, nid, type, text] = attribute;
  const auto where = [&] { return where_of(attribute, name); };
  if (!right_type(nid, type)) tell_type(report, attribute, name);
  if (type == V_ASN1_PRINTABLESTRING && text.find_first_not_of(kPrintable) != std::string_view::npos)
    report.error("rfc5280.printable_string", where(), "a character that a PrintableString does not have");
  const auto characters = std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  if (characters == 0) report.error("rfc5280.empty_attribute", where(), "empty");
  if (static_cast<std::size_t>(characters) > upper_bound(nid) || (nid == NID_countryName && characters != 2))
    report.error("rfc5280.attribute_size", where(), fmt::format("{} characters (§A.1)", characters));
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    report.error("practice.control_character", where(), "a control character");
  if (!text.empty() && (text.front() == ' ' || text.back() == ' '))
    report.warning("practice.space_around", where(), "a space at its beginning or end");
}

void lint_names(const Subject& it) {
  const X509_NAME* issuer = it.outline.issuer;
  if (X509_NAME_entry_count(issuer) == 0) it.error("rfc5280.empty_issuer", "issuer", "empty (§4.1.2.4)");
  if (it.context.issuer && X509_NAME_cmp(issuer, X509_get_subject_name(it.context.issuer->native())) != 0)
    it.error("rfc5280.issuer_name", "issuer", "not the subject of the issuer's certificate (§4.1.2.4)");
  lint_name(it, issuer, "issuer");
  lint_name(it, it.outline.subject, "subject");
  lint_alt_name(it);
}

}  // namespace tf::pki::linting
