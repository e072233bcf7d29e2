// The platform's own certificates as they stand: root, intermediate CAs, work certificates, TLS, CRL. Loaded from the
// database, replaced whole when new ones are installed; readers take a snapshot.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pki/certificate.hpp"
#include "pki/crl/crl.hpp"
#include "pki/device/verifier.hpp"
#include "protocols/rki/platform.hpp"
#include "store/database.hpp"

namespace tf::platform {

// What a certificate of ours is for; the column "kind".
namespace kind {
inline constexpr std::string_view root = "root";
inline constexpr std::string_view estate_ca = "estate-ca";
inline constexpr std::string_view operations_ca = "operations-ca";
inline constexpr std::string_view tls = "tls";
inline constexpr std::string_view work_classic = "work-classic";
inline constexpr std::string_view work_modern = "work-modern";
inline constexpr std::string_view authority_prefix = "authority-";  // issuing authorities: "authority-users", …
inline constexpr std::string_view ocsp_root = "ocsp-root";          // answers for the root
}  // namespace kind

// Names of the keys in the vault.
namespace key_name {
inline constexpr std::string_view estate_ca = "pki.estate";
inline constexpr std::string_view operations_ca = "pki.operations";
inline constexpr std::string_view tls = "tls.server";
inline constexpr std::string_view audit = "audit";
inline constexpr std::string_view authority_prefix = "pki.";       // "pki.users", …
inline constexpr std::string_view ocsp_root = "pki.ocsp.root";     // and a moment
}  // namespace key_name

struct OwnCertificate {
  std::string kind;
  std::string key_name;
  pki::Certificate certificate;
};

// What OCSP says about a certificate of ours, made ahead.
struct Stapled {
  std::string serial_hex;  // of the certificate
  Bytes der;
  std::int64_t until_ms = 0;
};

class Certificates final : public rki::Credentials {
 public:
  // Code::integrity when the root or a CA is missing.
  static Result<std::unique_ptr<Certificates>> load(store::Database& database, const Clock& clock);
  // Reads them again, after something was installed.
  Status reload(store::Database& database);
  // From now on these go with their certificates until they are out of date; those of others stay (rki/staples.hpp makes them).
  void put_staples(std::vector<Stapled> fresh);

  [[nodiscard]] Result<rki::WorkCertificate> work_certificate(rki::Suite suite, const wire::Dsn& dsn) const override;
  [[nodiscard]] Bytes crl() const override;
  [[nodiscard]] Result<crypto::PublicKey> verify_device(const std::vector<Bytes>& chain, const wire::Dsn& dsn,
                                                        std::int64_t now_ms) const override;

  // The newest valid certificate of a kind; Code::not_found "certificates.none".
  [[nodiscard]] Result<OwnCertificate> current(std::string_view kind) const;
  [[nodiscard]] std::vector<OwnCertificate> all() const;
  [[nodiscard]] std::optional<pki::Crl> current_crl() const;

  // A client certificate under the operations CA for the key in the request; DER.
  [[nodiscard]] Result<Bytes> issue_operator(vault::Vault& vault, Random& random, std::int64_t now_ms, const std::string& name,
                                             ByteView request) const;

 private:
  struct Loaded {
    std::vector<OwnCertificate> certificates;
    std::optional<pki::Crl> crl;
    Bytes crl_der;
  };
  Certificates(const Clock& clock, const pki::Certificate& root) : clock_(clock), devices_({.anchors = {root}, .require_crl = true}) {}
  [[nodiscard]] std::shared_ptr<const Loaded> loaded() const;
  [[nodiscard]] Bytes staple_of(const pki::Certificate& certificate, std::int64_t now_ms) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Loaded> loaded_;
  std::vector<Stapled> staples_;
  pki::DeviceVerifier devices_;
};

// Inserts a certificate of ours.
Status insert_certificate(store::Session& session, std::string_view kind, std::string_view key_name, const pki::Certificate& certificate);
Status insert_crl(store::Session& session, const pki::Crl& crl);

}  // namespace tf::platform
