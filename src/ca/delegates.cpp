// OCSP signers: a short life, a key of their own, renewed at half of it.
#include <algorithm>

#include "ca/certificate_authority.hpp"
#include "pki/issue.hpp"

namespace tf::ca {

Status CertificateAuthority::load_delegates() {
  std::vector<Delegate> fresh;
  TF_CHECK(ports_.database.read([&](store::Session& session) {
    return session.query("SELECT authority, key_name, der FROM pki_delegates ORDER BY not_before_ms DESC, serial", {}, [&](const store::Row& row) -> Status {
      fresh.push_back({row.text(0), TF_TRY(pki::Certificate::from_der(row.bytes_view(2))), row.text(1)});
      return {};
    });
  }));
  const std::lock_guard lock(mutex_);
  delegates_ = std::move(fresh);
  return {};
}

std::vector<Delegate> CertificateAuthority::delegates() const {
  const std::int64_t now = ports_.clock.now_ms();
  std::vector<Delegate> out;
  const std::lock_guard lock(mutex_);
  for (const auto* from : {&delegates_, &offline_delegates_})
    for (const Delegate& one : *from)
      if (one.certificate.not_before_ms() <= now && now < one.certificate.not_after_ms()) out.push_back(one);
  return out;
}

void CertificateAuthority::put_offline_delegates(std::vector<Delegate> delegates) {
  const std::lock_guard lock(mutex_);
  offline_delegates_ = std::move(delegates);
}

Status CertificateAuthority::make_delegate(const Authority& authority) {
  const std::int64_t now = ports_.clock.now_ms();
  const std::string name = "pki.ocsp." + authority.name + "." + std::to_string(now);
  const bool rsa = options_.delegate_rsa_bits != 0;
  const auto key = TF_TRY(ports_.vault.generate(name, rsa ? crypto::KeyKind::rsa : crypto::KeyKind::p256, options_.delegate_rsa_bits, vault::Purpose::sign));
  const pki::Issuer issuer{authority.certificate, TF_TRY(ports_.vault.signing_handle(authority.key_name))};
  const auto certificate = TF_TRY(pki::issue_ocsp_signer(issuer, "OCSP for " + authority.name, key, {now, pki::kOcspSignerDays}, ports_.random));
  return ports_.database.write([&](store::Session& session) -> Status {
    TF_TRY(session.execute("INSERT INTO pki_delegates (serial, authority, key_name, not_before_ms, not_after_ms, der) VALUES ($1, $2, $3, $4, $5, $6)",
                           {std::string_view(certificate.serial_hex()), std::string_view(authority.name), std::string_view(name),
                            certificate.not_before_ms(), certificate.not_after_ms(), ByteView(certificate.der())}));
    return ports_.trail.append(session, {.at_ms = now, .actor = "system", .action = "pki.delegate", .subject = certificate.serial_hex(),
                                         .outcome = audit::Outcome::accepted, .reason = "", .detail = "{\"authority\":\"" + authority.name + "\"}"});
  });
}

// Those whose life is over go, with their keys.
Status CertificateAuthority::remove_old_delegates() {
  const std::int64_t now = ports_.clock.now_ms();
  std::vector<Delegate> old;
  {
    const std::lock_guard lock(mutex_);
    for (const Delegate& one : delegates_)
      if (one.certificate.not_after_ms() <= now) old.push_back(one);
  }
  for (const Delegate& one : old) {
    if (const Status removed = ports_.vault.remove(one.key_name); !removed && removed.error().code != Code::not_found) return removed.error();
    TF_CHECK(ports_.database.write([&](store::Session& session) -> Status {
      TF_TRY(session.execute("DELETE FROM pki_delegates WHERE serial = $1", {std::string_view(one.certificate.serial_hex())}));
      return {};
    }));
  }
  return old.empty() ? Status{} : load_delegates();
}

Status CertificateAuthority::renew_delegates() {
  const std::int64_t now = ports_.clock.now_ms();
  for (const Authority& authority : options_.authorities) {
    if (authority.key_name.empty()) continue;
    const auto all = delegates();
    const auto newest = std::ranges::find(all, authority.name, &Delegate::authority);
    if (newest != all.end()) {
      const pki::Certificate& certificate = newest->certificate;
      const auto key = certificate.public_key();
      const bool right_kind = key && (key->kind() == crypto::KeyKind::rsa) == (options_.delegate_rsa_bits != 0);
      if (right_kind && now < certificate.not_before_ms() + (certificate.not_after_ms() - certificate.not_before_ms()) / 2) continue;
    }
    TF_CHECK(make_delegate(authority));
    TF_CHECK(load_delegates());
  }
  return remove_old_delegates();
}

}  // namespace tf::ca
