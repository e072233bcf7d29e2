#include "pki/leaf/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pki/asn1.hpp"
#include "pki/lint/parts.hpp"
#include "pki/profile/words.hpp"

namespace tf::pki {
namespace {

using crypto::must;

constexpr const char* kHardwareModule = "1.3.6.1.5.5.7.8.4";       // RFC 4108 §5
constexpr const char* kUserPrincipal = "1.3.6.1.4.1.311.20.2.3";  // [MS-WCCE]
constexpr std::size_t kMostNames = 32;
using GeneralNames = crypto::Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using OtherName = crypto::Handle<OTHERNAME, OTHERNAME_free>;

Error bad_names(std::string detail) { return Error{Code::invalid, "pki.names", std::move(detail)}; }
Error refused_names(std::string detail) { return Error{Code::refused, "pki.names", std::move(detail)}; }

int nid_of(std::string_view word) {
  const auto list = words::attributes();
  const auto found = std::ranges::find_if(list, [&](const auto& one) { return word == one.text; });
  return found == list.end() ? NID_undef : found->value;
}

// X.690: a value within its header. Built by OpenSSL; only the two sorts of otherName need it.
Bytes wrapped(int tag, bool constructed, ByteView content) {
  std::uint8_t buffer[16];
  std::uint8_t* at = buffer;
  ASN1_put_object(&at, constructed ? 1 : 0, static_cast<int>(content.size()), tag, V_ASN1_UNIVERSAL);
  Bytes out(buffer, at);
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Result<ASN1_TYPE*> hardware_module(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size() || !words::is_dotted(text.substr(0, colon)))
    return bad_names("a hardwareModuleName is OID:serial, not \"" + text + "\"");
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> type(OBJ_txt2obj(text.substr(0, colon).c_str(), 1));
  Bytes content = der_of<i2d_ASN1_OBJECT>(type.get());
  const Bytes serial = wrapped(V_ASN1_OCTET_STRING, false, as_bytes(std::string_view(text).substr(colon + 1)));
  content.insert(content.end(), serial.begin(), serial.end());
  const Bytes sequence = wrapped(V_ASN1_SEQUENCE, true, content);
  const std::uint8_t* at = sequence.data();
  return d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(sequence.size()));
}

Result<ASN1_TYPE*> user_principal(const std::string& text) {
  const Bytes utf8 = wrapped(V_ASN1_UTF8STRING, false, as_bytes(text));
  const std::uint8_t* at = utf8.data();
  return d2i_ASN1_TYPE(nullptr, &at, static_cast<long>(utf8.size()));
}

Result<GENERAL_NAME*> general_name(NameKind kind, const std::string& text) {
  if (text.empty() || text.size() > 255) return bad_names("a name is 1 to 255 characters");
  GENERAL_NAME* out = GENERAL_NAME_new();
  must(out != nullptr, "GeneralName");
  if (kind == NameKind::hardware_module || kind == NameKind::user_principal) {
    const bool hardware = kind == NameKind::hardware_module;
    auto value = hardware ? hardware_module(text) : user_principal(text);
    if (!value || *value == nullptr) {
      GENERAL_NAME_free(out);
      return value ? bad_names("this name cannot be written") : value.error();
    }
    must(GENERAL_NAME_set0_othername(out, OBJ_txt2obj(hardware ? kHardwareModule : kUserPrincipal, 1), *value) == 1, "otherName");
    return out;
  }
  if (kind == NameKind::ip) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(text.c_str());
    ERR_clear_error();
    if (address == nullptr) {
      GENERAL_NAME_free(out);
      return bad_names(text + " is not an IP address");
    }
    GENERAL_NAME_set0_value(out, GEN_IPADD, address);
    return out;
  }
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  must(value != nullptr && ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) == 1, "GeneralName");
  GENERAL_NAME_set0_value(out, kind == NameKind::dns ? GEN_DNS : kind == NameKind::email ? GEN_EMAIL : GEN_URI, value);
  return out;
}

