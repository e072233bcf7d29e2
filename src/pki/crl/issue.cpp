// Making revocation lists.
#include <set>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/crl/shard.hpp"
#include "pki/extensions.hpp"
#include "pki/facts.hpp"

namespace tf::pki {
namespace {

using crypto::must;
using RevokedHandle = crypto::Handle<X509_REVOKED, X509_REVOKED_free>;

Status add_entry(X509_CRL* crl, const Revoked& revoked) {
  RevokedHandle entry(X509_REVOKED_new());
  const Asn1Integer serial = TF_TRY(serial_from_hex(revoked.serial_hex));
  const Asn1Time at = asn1_time(revoked.at_ms);
  if (!entry || !at || X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
      X509_REVOKED_set_revocationDate(entry.get(), at.get()) != 1)
    return crypto::openssl_error("pki.build");
  if (revoked.reason != RevocationReason::unspecified) {  // RFC 5280 §5.3.1: absent rather than unspecified
    const crypto::Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> reason(ASN1_ENUMERATED_new());
    must(reason && ASN1_ENUMERATED_set(reason.get(), static_cast<long>(revoked.reason)) == 1, "CRL reason");
    if (X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, reason.get(), 0, X509V3_ADD_DEFAULT) != 1)
      return crypto::openssl_error("pki.build");
  }
  must(X509_CRL_add0_revoked(crl, entry.get()) == 1, "CRL entry");
  (void)entry.release();
  return {};
}

Status add_extensions(X509_CRL* crl, std::uint64_t number, const Bytes& key_id) {
  const Asn1Integer value(ASN1_INTEGER_new());
  must(value && ASN1_INTEGER_set_uint64(value.get(), number) == 1, "CRL number");
  const crypto::Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> id(AUTHORITY_KEYID_new());
  must(id != nullptr, "authorityKeyIdentifier");
  id->keyid = ASN1_OCTET_STRING_new();
  must(id->keyid != nullptr && ASN1_OCTET_STRING_set(id->keyid, key_id.data(), static_cast<int>(key_id.size())) == 1,
       "authorityKeyIdentifier");
  if (X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, id.get(), 0, X509V3_ADD_DEFAULT) != 1 ||
      X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, X509V3_ADD_DEFAULT) != 1)
    return crypto::openssl_error("pki.build");
  return {};
}

// RFC 5280 §5.2.5: critical; the same URL as in the certificates' cRLDistributionPoints.
Status add_distribution_point(X509_CRL* crl, const std::string& url) {
  const crypto::Handle<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> point(ISSUING_DIST_POINT_new());
  must(point != nullptr, "issuingDistributionPoint");
  point->distpoint = distribution_point_name(url).release();
  if (X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, point.get(), 1, X509V3_ADD_DEFAULT) != 1)
    return crypto::openssl_error("pki.build");
  return {};
}

Status check_list(const Issuer& issuer, const std::vector<Revoked>& revoked, std::int64_t from_ms, std::int64_t to_ms) {
  TF_CHECK(check_pair(issuer));
  if (!issuer.certificate.is_ca() || (issuer.certificate.facts().key_usage & KU_CRL_SIGN) == 0)
    return Error{Code::refused, "pki.wrong_usage", "this issuer may not sign revocation lists"};
  if (to_ms / 1000 <= from_ms / 1000)
    return Error{Code::invalid, "pki.crl_times", "the next update is not after this one"};
  std::set<std::string_view> seen;
  for (const Revoked& one : revoked) {
    if (!seen.insert(one.serial_hex).second)
      return Error{Code::invalid, "pki.crl_twice", one.serial_hex + " is named twice"};
  }
  return {};
}

// The whole list, or the shard of this URL.
Result<Bytes> signed_list(const Issuer& issuer, const std::string* url, std::uint64_t number,
                          const std::vector<Revoked>& revoked, std::int64_t this_update_ms, std::int64_t next_update_ms) {
  TF_CHECK(check_list(issuer, revoked, this_update_ms, next_update_ms));
  const crypto::X509CrlHandle crl(X509_CRL_new());
  const Asn1Time from = asn1_time(this_update_ms);
  const Asn1Time to = asn1_time(next_update_ms);
  if (!crl || !from || !to || X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.native())) != 1 ||
      X509_CRL_set1_lastUpdate(crl.get(), from.get()) != 1 || X509_CRL_set1_nextUpdate(crl.get(), to.get()) != 1)
    return crypto::openssl_error("pki.build");
  for (const Revoked& one : revoked) TF_CHECK(add_entry(crl.get(), one));
  TF_CHECK(add_extensions(crl.get(), number, issuer.certificate.facts().subject_key_id));
  if (url != nullptr) TF_CHECK(add_distribution_point(crl.get(), *url));
  must(X509_CRL_sort(crl.get()) == 1, "CRL order");
  const crypto::EvpMdCtx context = TF_TRY(signing_context(issuer.key));
  if (X509_CRL_sign_ctx(crl.get(), context.get()) <= 0) return crypto::openssl_error("pki.sign");
  return der_of<i2d_X509_CRL>(crl.get());
}

}  // namespace

Result<Crl> issue_crl(const Issuer& issuer, std::uint64_t number, const std::vector<Revoked>& revoked,
                      std::int64_t this_update_ms, std::int64_t next_update_ms) {
  return Crl::from_der(TF_TRY(signed_list(issuer, nullptr, number, revoked, this_update_ms, next_update_ms)));
}

Result<CrlShard> issue_crl_shard(const Issuer& issuer, const Shard& shard, std::uint64_t number,
                                 const std::vector<Revoked>& revoked, std::int64_t this_update_ms,
                                 std::int64_t next_update_ms) {
  if (shard.count < 1 || shard.index >= shard.count || !is_http_url(shard.url))
    return Error{Code::invalid, "pki.shard", "a shard is one of a number of them, at an http URL"};
  for (const Revoked& one : revoked) {
    if (shard_of(one.serial_hex, shard.count) != shard.index)
      return Error{Code::invalid, "pki.crl_wrong_shard", one.serial_hex + " belongs to another shard"};
  }
  return CrlShard::from_der(TF_TRY(signed_list(issuer, &shard.url, number, revoked, this_update_ms, next_update_ms)));
}

}  // namespace tf::pki
