// The house rules of the hierarchy, the same when a certificate is issued and whenever it is verified. Private to pki.
//
//   root ─┬─ work certificate            key distribution host, DSN ranges
//         ├─ estate CA ── loader ── device    loader: DSN ranges of its batch; device: its own DSN
//         ├─ operations CA ─┬─ TLS server
//         │                 └─ operator            TLS client
//         └─ issuing authorities (devices, users, servers): what their profiles say. One without an extended key usage
//            issues nothing that these rules know.
// Below each that signs revocation lists: its OCSP signers.
//
// All errors are Code::refused with the reasons named in pki/path/path.hpp.
#pragma once
#include "pki/facts.hpp"

namespace tf::pki {

// Keys and signature of the accepted kinds, no unknown critical extension.
Status check_form(const Facts& facts);
Status check_validity(const Facts& facts, std::int64_t at_ms);
// May this issuer stand above this certificate? Usages, path length, key identifiers, DSN ranges within the issuer's.
// A root (anchor) may stand above everything but devices; below it an extended key usage says what is allowed.
Status check_link(const Facts& child, const Facts& issuer, bool issuer_is_root);
// Is it a certificate for exactly this usage?
Status check_leaf(const Facts& leaf, Usage usage);
Status check_dsn(const Facts& leaf, const wire::Dsn& dsn);

}  // namespace tf::pki