// Both ways of a text written by people: "dns:example.org".
struct Prefix {
  std::string_view text;
  NameKind kind;
};
constexpr Prefix kPrefixes[] = {{"dns:", NameKind::dns}, {"ip:", NameKind::ip}, {"email:", NameKind::email},
                                {"uri:", NameKind::uri}, {"hardware:", NameKind::hardware_module}, {"upn:", NameKind::user_principal}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string octets_text(const ASN1_STRING* string) { return std::string(as_text(octets_of(string))); }

Result<std::string> text_of_name(const GENERAL_NAME* name, NameKind kind) {
  switch (kind) {
    case NameKind::dns: return octets_text(name->d.dNSName);
    case NameKind::email: return octets_text(name->d.rfc822Name);
    case NameKind::uri: return octets_text(name->d.uniformResourceIdentifier);
    case NameKind::ip: {
      const ByteView ip = octets_of(name->d.iPAddress);
      if (ip.size() == 4) return fmt::format("{}.{}.{}.{}", ip[0], ip[1], ip[2], ip[3]);
      std::string out;
      for (std::size_t i = 0; i + 1 < ip.size(); i += 2) out += fmt::format("{}{:x}", i == 0 ? "" : ":", ip[i] << 8 | ip[i + 1]);
      return out;
    }
    case NameKind::user_principal:
    case NameKind::hardware_module: break;
  }
  const ASN1_TYPE* value = name->d.otherName->value;
  if (kind == NameKind::user_principal && value->type == V_ASN1_UTF8STRING) return octets_text(value->value.utf8string);
  if (value->type != V_ASN1_SEQUENCE) return refused_names("an otherName of another form");
  const std::uint8_t* at = value->value.sequence->data;
  const crypto::Handle<ASN1_SEQUENCE_ANY, [](ASN1_SEQUENCE_ANY* any) { sk_ASN1_TYPE_pop_free(any, ASN1_TYPE_free); }> parts(
      d2i_ASN1_SEQUENCE_ANY(nullptr, &at, value->value.sequence->length));
  ERR_clear_error();
  if (!parts || sk_ASN1_TYPE_num(parts.get()) != 2 || sk_ASN1_TYPE_value(parts.get(), 0)->type != V_ASN1_OBJECT ||
      sk_ASN1_TYPE_value(parts.get(), 1)->type != V_ASN1_OCTET_STRING)
    return refused_names("a hardwareModuleName of another form");
  return words::dotted(sk_ASN1_TYPE_value(parts.get(), 0)->value.object) + ":" +
         octets_text(sk_ASN1_TYPE_value(parts.get(), 1)->value.octet_string);
}

Result<Names> read_names(const X509_NAME* subject, const GENERAL_NAMES* alternative) {
  Names out;
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    const std::string word = words::attribute_text(nid);
    std::uint8_t* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) return refused_names("an attribute of the subject that is no text");
    std::string value(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    if (nid_of(word) != nid) return refused_names("an attribute of the subject that no profile knows");
    out.subject.emplace_back(word, std::move(value));
  }
  for (int i = 0; alternative != nullptr && i < sk_GENERAL_NAME_num(alternative); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternative, i);
    const auto kind = linting::kind_of(name);
    if (!kind) return refused_names("a kind of name that no profile has");
    out.alternative.emplace_back(*kind, TF_TRY(text_of_name(name, *kind)));
  }
  return out;
}

}  // namespace

Status check_names(const Names& names, const Profile& profile) {
  std::set<int> found;
  std::set<NameKind> kinds;
  for (const auto& [word, value] : names.subject) {
    const int nid = nid_of(word);
    if (nid == NID_undef || !profile.subject.allows(nid)) return refused_names(fmt::format("profile {} allows no {} in the subject", profile.name, word));
    if (!found.insert(nid).second && nid != NID_domainComponent && nid != NID_organizationalUnitName) return refused_names(word + " stands twice");
  }
  for (const auto& [kind, value] : names.alternative) {
    if (!profile.names.allows(kind)) return refused_names(fmt::format("profile {} allows no {}", profile.name, name_of(kind)));
    kinds.insert(kind);
  }
  for (const int nid : profile.subject.required)
    if (!found.contains(nid)) return refused_names(fmt::format("profile {} wants {} in the subject", profile.name, words::attribute_text(nid)));
  for (const NameKind kind : profile.names.required)
    if (!kinds.contains(kind)) return refused_names(fmt::format("profile {} wants {}", profile.name, name_of(kind)));
  if (names.alternative.size() > kMostNames) return refused_names("more than 32 names");
  return {};
}

