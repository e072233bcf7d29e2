// Path validation (RFC 5280 §6, by OpenSSL in strict mode) and the house rules of the hierarchy on top of it.
#pragma once
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "pki/crl/crl.hpp"
#include "wire/dsn.hpp"

namespace tf::pki {

struct PathQuery {
  Certificate leaf;
  std::vector<Certificate> intermediates = {};  // in any order, at most 4; anchors among them are harmless
  std::vector<Certificate> anchors = {};        // the roots we trust
  std::optional<Crl> crl = {};                  // the root's: judges what the root issued, leaf or intermediate
  bool require_crl = false;
  std::int64_t at_ms = 0;
  Usage usage;
  std::optional<wire::Dsn> dsn = {};  // must lie in the leaf's ranges
};

// Code::refused with one of
//   "pki.untrusted"         no way to an anchor, a wrong signature, an issuer that may not issue this, too long a chain
//   "pki.not_yet_valid", "pki.expired"   some certificate of the chain
//   "pki.wrong_usage"       a certificate of the chain is not meant for what it is used for
//   "pki.dsn_out_of_range"  the DSN outside the leaf's ranges, or ranges beyond the issuer's, or none where needed
//   "pki.revoked", "pki.crl_missing", "pki.crl_expired", "pki.crl_untrusted"
//   "pki.bad_certificate"   other keys and algorithms than ours, unknown critical extensions, not as RFC 5280 wants it
Status validate_path(const PathQuery& query);
// The same; the chain that was found, leaf first, with its anchor.
Result<std::vector<Certificate>> find_path(const PathQuery& query);

}  // namespace tf::pki
