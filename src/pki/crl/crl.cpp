#include "pki/crl/crl.hpp"

#include <algorithm>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/facts.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxList = 4U << 20;
constexpr const char* kListLabel = "X509 CRL";

Error bad_list(const char* detail) { return Error{Code::malformed, "pki.crl", detail}; }

struct CrlFacts {
  std::uint64_t number = 0;
  std::int64_t this_update_ms = 0;
  std::int64_t next_update_ms = 0;
  Bytes authority_key_id;
  std::string distribution_point;
  std::vector<Revoked> revoked;
};

Result<RevocationReason> reason_of(const X509_REVOKED* entry) {
  int critical = -1;
  const crypto::Handle<ASN1_ENUMERATED, ASN1_ENUMERATED_free> value(
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &critical, nullptr)));
  if (!value && critical == -1) return RevocationReason::unspecified;
  switch (const long reason = value ? ASN1_ENUMERATED_get(value.get()) : -1) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 9: return static_cast<RevocationReason>(reason);
    default: return bad_list("an entry's reason");
  }
}

Result<Revoked> read_entry(const X509_REVOKED* entry) {
  for (int i = 0; i < X509_REVOKED_get_ext_count(entry); ++i) {
    if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, i)) == 1) return bad_list("an entry's critical extension");
  }
  return Revoked{TF_TRY(serial_hex_of(X509_REVOKED_get0_serialNumber(entry))), TF_TRY(reason_of(entry)),
                 TF_TRY(ms_of(X509_REVOKED_get0_revocationDate(entry)))};
}

// One URL and nothing else that narrows the list down (RFC 5280 §5.2.5).
Result<std::string> url_of(X509_EXTENSION* extension) {
  const crypto::Handle<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free> point(
      static_cast<ISSUING_DIST_POINT*>(X509V3_EXT_d2i(extension)));
  if (!point || point->distpoint == nullptr || point->distpoint->type != 0 || point->onlyuser != 0 || point->onlyCA != 0 ||
      point->onlysomereasons != nullptr || point->indirectCRL != 0 || point->onlyattr != 0 ||
      !std::ranges::equal(der_of<i2d_ISSUING_DIST_POINT>(point.get()), octets_of(X509_EXTENSION_get_data(extension))))
    return bad_list("issuingDistributionPoint");
  const GENERAL_NAMES* names = point->distpoint->name.fullname;
  if (sk_GENERAL_NAME_num(names) != 1 || sk_GENERAL_NAME_value(names, 0)->type != GEN_URI) return bad_list("issuingDistributionPoint");
  return std::string(as_text(octets_of(sk_GENERAL_NAME_value(names, 0)->d.uniformResourceIdentifier)));
}

Status read_extensions(const X509_CRL* crl, bool shard, CrlFacts& facts) {
  // What narrows a list down (RFC 5280 §5.2.4, §5.2.5) is critical; a complete list has nothing critical.
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, i);
    if (X509_EXTENSION_get_critical(extension) != 1) continue;
    const bool point = OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_issuing_distribution_point;
    if (!shard || !point || !facts.distribution_point.empty()) return bad_list("a critical extension");
    facts.distribution_point = TF_TRY(url_of(extension));
  }
  if (shard && facts.distribution_point.empty()) return bad_list("no critical issuingDistributionPoint");
  const Asn1Integer number(static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr)));
  if (!number || ASN1_INTEGER_get_uint64(&facts.number, number.get()) != 1) return bad_list("no number");
  const crypto::Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> id(
      static_cast<AUTHORITY_KEYID*>(X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, nullptr, nullptr)));
  if (!id || id->keyid == nullptr) return bad_list("no authority key identifier");
  facts.authority_key_id = to_bytes(octets_of(id->keyid));
  return {};
}

Result<CrlFacts> list_facts(X509_CRL* crl, bool shard) {
  if (X509_CRL_get_version(crl) != X509_CRL_VERSION_2) return bad_list("not version 2");
  CrlFacts facts;
  facts.this_update_ms = TF_TRY(ms_of(X509_CRL_get0_lastUpdate(crl)));
  facts.next_update_ms = TF_TRY(ms_of(X509_CRL_get0_nextUpdate(crl)));
  TF_CHECK(read_extensions(crl, shard, facts));
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  const int count = entries == nullptr ? 0 : sk_X509_REVOKED_num(entries);
  facts.revoked.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) facts.revoked.push_back(TF_TRY(read_entry(sk_X509_REVOKED_value(entries, i))));
  std::ranges::sort(facts.revoked, {}, &Revoked::serial_hex);
  return facts;
}

}  // namespace

struct Crl::Body {
  crypto::X509CrlHandle crl;
  Bytes der;
  CrlFacts facts;
};

Result<Crl> Crl::read(ByteView der, bool shard) {
  if (der.empty() || der.size() > kMaxList) return bad_list("not a list in DER");
  const std::uint8_t* at = der.data();
  crypto::X509CrlHandle crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!crl || !std::ranges::equal(der_of<i2d_X509_CRL>(crl.get()), der)) return bad_list("not a list in DER");
  auto facts = list_facts(crl.get(), shard);
  ERR_clear_error();
  if (!facts) return Error{Code::malformed, "pki.crl", facts.error().detail};
  return Crl(std::make_shared<const Body>(Body{std::move(crl), to_bytes(der), std::move(*facts)}));
}

Result<Crl> Crl::from_der(ByteView der) { return read(der, false); }
Result<Crl> Crl::from_pem(std::string_view pem) { return from_der(TF_TRY(from_pem_text(pem, kListLabel))); }

const std::string& Crl::distribution_point() const { return body_->facts.distribution_point; }
const Bytes& Crl::der() const { return body_->der; }
std::string Crl::to_pem() const { return to_pem_text(kListLabel, body_->der); }
std::uint64_t Crl::number() const { return body_->facts.number; }
std::int64_t Crl::this_update_ms() const { return body_->facts.this_update_ms; }
std::int64_t Crl::next_update_ms() const { return body_->facts.next_update_ms; }
std::string Crl::issuer_text() const { return text_of(X509_CRL_get_issuer(body_->crl.get())); }
std::vector<Revoked> Crl::revoked() const { return body_->facts.revoked; }

Status Crl::verify(const Certificate& issuer, std::int64_t at_ms) const {
  const Error untrusted{Code::refused, "pki.crl_untrusted", "the revocation list is not this issuer's"};
  const Facts& above = issuer.facts();
  if (X509_NAME_cmp(X509_CRL_get_issuer(body_->crl.get()), X509_get_subject_name(issuer.native())) != 0 ||
      above.subject_key_id != body_->facts.authority_key_id || (above.key_usage & KU_CRL_SIGN) == 0)
    return untrusted;
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(body_->crl.get(), nullptr, &algorithm);
  const bool good = above.key && acceptable_signature(algorithm) &&
                    X509_CRL_verify(body_->crl.get(), above.key->native()) == 1;
  ERR_clear_error();
  if (!good) return untrusted;
  if (at_ms < this_update_ms()) return Error{Code::refused, "pki.crl_expired", "the revocation list is not valid yet"};
  if (at_ms >= next_update_ms()) return Error{Code::refused, "pki.crl_expired", "the revocation list is out of date"};
  return {};
}

bool Crl::is_revoked(const Certificate& certificate) const {
  return X509_NAME_cmp(X509_CRL_get_issuer(body_->crl.get()), X509_get_issuer_name(certificate.native())) == 0 &&
         std::ranges::binary_search(body_->facts.revoked, certificate.serial_hex(), {}, &Revoked::serial_hex);
}

}  // namespace tf::pki