Result<NameHandle> subject_of(const Names& names) {
  NameHandle out(X509_NAME_new());
  must(out != nullptr, "X509_NAME_new");
  for (const auto& [word, value] : names.subject) {
    const bool plain = std::ranges::none_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    const int nid = nid_of(word);
    const bool ok = nid != NID_undef && plain && !value.empty() &&
                    X509_NAME_add_entry_by_NID(out.get(), nid, MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(value.data()),
                                               static_cast<int>(value.size()), -1, 0) == 1;
    ERR_clear_error();
    if (!ok) return bad_names(fmt::format("\"{}\" cannot be a {}", value, word));
  }
  return out;
}

Status add_alternative_names(ExtensionTarget to, const Names& names, bool critical) {
  if (names.alternative.empty()) return {};
  const GeneralNames value(GENERAL_NAMES_new());
  for (const auto& [kind, text] : names.alternative)
    must(sk_GENERAL_NAME_push(value.get(), TF_TRY(general_name(kind, text))) > 0, "subjectAltName");
  return to.add(NID_subject_alt_name, value.get(), critical);
}

Result<Names> names_of(const Certificate& certificate) {
  const GeneralNames alternative(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.native(), NID_subject_alt_name, nullptr, nullptr)));
  return read_names(X509_get_subject_name(certificate.native()), alternative.get());
}

Result<Names> names_of(const CertificateRequest& request) {
  const std::uint8_t* at = request.der().data();
  const crypto::X509ReqHandle csr(d2i_X509_REQ(nullptr, &at, static_cast<long>(request.der().size())));
  must(csr != nullptr, "a certificate request that was one");
  const crypto::Handle<STACK_OF(X509_EXTENSION), [](STACK_OF(X509_EXTENSION) * all) { sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free); }> asked(
      X509_REQ_get_extensions(csr.get()));
  int critical = 0;
  const GeneralNames alternative(
      asked ? static_cast<GENERAL_NAMES*>(X509V3_get_d2i(asked.get(), NID_subject_alt_name, &critical, nullptr)) : nullptr);
  ERR_clear_error();
  if (asked && !alternative && critical != -1) return refused_names("a subjectAltName that cannot be read");
  return read_names(X509_REQ_get_subject_name(csr.get()), alternative.get());
}

Result<Names> parse_names(std::string_view subject, const std::vector<std::string>& alternative) {
  Names out;
  while (!trimmed(subject).empty()) {
    const std::size_t comma = std::min(subject.find(','), subject.size());
    const std::string_view one = trimmed(subject.substr(0, comma));
    const std::size_t equals = one.find('=');
    const std::string_view word = trimmed(one.substr(0, equals));
    const std::string_view full = word == "CN" ? "commonName" : word == "O" ? "organizationName" : word == "OU" ? "organizationalUnitName" : word == "C" ? "countryName" : word;
    if (equals == std::string_view::npos || nid_of(full) == NID_undef)
      return bad_names(fmt::format("\"{}\" is not ATTRIBUTE=VALUE with an attribute like commonName or serialNumber", one));
    out.subject.emplace_back(full, trimmed(one.substr(equals + 1)));
    subject.remove_prefix(std::min(comma + 1, subject.size()));
  }
  for (const std::string& text : alternative) {
    const auto found = std::ranges::find_if(kPrefixes, [&](const Prefix& prefix) { return text.starts_with(prefix.text); });
    if (found == std::end(kPrefixes)) return bad_names("\"" + text + "\" does not begin with dns:, ip:, email:, uri:, hardware: or upn:");
    out.alternative.emplace_back(found->kind, text.substr(found->text.size()));
  }
  return out;
}

std::string subject_text(const Names& names) {
  std::string out;
  for (const auto& [word, value] : names.subject) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", word, value);
  return out;
}

}  // namespace tf::pki
