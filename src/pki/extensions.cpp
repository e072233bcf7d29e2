#include "pki/extensions.hpp"

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/facts.hpp"
#include "pki/oids.hpp"

namespace tf::pki {
namespace {

using crypto::must;

Asn1Octets octets(ByteView bytes) {
  Asn1Octets out(ASN1_OCTET_STRING_new());
  must(out && ASN1_OCTET_STRING_set(out.get(), bytes.data(), static_cast<int>(bytes.size())) == 1, "OCTET STRING");
  return out;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  while (true) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

// A dNSName or a uniformResourceIdentifier.
GENERAL_NAME* text_name(int type, const std::string& name) {
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  GENERAL_NAME* out = GENERAL_NAME_new();
  must(text != nullptr && out != nullptr && ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) == 1,
       "GeneralName");
  GENERAL_NAME_set0_value(out, type, text);
  return out;
}

// GeneralName, uniformResourceIdentifier [6]
Bytes uri(const std::string& url) { return tlv(implicit_tag(GEN_URI), {as_bytes(url)}); }

Status check_url(const std::string& url) {
  if (is_http_url(url)) return {};
  return Error{Code::invalid, "pki.url", "\"" + url + "\" is not an http URL of at most 255 octets"};
}

}  // namespace

Status ExtensionTarget::add(int nid, void* value, bool critical) const {
  const int added = list_ != nullptr ? X509V3_add1_i2d(list_, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT)
                                     : X509_add1_ext_i2d(certificate_, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT);
  if (added != 1) return crypto::openssl_error("pki.build");
  return {};
}

Status ExtensionTarget::add(int nid, ByteView der, bool critical) const {
  return add(crypto::Handle<X509_EXTENSION, X509_EXTENSION_free>(X509_EXTENSION_create_by_NID(nullptr, nid, critical ? 1 : 0, octets(der).get())));
}

Status ExtensionTarget::add(crypto::Handle<X509_EXTENSION, X509_EXTENSION_free> extension) const {
  if (list_ != nullptr && *list_ == nullptr) *list_ = sk_X509_EXTENSION_new_null();
  const bool added = extension && (list_ != nullptr ? sk_X509_EXTENSION_push(*list_, extension.get()) > 0 : X509_add_ext(certificate_, extension.get(), -1) == 1);
  if (!added) return crypto::openssl_error("pki.build");
  if (list_ != nullptr) (void)extension.release();  // a certificate has a copy
  return {};
}

Status add_basic_constraints(ExtensionTarget to, std::optional<int> ca_path_length) {
  const crypto::Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> value(BASIC_CONSTRAINTS_new());
  must(value != nullptr, "basicConstraints");
  if (ca_path_length) {
    value->ca = 0xff;
    value->pathlen = ASN1_INTEGER_new();
    must(value->pathlen != nullptr && ASN1_INTEGER_set(value->pathlen, *ca_path_length) == 1, "basicConstraints");
  }
  return to.add(NID_basic_constraints, value.get(), true);
}

Status add_key_usage(ExtensionTarget to, std::uint32_t bits) {
  const Asn1Bits value(ASN1_BIT_STRING_new());
  must(value != nullptr, "keyUsage");
  for (int i = 0; i < 8; ++i) {  // KU_DIGITAL_SIGNATURE 0x80 is bit 0
    if ((bits >> (7 - i) & 1U) != 0) must(ASN1_BIT_STRING_set_bit(value.get(), i, 1) == 1, "keyUsage");
  }
  return to.add(NID_key_usage, value.get(), true);
}

Status add_usages(ExtensionTarget to, const std::vector<Usage>& usages) {
  if (usages.empty()) return {};
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> value(EXTENDED_KEY_USAGE_new());
  for (const Usage usage : usages) must(sk_ASN1_OBJECT_push(value.get(), OBJ_dup(object_of(usage))) > 0, "extKeyUsage");
  return to.add(NID_ext_key_usage, value.get(), false);
}

Status add_server_names(ExtensionTarget to, const ServerNames& names) {
  if (names.dns.empty() && names.ips.empty()) return {};
  if (names.dns.size() + names.ips.size() > 32) return Error{Code::invalid, "pki.server_names", "more than 32 names"};
  const crypto::Handle<GENERAL_NAMES, GENERAL_NAMES_free> value(GENERAL_NAMES_new());
  for (const std::string& name : names.dns) {
    if (!is_host_name(name))
      return Error{Code::invalid, "pki.server_names", name + " is not a host name in lower case"};
    must(sk_GENERAL_NAME_push(value.get(), text_name(GEN_DNS, name)) > 0, "SAN");
  }
  for (const std::string& ip : names.ips) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(ip.c_str());
    if (address == nullptr) return Error{Code::invalid, "pki.server_names", ip + " is not an IP address"};
    GENERAL_NAME* name = GENERAL_NAME_new();
    must(name != nullptr, "SAN");
    GENERAL_NAME_set0_value(name, GEN_IPADD, address);
    must(sk_GENERAL_NAME_push(value.get(), name) > 0, "SAN");
  }
  return to.add(NID_subject_alt_name, value.get(), false);
}

Status add_dsn_ranges(ExtensionTarget to, const std::vector<wire::DsnRange>& ranges) {
  const Asn1Octets value = octets(TF_TRY(encode_dsn_ranges(ranges)));
  return to.add(crypto::Handle<X509_EXTENSION, X509_EXTENSION_free>(X509_EXTENSION_create_by_OBJ(nullptr, oid::dsn_ranges(), 1, value.get())));
}

Status add_key_ids(ExtensionTarget to, ByteView subject, ByteView authority) {
  TF_CHECK(to.add(NID_subject_key_identifier, tlv({V_ASN1_OCTET_STRING}, {subject}), false));
  return to.add(NID_authority_key_identifier, tlv(kSequence, {tlv(implicit_tag(0), {authority})}), false);
}

bool is_http_url(std::string_view url) {
  return url.starts_with("http://") && url.size() > 7 && url.size() <= 255 && url[7] != '/' &&
         std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f; });
}

DistPointNameHandle distribution_point_name(const std::string& url) {
  DistPointNameHandle out(DIST_POINT_NAME_new());
  must(out != nullptr, "distributionPoint");
  out->type = 0;
  out->name.fullname = GENERAL_NAMES_new();
  must(out->name.fullname != nullptr && sk_GENERAL_NAME_push(out->name.fullname, text_name(GEN_URI, url)) > 0,
       "distributionPoint");
  return out;
}

Result<Bytes> crl_distribution_point(const std::string& url) {
  TF_CHECK(check_url(url));
  const Bytes full_name = tlv(explicit_tag(0), {uri(url)});  // [0] IMPLICIT GeneralNames in the choice's own [0]
  return tlv(kSequence, {tlv(kSequence, {tlv(explicit_tag(0), {full_name})})});
}

Status add_crl_distribution_point(ExtensionTarget to, const std::string& url) {
  return to.add(NID_crl_distribution_points, TF_TRY(crl_distribution_point(url)), false);
}

Status add_ocsp_url(ExtensionTarget to, const std::string& url) {
  TF_CHECK(check_url(url));
  static constexpr std::uint8_t kOcsp[] = {0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01};  // id-ad-ocsp
  return to.add(NID_info_access, tlv(kSequence, {tlv(kSequence, {kOcsp, uri(url)})}), false);
}

Status add_ocsp_nocheck(ExtensionTarget to) {
  const crypto::Handle<ASN1_NULL, ASN1_NULL_free> value(ASN1_NULL_new());
  return to.add(NID_id_pkix_OCSP_noCheck, value.get(), false);
}

}  // namespace tf::pki
