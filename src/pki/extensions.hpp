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

}  // namespace tf::pki
