#include "platform/certificates.hpp"

#include <algorithm>

#include "pki/request/certificate_request.hpp"
#include "pki/issue.hpp"

namespace tf::platform {

Result<std::unique_ptr<Certificates>> Certificates::load(store::Database& database, const Clock& clock) {
  std::optional<pki::Certificate> root;
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    return session.query("SELECT der FROM certificates WHERE kind = $1", {kind::root}, [&](const store::Row& row) -> Status {
      root = TF_TRY(pki::Certificate::from_der(row.bytes_view(0)));
      return {};
    });
  }));
  if (!root) return Error{Code::integrity, "certificates.missing", "the platform's root certificate is missing"};
  std::unique_ptr<Certificates> out(new Certificates(clock, *root));
  TF_CHECK(out->reload(database));
  for (const std::string_view kind : {kind::root, kind::estate_ca, kind::operations_ca})
    if (!out->current(kind)) return Error{Code::integrity, "certificates.missing", "the platform's " + std::string(kind) + " certificate is missing or expired"};
  return out;
}

Status Certificates::reload(store::Database& database) {
  auto fresh = std::make_shared<Loaded>();
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    TF_CHECK(session.query("SELECT kind, key_name, der FROM certificates ORDER BY not_before_ms DESC, key_name DESC, serial", {}, [&](const store::Row& row) -> Status {
      fresh->certificates.push_back({row.text(0), row.text(1), TF_TRY(pki::Certificate::from_der(row.bytes_view(2)))});
      return {};
    }));
    return session.query("SELECT der FROM crls ORDER BY number DESC LIMIT 1", {}, [&](const store::Row& row) -> Status {
      fresh->crl_der = row.bytes(0);
      fresh->crl = TF_TRY(pki::Crl::from_der(fresh->crl_der));
      return {};
    });
  }));
  if (fresh->crl) devices_.set_crl(*fresh->crl);
  const std::lock_guard lock(mutex_);
  loaded_ = std::move(fresh);
  return {};
}

std::shared_ptr<const Certificates::Loaded> Certificates::loaded() const {
  const std::lock_guard lock(mutex_);
  return loaded_;
}

// The newest that is valid now, not revoked, and whose range holds the DSN.
Result<rki::WorkCertificate> Certificates::work_certificate(rki::Suite suite, const wire::Dsn& dsn) const {
  const auto all = loaded();
  const std::string_view wanted = suite == rki::Suite::classic ? kind::work_classic : kind::work_modern;
  const std::int64_t now = clock_.now_ms();
  for (const OwnCertificate& own : all->certificates) {
    if (own.kind != wanted || own.certificate.not_before_ms() > now || own.certificate.not_after_ms() <= now) continue;
    if (all->crl && all->crl->is_revoked(own.certificate)) continue;
    for (const wire::DsnRange& range : TF_TRY(own.certificate.dsn_ranges()))
      if (range.contains(dsn)) return rki::WorkCertificate{own.key_name, {own.certificate.der()}, staple_of(own.certificate, now)};
  }
  return Error{Code::refused, "rki.no_work_certificate", "no valid work certificate serves this DSN; renew it (work request, root sign, work install)"};
}

void Certificates::put_staples(std::vector<Stapled> fresh) {
  const std::int64_t now = clock_.now_ms();
  const std::lock_guard lock(mutex_);
  for (Stapled& kept : staples_) {
    const bool replaced = std::ranges::find(fresh, kept.serial_hex, &Stapled::serial_hex) != fresh.end();
    if (!replaced && now < kept.until_ms) fresh.push_back(std::move(kept));
  }
  staples_ = std::move(fresh);
}

Bytes Certificates::staple_of(const pki::Certificate& certificate, std::int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(staples_, certificate.serial_hex(), &Stapled::serial_hex);
  return found != staples_.end() && now_ms < found->until_ms ? found->der : Bytes();
}

Bytes Certificates::crl() const { return loaded()->crl_der; }

Result<crypto::PublicKey> Certificates::verify_device(const std::vector<Bytes>& chain, const wire::Dsn& dsn, std::int64_t now_ms) const {
  return devices_.device_key(chain, dsn, now_ms);
}

Result<OwnCertificate> Certificates::current(std::string_view kind) const {
  const auto all = loaded();
  const std::int64_t now = clock_.now_ms();
  for (const OwnCertificate& own : all->certificates)
    if (own.kind == kind && own.certificate.not_before_ms() <= now && own.certificate.not_after_ms() > now) return own;
  return Error{Code::not_found, "certificates.none", "there is no valid certificate of kind " + std::string(kind)};
}

std::vector<OwnCertificate> Certificates::all() const { return loaded()->certificates; }
std::optional<pki::Crl> Certificates::current_crl() const { return loaded()->crl; }

Result<Bytes> Certificates::issue_operator(vault::Vault& vault, Random& random, std::int64_t now_ms, const std::string& name,
                                           ByteView request) const {
  const auto csr = TF_TRY(pki::CertificateRequest::from_der(request));
  const OwnCertificate ca = TF_TRY(current(kind::operations_ca));
  const pki::Issuer issuer{ca.certificate, TF_TRY(vault.signing_handle(ca.key_name))};
  return TF_TRY(pki::issue_operator_certificate(issuer, name, csr.public_key(), {now_ms, pki::kTlsDays}, random)).der();
}

Status insert_certificate(store::Session& session, std::string_view kind, std::string_view key_name, const pki::Certificate& certificate) {
  TF_TRY(session.execute("INSERT INTO certificates (kind, serial, key_name, der, not_before_ms, not_after_ms) VALUES ($1, $2, $3, $4, $5, $6)",
                         {kind, std::string_view(certificate.serial_hex()), key_name, ByteView(certificate.der()),
                          certificate.not_before_ms(), certificate.not_after_ms()}));
  return {};
}

Status insert_crl(store::Session& session, const pki::Crl& crl) {
  TF_TRY(session.execute("INSERT INTO crls (number, der) VALUES ($1, $2)", {static_cast<std::int64_t>(crl.number()), ByteView(crl.der())}));
  return {};
}

}  // namespace tf::platform
