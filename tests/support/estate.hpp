// A small estate for rki: root, work certificates, CRL, estate CA, loader, a software vault with DIK1 for one range of
// serials, and devices as the factory makes them. Made from a seed: the same seed gives the same bytes.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pki/crl/crl.hpp"
#include "pki/issue.hpp"
#include "pki/ocsp/response.hpp"
#include "protocols/rki/platform.hpp"
#include "protocols/rki/terminal.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/temporary_directory.hpp"
#include "vault/software/software_vault.hpp"

namespace tf::test {

inline wire::Dsn dsn(std::string_view text) { return must(wire::Dsn::parse(text)); }
inline wire::DsnRange range(std::string_view text) { return must(wire::DsnRange::parse(text)); }
inline constexpr std::string_view kRange = "TF10000000..TF19999999";
inline const wire::Dsn kDsn = dsn("TF10000001");
inline const wire::Dsn kOtherDsn = dsn("TF10000002");

// Everything one root stands above.
struct Hierarchy {
  pki::Issuer root;
  pki::Issuer estate_ca;
  pki::Issuer loader;
  pki::Issuer ocsp;  // the root's OCSP signer

  static Hierarchy make(std::string_view name, std::int64_t now_ms, Random& random);
  [[nodiscard]] Bytes crl(std::int64_t now_ms, const std::vector<std::string>& revoked_serials = {}) const;
  [[nodiscard]] pki::Certificate work(const crypto::PublicKey& key, std::string_view dsns, std::int64_t now_ms,
                                      Random& random) const;
  // What the OCSP signer says about a certificate of the root's.
  [[nodiscard]] Bytes staple(const std::string& serial_hex, std::int64_t now_ms, std::int64_t life_ms,
                             pki::ocsp::CertStatus status = pki::ocsp::CertStatus::good) const;
  // Device certificate and its issuers, without the root.
  [[nodiscard]] std::vector<pki::Certificate> device_chain(const wire::Dsn& dsn, const crypto::PublicKey& key,
                                                           std::int64_t now_ms, Random& random) const;
};

// What the platform shows and whom it believes; tests change the members.
struct TestCredentials final : rki::Credentials {
  std::optional<pki::Certificate> root;
  rki::WorkCertificate classic;
  rki::WorkCertificate modern;
  Bytes crl_der;

  [[nodiscard]] Result<rki::WorkCertificate> work_certificate(rki::Suite suite, const wire::Dsn&) const override {
    return suite == rki::Suite::classic ? classic : modern;
  }
  [[nodiscard]] Bytes crl() const override { return crl_der; }
  [[nodiscard]] Result<crypto::PublicKey> verify_device(const std::vector<Bytes>& chain, const wire::Dsn& dsn,
                                                        std::int64_t now_ms) const override;
};

struct Estate {
  explicit Estate(std::string_view seed);

  TemporaryDirectory directory;
  FixedClock clock;
  DeterministicRandom random;  // for the vault, the certificates and the factory
  DeterministicRandom openssl_random;
  Hierarchy pki;
  std::unique_ptr<vault::SoftwareVault> vault;
  TestCredentials credentials;
  SecretBytes classic_dik1;
  Secret<32> modern_dik1;
  std::optional<rki::Dik1Record> classic_dik1_row;
  std::optional<rki::Dik1Record> modern_dik1_row;

  // A device as it leaves the factory. Made again it has another factor and certificate, but the same key.
  [[nodiscard]] rki::Identity device(const wire::Dsn& dsn,
                                     std::vector<rki::Suite> suites = {rki::Suite::modern, rki::Suite::classic});
  // What a rogue loader makes, or an honest one of a device with a new security module: another key for the serial.
  [[nodiscard]] rki::Identity second_device(const wire::Dsn& dsn, std::vector<rki::Suite> suites);

 private:
  rki::Identity made(const wire::Dsn& dsn, std::vector<rki::Suite> suites, const std::optional<crypto::PrivateKey>& key);
  std::map<std::string, crypto::PrivateKey> device_keys_;
};

// One estate for all tests of a process that do not change it; RSA keys take a while.
Estate& shared_estate();

inline constexpr std::string_view kClassicWorkKey = "rki.work-classic";
inline constexpr std::string_view kModernWorkKey = "rki.work-modern";

}  // namespace tf::test
