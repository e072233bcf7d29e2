// Adds extensions to a certificate that is being made; private to pki.
#pragma once
#include <optional>

#include "crypto/handles.hpp"
#include "pki/issue.hpp"

namespace tf::pki {

Status add_basic_constraints(X509* to, std::optional<int> ca_path_length);   // critical
Status add_key_usage(X509* to, std::uint32_t bits);                          // KU_… bits, critical
Status add_usages(X509* to, const std::vector<Usage>& usages);               // nothing for none
Status add_server_names(X509* to, const ServerNames& names);                 // nothing for none
Status add_dsn_ranges(X509* to, const std::vector<wire::DsnRange>& ranges);  // critical
Status add_key_ids(X509* to, ByteView subject, ByteView authority);
// Where to learn of a revocation: the list, or a shard of it; the OCSP responder. Code::invalid "pki.url" unless it is an
// http URL.
Status add_crl_distribution_point(X509* to, const std::string& url);
Status add_ocsp_url(X509* to, const std::string& url);
Status add_ocsp_nocheck(X509* to);  // RFC 6960 §4.2.2.2.1, for an OCSP signer

// "http://", a host and visible ASCII, at most 255 octets: revocation is fetched in the clear (RFC 5280 §8).
bool is_http_url(std::string_view url);
using DistPointNameHandle = crypto::Handle<DIST_POINT_NAME, DIST_POINT_NAME_free>;
DistPointNameHandle distribution_point_name(const std::string& url);  // fullName

}  // namespace tf::pki
