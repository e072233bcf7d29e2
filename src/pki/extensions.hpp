// Adds extensions to a certificate that is being made; private to pki.
#pragma once
#include <optional>

#include "crypto/handles.hpp"
#include "pki/issue.hpp"

namespace tf::pki {

// Where extensions go: into a certificate, or into a list of their own.
class ExtensionTarget {
 public:
  ExtensionTarget(X509* certificate) : certificate_(certificate) {}           // NOLINT(google-explicit-constructor)
  ExtensionTarget(STACK_OF(X509_EXTENSION) * &list) : list_(&list) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] Status add(int nid, void* value, bool critical) const;  // value: of the type of OpenSSL's template
  [[nodiscard]] Status add(int nid, ByteView der, bool critical) const;  // the value as it is encoded
  [[nodiscard]] Status add(crypto::Handle<X509_EXTENSION, X509_EXTENSION_free> extension) const;

 private:
  X509* certificate_ = nullptr;
  STACK_OF(X509_EXTENSION) * *list_ = nullptr;
};

Status add_basic_constraints(ExtensionTarget to, std::optional<int> ca_path_length);   // critical
Status add_key_usage(ExtensionTarget to, std::uint32_t bits);                          // KU_… bits, critical
Status add_usages(ExtensionTarget to, const std::vector<Usage>& usages);               // nothing for none
Status add_server_names(ExtensionTarget to, const ServerNames& names);                 // nothing for none
Status add_dsn_ranges(ExtensionTarget to, const std::vector<wire::DsnRange>& ranges);  // critical
Status add_key_ids(ExtensionTarget to, ByteView subject, ByteView authority);
// Where to learn of a revocation: the list, or a shard of it; the OCSP responder. Code::invalid "pki.url" unless it is an
// http URL.
Result<Bytes> crl_distribution_point(const std::string& url);  // the extension's value
Status add_crl_distribution_point(ExtensionTarget to, const std::string& url);
Status add_ocsp_url(ExtensionTarget to, const std::string& url);
Status add_ocsp_nocheck(ExtensionTarget to);  // RFC 6960 §4.2.2.2.1, for an OCSP signer

// "http://", a host and visible ASCII, at most 255 octets: revocation is fetched in the clear (RFC 5280 §8).
bool is_http_url(std::string_view url);
using DistPointNameHandle = crypto::Handle<DIST_POINT_NAME, DIST_POINT_NAME_free>;
DistPointNameHandle distribution_point_name(const std::string& url);  // fullName

}  // namespace tf::pki
