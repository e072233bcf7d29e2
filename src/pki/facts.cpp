#include "pki/facts.hpp"

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/oids.hpp"

namespace tf::pki {
namespace {

constexpr int kMaxExtensions = 24;
constexpr Usage kUsages[] = {Usage::key_distribution_host, Usage::device, Usage::loader, Usage::tls_server,
                             Usage::tls_client, Usage::ocsp_signing, Usage::wallet_encryption, Usage::wallet_results,
                             Usage::onboard_module, Usage::onboard_module_decryption, Usage::onboard_operator,
                             Usage::onboard_issuer, Usage::onboard_registration, Usage::onboard_access,
                             Usage::cardsign_payment, Usage::cardsign_hash, Usage::cardsign_server};

Error bad(const char* detail) { return Error{Code::malformed, "pki.certificate", detail}; }

template <class T, auto Free>
crypto::Handle<T, Free> value_of(X509_EXTENSION* extension) {
  return crypto::Handle<T, Free>(static_cast<T*>(X509V3_EXT_d2i(extension)));
}

Status read_constraints(X509_EXTENSION* extension, Facts& facts) {
  const auto value = value_of<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(extension);
  if (!value) return bad("basicConstraints");
  facts.is_ca = value->ca != 0;
  if (value->pathlen == nullptr) return {};
  std::int64_t length = -1;
  if (ASN1_INTEGER_get_int64(&length, value->pathlen) != 1 || length < 0 || !facts.is_ca)
    return bad("pathLenConstraint");
  facts.path_length = length;
  return {};
}

Status read_key_usage(X509_EXTENSION* extension, Facts& facts) {
  const auto value = value_of<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(extension);
  if (!value || ASN1_STRING_length(value.get()) < 1 || ASN1_STRING_length(value.get()) > 2) return bad("keyUsage");
  const ByteView bits = octets_of(value.get());
  facts.key_usage = bits[0] | (bits.size() > 1 ? static_cast<std::uint32_t>(bits[1]) << 8 : 0U);
  return {};
}

Status read_usages(X509_EXTENSION* extension, Facts& facts) {
  const auto value = value_of<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(extension);
  if (!value || sk_ASN1_OBJECT_num(value.get()) < 1 || sk_ASN1_OBJECT_num(value.get()) > 16) return bad("extKeyUsage");
  for (int i = 0; i < sk_ASN1_OBJECT_num(value.get()); ++i) {
    bool known = false;
    for (const Usage usage : kUsages) {
      if (OBJ_cmp(sk_ASN1_OBJECT_value(value.get(), i), object_of(usage)) != 0) continue;
      facts.usages.add(usage);
      known = true;
    }
    facts.foreign_usage = facts.foreign_usage || !known;
  }
  return {};
}

Status read_key_ids(X509_EXTENSION* extension, int nid, Facts& facts) {
  if (nid == NID_subject_key_identifier) {
    const auto value = value_of<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(extension);
    if (!value) return bad("subjectKeyIdentifier");
    facts.subject_key_id = to_bytes(octets_of(value.get()));
    return {};
  }
  const auto value = value_of<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(extension);
  if (!value) return bad("authorityKeyIdentifier");
  if (value->keyid != nullptr) facts.authority_key_id = to_bytes(octets_of(value->keyid));
  return {};
}

Status read_extension(X509_EXTENSION* extension, Facts& facts) {
  const ASN1_OBJECT* object = X509_EXTENSION_get_object(extension);
  switch (const int nid = OBJ_obj2nid(object)) {
    case NID_basic_constraints: return read_constraints(extension, facts);
    case NID_key_usage: return read_key_usage(extension, facts);
    case NID_ext_key_usage: return read_usages(extension, facts);
    case NID_subject_key_identifier:
    case NID_authority_key_identifier: return read_key_ids(extension, nid, facts);
    default: break;
  }
  if (OBJ_cmp(object, oid::attestation()) == 0) facts.statement = to_bytes(octets_of(X509_EXTENSION_get_data(extension)));
  if (OBJ_cmp(object, oid::dsn_ranges()) == 0) {
    facts.has_dsn_ranges = true;
    facts.dsn_ranges = decode_dsn_ranges(octets_of(X509_EXTENSION_get_data(extension)));
    if (X509_EXTENSION_get_critical(extension) != 1)
      facts.dsn_ranges = Error{Code::malformed, "pki.dsn_ranges", "the DSN ranges extension is not critical"};
  } else if (X509_EXTENSION_get_critical(extension) == 1 && !understood(extension)) {
    facts.foreign_critical = true;
  }
  return {};
}

Status read_extensions(const X509* certificate, Facts& facts) {
  const int count = X509_get_ext_count(certificate);
  if (count > kMaxExtensions) return bad("too many extensions");
  for (int i = 0; i < count; ++i) {
    X509_EXTENSION* extension = X509_get_ext(certificate, i);
    for (int j = 0; j < i; ++j) {  // RFC 5280 §4.2: not more than one of a kind
      if (OBJ_cmp(X509_EXTENSION_get_object(X509_get_ext(certificate, j)), X509_EXTENSION_get_object(extension)) == 0)
        return bad("an extension stands twice");
    }
    Status read = read_extension(extension, facts);
    ERR_clear_error();
    if (!read) return read;
  }
  return {};
}

}  // namespace

bool understood(X509_EXTENSION* extension) {
  return X509_supported_extension(extension) == 1 ||
         OBJ_cmp(X509_EXTENSION_get_object(extension), oid::dsn_ranges()) == 0;
}

const ASN1_OBJECT* object_of(Usage usage) {
  switch (usage) {
    case Usage::key_distribution_host: return oid::key_distribution_host();
    case Usage::device: return oid::device();
    case Usage::loader: return oid::loader();
    case Usage::tls_server: return OBJ_nid2obj(NID_server_auth);
    case Usage::tls_client: return OBJ_nid2obj(NID_client_auth);
    case Usage::ocsp_signing: return OBJ_nid2obj(NID_OCSP_sign);
    case Usage::wallet_encryption: return oid::wallet_encryption();
    case Usage::wallet_results: return oid::wallet_results();
    case Usage::onboard_module: return oid::onboard_module();
    case Usage::onboard_module_decryption: return oid::onboard_module_decryption();
    case Usage::onboard_operator: return oid::onboard_operator();
    case Usage::onboard_issuer: return oid::onboard_issuer();
    case Usage::onboard_registration: return oid::onboard_registration();
    case Usage::onboard_access: return oid::onboard_access();
    case Usage::cardsign_payment: return oid::cardsign_payment();
    case Usage::cardsign_hash: return oid::cardsign_hash();
    case Usage::cardsign_server: return oid::cardsign_server();
  }
  return nullptr;
}

std::string_view name_of(Usage usage) {
  switch (usage) {
    case Usage::key_distribution_host: return "key distribution host";
    case Usage::device: return "device";
    case Usage::loader: return "loader";
    case Usage::tls_server: return "TLS server";
    case Usage::tls_client: return "TLS client";
    case Usage::ocsp_signing: return "OCSP signer";
    case Usage::wallet_encryption: return "wallet encryption";
    case Usage::wallet_results: return "wallet results";
    case Usage::onboard_module: return "secure module";
    case Usage::onboard_module_decryption: return "secure module, decryption";
    case Usage::onboard_operator: return "onboard operator";
    case Usage::onboard_issuer: return "onboard issuer";
    case Usage::onboard_registration: return "onboard registration";
    case Usage::onboard_access: return "onboard access";
    case Usage::cardsign_payment: return "cardsign payment";
    case Usage::cardsign_hash: return "cardsign hash";
    case Usage::cardsign_server: return "cardsign server";
  }
  return "unknown";
}

Result<Facts> read_facts(const X509* certificate) {
  if (X509_get_version(certificate) != X509_VERSION_3) return bad("not a version 3 certificate");
  Facts facts;
  facts.serial_hex = TF_TRY(serial_hex_of(X509_get0_serialNumber(certificate)));
  const X509_NAME* subject = X509_get_subject_name(certificate);
  facts.common_name = TF_TRY(attribute_of(subject, NID_commonName));
  facts.subject_serial_number = TF_TRY(attribute_of(subject, NID_serialNumber));
  facts.not_before_ms = TF_TRY(ms_of(X509_get0_notBefore(certificate)));
  facts.not_after_ms = TF_TRY(ms_of(X509_get0_notAfter(certificate)));
  facts.self_issued = X509_NAME_cmp(subject, X509_get_issuer_name(certificate)) == 0;
  facts.key = acceptable_key(X509_get_X509_PUBKEY(certificate));
  const X509_ALGOR* signature = nullptr;
  X509_get0_signature(nullptr, &signature, certificate);
  facts.acceptable_signature = acceptable_signature(signature);
  TF_CHECK(read_extensions(certificate, facts));
  return facts;
}

}  // namespace tf::pki
