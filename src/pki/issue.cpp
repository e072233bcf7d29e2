// The profiles.
#include "pki/issue.hpp"

#include "pki/build.hpp"

namespace tf::pki {
namespace {

constexpr std::uint32_t kCa = KU_KEY_CERT_SIGN | KU_CRL_SIGN;

Status need_p256(const crypto::PublicKey& key) {
  if (key.kind() == crypto::KeyKind::p256) return {};
  return Error{Code::refused, "pki.bad_key", "this kind of certificate is for P-256 keys"};
}

}  // namespace

Result<Certificate> make_root(std::string_view name, const crypto::PrivateKey& key, Term term, Random& random) {
  return build_root({.common_name = std::string(name), .ca_path_length = 2, .key_usage = kCa}, key, term, random);
}

Result<Certificate> issue_work_certificate(const Issuer& root, std::string_view name, const crypto::PublicKey& key,
                                           const std::vector<wire::DsnRange>& ranges, Term term, Random& random) {
  const std::uint32_t key_usage = key.kind() == crypto::KeyKind::rsa ? KU_KEY_ENCIPHERMENT : KU_DIGITAL_SIGNATURE;
  return build_issued({.common_name = std::string(name),
                       .checked_as = Usage::key_distribution_host,
                       .key_usage = key_usage,
                       .usages = {Usage::key_distribution_host},
                       .ranges = ranges},
                      key, root, term, random);
}

Result<Certificate> issue_estate_ca(const Issuer& root, std::string_view name, const crypto::PublicKey& key, Term term,
                                    Random& random) {
  TF_CHECK(need_p256(key));
  return build_issued(
      {.common_name = std::string(name), .ca_path_length = 1, .key_usage = kCa, .usages = {Usage::loader}}, key, root,
      term, random);
}

Result<Certificate> issue_operations_ca(const Issuer& root, std::string_view name, const crypto::PublicKey& key,
                                        Term term, Random& random) {
  TF_CHECK(need_p256(key));
  return build_issued({.common_name = std::string(name),
                       .ca_path_length = 0,
                       .key_usage = kCa,
                       .usages = {Usage::tls_server, Usage::tls_client}},
                      key, root, term, random);
}

Result<Certificate> issue_authority(const Issuer& root, std::string_view name, const std::vector<Usage>& usages,
                                    const crypto::PublicKey& key, Term term, Random& random) {
  return build_issued({.common_name = std::string(name), .ca_path_length = 0, .key_usage = kCa, .usages = usages}, key, root, term,
                      random);
}

Result<Certificate> issue_ocsp_signer(const Issuer& issuer, std::string_view name, const crypto::PublicKey& key, Term term,
                                      Random& random) {
  return build_issued({.common_name = std::string(name),
                       .checked_as = Usage::ocsp_signing,
                       .key_usage = KU_DIGITAL_SIGNATURE,
                       .usages = {Usage::ocsp_signing},
                       .ocsp_nocheck = true},
                      key, issuer, term, random);
}

Result<Certificate> issue_loader_certificate(const Issuer& estate_ca, std::string_view name,
                                             const crypto::PublicKey& key, const std::vector<wire::DsnRange>& ranges,
                                             Term term, Random& random) {
  TF_CHECK(need_p256(key));
  return build_issued({.common_name = std::string(name),
                       .ca_path_length = 0,
                       .checked_as = Usage::loader,
                       .key_usage = KU_KEY_CERT_SIGN,
                       .usages = {Usage::loader},
                       .ranges = ranges},
                      key, estate_ca, term, random);
}

Result<Certificate> issue_device_certificate(const Issuer& loader, const wire::Dsn& dsn, const crypto::PublicKey& key,
                                             Term term, Random& random) {
  TF_CHECK(need_p256(key));
  return build_issued({.serial_number = dsn.text(),
                       .checked_as = Usage::device,
                       .key_usage = KU_DIGITAL_SIGNATURE,
                       .usages = {Usage::device},
                       .ranges = {TF_TRY(wire::DsnRange::make(dsn, dsn))}},
                      key, loader, term, random);
}

Result<Certificate> issue_tls_server_certificate(const Issuer& operations_ca, const ServerNames& names,
                                                 const crypto::PublicKey& key, Term term, Random& random) {
  if (names.dns.empty() && names.ips.empty())
    return Error{Code::invalid, "pki.server_names", "a server certificate needs a DNS name or an IP address"};
  return build_issued({.common_name = names.dns.empty() ? names.ips.front() : names.dns.front(),
                       .checked_as = Usage::tls_server,
                       .key_usage = KU_DIGITAL_SIGNATURE,
                       .usages = {Usage::tls_server},
                       .names = names},
                      key, operations_ca, term, random);
}

Result<Certificate> issue_operator_certificate(const Issuer& operations_ca, std::string_view name,
                                               const crypto::PublicKey& key, Term term, Random& random) {
  return build_issued({.common_name = std::string(name),
                       .checked_as = Usage::tls_client,
                       .key_usage = KU_DIGITAL_SIGNATURE,
                       .usages = {Usage::tls_client}},
                      key, operations_ca, term, random);
}

}  // namespace tf::pki
