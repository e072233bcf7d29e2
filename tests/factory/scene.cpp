#include "tests/factory/scene.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/issue.hpp"

namespace tf::factory::test {

SecretBytes Scene::drawn(std::size_t size) {
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

Secret<32> Scene::storage_key(std::uint8_t fill) {
  Secret<32> key;
  for (std::uint8_t& byte : key.reveal_mutable()) byte = fill;
  return key;
}

Loader Scene::make_loader(const std::string& name) {
  std::filesystem::create_directories(directory.file(name));
  return must(Loader::create(directory.file(name), name, pki.root.certificate, storage_key(), ports()));
}

std::string Scene::seal(const Loader& loader, const SecretBytes& dik1) {
  const auto wrap_key = must(crypto::PublicKey::from_spki(must(loader.request()).wrap_key));
  return must(crypto::jwe_seal_to(wrap_key, random, kDik1Type, dik1.reveal()));
}

BatchPackage Scene::package_for(const Loader& loader, const std::string& batch, std::string_view dsns, std::vector<rki::Suite> suites) {
  const LoaderRequest request = must(loader.request());
  const auto csr = must(pki::CertificateRequest::from_der(request.certificate_request));
  const auto issuing = must(pki::issue_loader_certificate(pki.estate_ca, request.name, csr.public_key(), {range(dsns)},
                                                          {clock.now_ms(), pki::kLoaderDays}, random));
  BatchPackage out{batch, range(dsns), {}, {issuing.der(), pki.estate_ca.certificate.der()}, pki.root.certificate.der()};
  for (const rki::Suite suite : suites) out.dik1[suite] = seal(loader, suite == rki::Suite::classic ? classic_dik1 : modern_dik1);
  return out;
}

std::string Scene::sign(const BatchPackage& package) const {
  return must(crypto::jws_sign_es256(work_key, kPackageType, payload_of(package), {work.der()}));
}

Loader Scene::loader_with_batch(const std::string& name, const std::string& batch) {
  Loader loader = make_loader(name);
  must(loader.receive(sign(package_for(loader, batch))));
  return loader;
}

std::string Scene::log_text(const std::string& loader) const {
  return std::string(as_text(must(read_file(directory.file(loader) + "/loader.log", 1 << 20))));
}

rki::PersonalisationRequest request_for(const wire::Dsn& dsn) {
  return {dsn, must(pki::CertificateRequest::make(dsn.text(), crypto::PrivateKey::generate_p256())).der()};
}

Hash256 fingerprint_of(const rki::Personalisation& given) { return must(pki::Certificate::from_der(given.chain.front())).fingerprint(); }

}  // namespace tf::factory::test
