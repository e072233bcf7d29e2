// Issuing: one function for each kind of certificate in the hierarchy (rules.hpp draws it).
// All are X.509 version 3 with a random 128-bit serial number, key identifiers, critical basicConstraints and keyUsage,
// signed with RSASSA-PSS-SHA256 or ECDSA-SHA256 after the issuer's key. They begin five minutes ago (clocks differ) and
// end after the term, or with their issuer where that ends first: a certificate never outlives its issuer.
//
// Errors: Code::invalid "pki.name", "pki.term", "pki.issuer_key", "pki.dsn_ranges", "pki.server_names"; Code::refused
// "pki.bad_key" for a key we do not issue for, and every reason of pki/path/path.hpp that verification would give.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "pki/issuer.hpp"

namespace tf::pki {

struct Term {
  std::int64_t now_ms;
  int days;  // 1 to 11 000
};

// The usual terms. A device certificate is verified under its loader's and estate CA's for all its life, so these are
// longer: a loader issues for about a year and its certificate lives on for its devices.
inline constexpr int kRootDays = 20 * 365 + 5;
inline constexpr int kWorkDays = 550;
inline constexpr int kEstateCaDays = 15 * 365 + 4;
inline constexpr int kOperationsCaDays = 10 * 365 + 3;
inline constexpr int kLoaderDays = 11 * 365 + 3;
inline constexpr int kDeviceDays = 10 * 365 + 3;
inline constexpr int kTlsDays = 365;
inline constexpr int kAuthorityDays = 15 * 365 + 4;
inline constexpr int kOcspSignerDays = 14;       // nobody can revoke it
inline constexpr int kRootOcspSignerDays = 400;  // the root is offline

struct ServerNames {
  std::vector<std::string> dns = {};  // lower case, no wildcards
  std::vector<std::string> ips = {};  // IPv4 or IPv6
};

// Self-signed; RSA for estates with classic terminals, or P-256.
Result<Certificate> make_root(std::string_view name, const crypto::PrivateKey& key, Term term, Random& random);

// By the root:
Result<Certificate> issue_work_certificate(const Issuer& root, std::string_view name, const crypto::PublicKey& key,
                                           const std::vector<wire::DsnRange>& ranges, Term term, Random& random);
Result<Certificate> issue_estate_ca(const Issuer& root, std::string_view name, const crypto::PublicKey& key, Term term,
                                    Random& random);
Result<Certificate> issue_operations_ca(const Issuer& root, std::string_view name, const crypto::PublicKey& key,
                                        Term term, Random& random);
// An issuing authority for certificates after profiles: for these usages, or any that the rules do not know when there are none.
Result<Certificate> issue_authority(const Issuer& root, std::string_view name, const std::vector<Usage>& usages,
                                    const crypto::PublicKey& key, Term term, Random& random);
// By the root, or any authority that signs revocation lists: who answers OCSP requests for it.
Result<Certificate> issue_ocsp_signer(const Issuer& issuer, std::string_view name, const crypto::PublicKey& key, Term term,
                                      Random& random);
// By the estate CA, P-256 keys only:
Result<Certificate> issue_loader_certificate(const Issuer& estate_ca, std::string_view name,
                                             const crypto::PublicKey& key, const std::vector<wire::DsnRange>& ranges,
                                             Term term, Random& random);
// By a loader, P-256 keys only; the DSN is the subject's serialNumber and the one range.
Result<Certificate> issue_device_certificate(const Issuer& loader, const wire::Dsn& dsn, const crypto::PublicKey& key,
                                             Term term, Random& random);
// By the operations CA; the first name is the subject's CN.
Result<Certificate> issue_tls_server_certificate(const Issuer& operations_ca, const ServerNames& names,
                                                 const crypto::PublicKey& key, Term term, Random& random);
Result<Certificate> issue_operator_certificate(const Issuer& operations_ca, std::string_view name,
                                               const crypto::PublicKey& key, Term term, Random& random);

}  // namespace tf::pki
