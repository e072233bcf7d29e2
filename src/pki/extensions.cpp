#include "pki/extensions.hpp"

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/facts.hpp"
#include "pki/oids.hpp"

namespace tf::pki {
namespace {

using crypto::must;

Status add(X509* to, int nid, void* value, bool critical) {
  if (X509_add1_ext_i2d(to, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) != 1)
    return crypto::openssl_error("pki.build");
  return {};
}

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

Status check_url(const std::string& url) {
  if (is_http_url(url)) return {};
  return Error{Code::invalid, "pki.url", "\"" + url + "\" is not an http URL of at most 255 octets"};
}

}  // namespace

Status add_basic_constraints(X509* to, std::optional<int> ca_path_length) {
  const crypto::Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> value(BASIC_CONSTRAINTS_new());
  must(value != nullptr, "basicConstraints");
  if (ca_path_length) {
    value->ca = 0xff;
    value->pathlen = ASN1_INTEGER_new();
    must(value->pathlen != nullptr && ASN1_INTEGER_set(value->pathlen, *ca_path_length) == 1, "basicConstraints");
  }
  return add(to, NID_basic_constraints, value.get(), true);
}

Status add_key_usage(X509* to, std::uint32_t bits) {
  const Asn1Bits value(ASN1_BIT_STRING_new());
  must(value != nullptr, "keyUsage");
  for (int i = 0; i < 8; ++i) {  // KU_DIGITAL_SIGNATURE 0x80 is bit 0
    if ((bits >> (7 - i) & 1U) != 0) must(ASN1_BIT_STRING_set_bit(value.get(), i, 1) == 1, "keyUsage");
  }
  return add(to, NID_key_usage, value.get(), true);
}

Status add_usages(X509* to, const std::vector<Usage>& usages) {
  if (usages.empty()) return {};
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> value(EXTENDED_KEY_USAGE_new());
  for (const Usage usage : usages) must(sk_ASN1_OBJECT_push(value.get(), OBJ_dup(object_of(usage))) > 0, "extKeyUsage");
  return add(to, NID_ext_key_usage, value.get(), false);
}

Status add_server_names(X509* to, const ServerNames& names) {
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
  return add(to, NID_subject_alt_name, value.get(), false);
}

Status add_dsn_ranges(X509* to, const std::vector<wire::DsnRange>& ranges) {
  const Asn1Octets value = octets(TF_TRY(encode_dsn_ranges(ranges)));
  const crypto::Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, oid::dsn_ranges(), 1, value.get()));
  if (!extension || X509_add_ext(to, extension.get(), -1) != 1) return crypto::openssl_error("pki.build");
  return {};
}

Status add_key_ids(X509* to, ByteView subject, ByteView authority) {
  TF_CHECK(add(to, NID_subject_key_identifier, octets(subject).get(), false));
  const crypto::Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> value(AUTHORITY_KEYID_new());
  must(value != nullptr, "authorityKeyIdentifier");
  value->keyid = octets(authority).release();
  return add(to, NID_authority_key_identifier, value.get(), false);
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

Status add_crl_distribution_point(X509* to, const std::string& url) {
  TF_CHECK(check_url(url));
  const crypto::Handle<CRL_DIST_POINTS, CRL_DIST_POINTS_free> value(CRL_DIST_POINTS_new());
  DIST_POINT* point = DIST_POINT_new();
  must(value && point != nullptr && sk_DIST_POINT_push(value.get(), point) > 0, "cRLDistributionPoints");
  point->distpoint = distribution_point_name(url).release();
  return add(to, NID_crl_distribution_points, value.get(), false);
}

Status add_ocsp_url(X509* to, const std::string& url) {
  TF_CHECK(check_url(url));
  const crypto::Handle<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free> value(AUTHORITY_INFO_ACCESS_new());
  ACCESS_DESCRIPTION* access = ACCESS_DESCRIPTION_new();
  must(value && access != nullptr && sk_ACCESS_DESCRIPTION_push(value.get(), access) > 0, "authorityInfoAccess");
  access->method = OBJ_nid2obj(NID_ad_OCSP);
  GENERAL_NAME_free(access->location);
  access->location = text_name(GEN_URI, url);
  return add(to, NID_info_access, value.get(), false);
}

Status add_ocsp_nocheck(X509* to) {
  const crypto::Handle<ASN1_NULL, ASN1_NULL_free> value(ASN1_NULL_new());
  return add(to, NID_id_pkix_OCSP_noCheck, value.get(), false);
}

}  // namespace tf::pki
