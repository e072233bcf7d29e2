#include "tests/support/estate.hpp"

#include "pki/path/path.hpp"
#include "protocols/rki/keys.hpp"

namespace tf::test {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

SecretBytes drawn(Random& random, std::size_t size) {
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

rki::WorkCertificate work_certificate(Estate& estate, std::string_view key_name, crypto::KeyKind kind,
                                      vault::Purpose purpose) {
  const auto key = must(estate.vault->generate(key_name, kind, 2048, purpose));
  const auto certificate = estate.pki.work(key, kRange, estate.clock.now_ms(), estate.random);
  return {std::string(key_name),
          {certificate.der()},
          estate.pki.staple(certificate.serial_hex(), estate.clock.now_ms(), 90 * kDayMs)};
}

}  // namespace

Hierarchy Hierarchy::make(std::string_view name, std::int64_t now_ms, Random& random) {
  const std::string prefix(name);
  auto root_key = crypto::PrivateKey::generate_p256();
  auto estate_key = crypto::PrivateKey::generate_p256();
  auto loader_key = crypto::PrivateKey::generate_p256();
  pki::Issuer root{must(pki::make_root(prefix + " root", root_key, {now_ms, pki::kRootDays}, random)), root_key};
  pki::Issuer estate_ca{must(pki::issue_estate_ca(root, prefix + " estate", estate_key.public_key(),
                                                  {now_ms, pki::kEstateCaDays}, random)),
                        estate_key};
  pki::Issuer loader{must(pki::issue_loader_certificate(estate_ca, prefix + " loader", loader_key.public_key(),
                                                        {range(kRange)}, {now_ms, pki::kLoaderDays}, random)),
                     loader_key};
  auto ocsp_key = crypto::PrivateKey::generate_p256();
  pki::Issuer ocsp{must(pki::issue_ocsp_signer(root, prefix + " OCSP", ocsp_key.public_key(),
                                               {now_ms, pki::kRootOcspSignerDays}, random)),
                   ocsp_key};
  return {std::move(root), std::move(estate_ca), std::move(loader), std::move(ocsp)};
}

Bytes Hierarchy::staple(const std::string& serial_hex, std::int64_t now_ms, std::int64_t life_ms,
                        pki::ocsp::CertStatus status) const {
  const std::int64_t now = now_ms / 1000 * 1000;
  pki::ocsp::SingleResponse one{.cert_id = must(pki::ocsp::cert_id(root.certificate, serial_hex)), .status = status,
                                .this_update_ms = now, .next_update_ms = now + life_ms};
  if (status == pki::ocsp::CertStatus::revoked) one.revoked_at_ms = now;
  return must(pki::ocsp::make_response({.responses = {std::move(one)}, .produced_at_ms = now},
                                       must(pki::ocsp::responder_of(ocsp.certificate, ocsp.key))));
}

Bytes Hierarchy::crl(std::int64_t now_ms, const std::vector<std::string>& revoked_serials) const {
  std::vector<pki::Revoked> revoked;
  for (const std::string& serial : revoked_serials)
    revoked.push_back({serial, pki::RevocationReason::key_compromise, now_ms});
  return must(pki::issue_crl(root, 1, revoked, now_ms, now_ms + 90 * kDayMs)).der();
}

pki::Certificate Hierarchy::work(const crypto::PublicKey& key, std::string_view dsns, std::int64_t now_ms,
                                 Random& random) const {
  return must(pki::issue_work_certificate(root, "work", key, {range(dsns)}, {now_ms, pki::kWorkDays}, random));
}

std::vector<pki::Certificate> Hierarchy::device_chain(const wire::Dsn& dsn, const crypto::PublicKey& key,
                                                      std::int64_t now_ms, Random& random) const {
  auto leaf = must(pki::issue_device_certificate(loader, dsn, key, {now_ms, pki::kDeviceDays}, random));
  return {std::move(leaf), loader.certificate, estate_ca.certificate};
}

Result<crypto::PublicKey> TestCredentials::verify_device(const std::vector<Bytes>& chain, const wire::Dsn& dsn,
                                                         std::int64_t now_ms) const {
  const auto certificates = TF_TRY(pki::chain_from_der(chain));
  const auto crl = TF_TRY(pki::Crl::from_der(crl_der));
  TF_CHECK(pki::validate_path({.leaf = certificates.front(),
                               .intermediates = {certificates.begin() + 1, certificates.end()},
                               .anchors = {*root},
                               .crl = crl,
                               .require_crl = true,
                               .at_ms = now_ms,
                               .usage = pki::Usage::device,
                               .dsn = dsn}));
  return certificates.front().public_key();
}

Estate::Estate(std::string_view seed)
    : random(std::string(seed) + " estate"), openssl_random(std::string(seed) + " openssl"), pki([&] {
        const OpenSslRandomness guard(openssl_random);
        return Hierarchy::make("Test", clock.now_ms(), random);
      }()) {
  const OpenSslRandomness guard(openssl_random);
  const SecretBytes passphrase(as_bytes("for tests and for nothing else"));
  vault = must(vault::SoftwareVault::create(directory.file("vault"), passphrase, random, {.n = 16, .r = 8, .p = 1}));
  credentials.root = pki.root.certificate;
  credentials.classic = work_certificate(*this, kClassicWorkKey, crypto::KeyKind::rsa, vault::Purpose::decrypt);
  credentials.modern = work_certificate(*this, kModernWorkKey, crypto::KeyKind::p256, vault::Purpose::sign);
  credentials.crl_der = pki.crl(clock.now_ms());
  classic_dik1 = drawn(random, 24);
  const SecretBytes modern = drawn(random, 32);
  modern_dik1 = Secret<32>(modern.reveal().first<32>());

  const auto wrap = [&](SecretBytes key, vault::SymmetricSpec spec, std::string_view suite) {
    vault::RowId row{"rki_dik1", "batch/" + std::string(suite), 1};
    auto made = must(vault->wrap(std::move(key), spec, row));
    return rki::Dik1Record{spec, std::move(row), std::move(made.wrapped)};
  };
  classic_dik1_row =
      wrap(classic_dik1.clone(), {vault::SymmetricAlgorithm::tdes, 24, vault::SymmetricPurpose::diversify}, "classic");
  modern_dik1_row =
      wrap(modern.clone(), {vault::SymmetricAlgorithm::hmac, 32, vault::SymmetricPurpose::diversify}, "modern");
}

rki::Identity Estate::device(const wire::Dsn& dsn, std::vector<rki::Suite> suites) {
  const auto known = device_keys_.find(dsn.text());
  rki::Identity out = made(dsn, std::move(suites), known == device_keys_.end() ? std::nullopt : std::optional(known->second));
  if (out.device_key) device_keys_.try_emplace(dsn.text(), *out.device_key);
  return out;
}

rki::Identity Estate::second_device(const wire::Dsn& dsn, std::vector<rki::Suite> suites) {
  return made(dsn, std::move(suites), std::nullopt);
}

rki::Identity Estate::made(const wire::Dsn& dsn, std::vector<rki::Suite> suites, const std::optional<crypto::PrivateKey>& given) {
  const OpenSslRandomness guard(openssl_random);
  SecretBytes factor = drawn(random, 16);
  const auto key = given ? *given : crypto::PrivateKey::generate_p256();
  rki::Identity out{.dsn = dsn,
                    .suites = std::move(suites),
                    .factor = {},
                    .classic_dik2 = {},
                    .modern_dik2 = std::nullopt,
                    .device_key = std::nullopt,
                    .device_chain = {},
                    .root = pki.root.certificate};
  for (const rki::Suite suite : out.suites) {
    if (suite == rki::Suite::classic) {
      out.classic_dik2 = must(rki::classic_dik2(classic_dik1.reveal(), dsn.text(), factor.reveal()));
    } else {
      out.modern_dik2 = rki::modern_dik2(modern_dik1, dsn.text(), factor.reveal());
      out.device_key = key;
      out.device_chain = pki.device_chain(dsn, key.public_key(), clock.now_ms(), random);
    }
  }
  out.factor = std::move(factor);
  return out;
}

Estate& shared_estate() {
  static Estate estate("shared");
  return estate;
}

}  // namespace tf::test
