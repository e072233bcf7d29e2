#include "platform/tls_certificate.hpp"

#include "pki/issue.hpp"

namespace tf::platform {

Result<pki::Certificate> issue_tls_certificate(const pki::Issuer& operations_ca, const std::vector<std::string>& names,
                                               const crypto::PublicKey& key, std::int64_t now_ms, Random& random) {
  pki::ServerNames sorted;
  for (const std::string& name : names) {
    const bool address = name.find(':') != std::string::npos || name.find_first_not_of("0123456789.") == std::string::npos;
    (address ? sorted.ips : sorted.dns).push_back(name);
  }
  return pki::issue_tls_server_certificate(operations_ca, sorted, key, {now_ms, pki::kTlsDays}, random);
}

Result<bool> renew_tls_certificate(Context& context) {
  const std::int64_t now = context.clock.now_ms();
  if (const auto own = context.certificates.current(kind::tls);
      own && own->certificate.not_after_ms() - now > kTlsRenewalDays * 24 * 3600 * 1000)
    return false;
  const OwnCertificate ca = TF_TRY(context.certificates.current(kind::operations_ca));
  const pki::Issuer issuer{ca.certificate, TF_TRY(context.vault.signing_handle(ca.key_name))};
  const auto fresh = TF_TRY(issue_tls_certificate(issuer, context.config.names, TF_TRY(context.vault.public_key(key_name::tls)), now, context.random));
  TF_CHECK(perform_act(context, {"system", "platform.tls_renew", fresh.serial_hex()}, [&](store::Session& session) -> Status {
    return insert_certificate(session, kind::tls, key_name::tls, fresh);
  }));
  TF_CHECK(context.certificates.reload(context.database));
  return true;
}

}  // namespace tf::platform
