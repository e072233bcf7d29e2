// Writes the seeds of the pki fuzz targets: one honest object of each kind.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "pki/certificate_request.hpp"
#include "pki/crl.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/issue.hpp"

using namespace tf;

namespace {

constexpr pki::Term kTerm{1'793'491'200'000, 3650};
std::string corpus;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", describe(result.error()).c_str());
    std::exit(1);
  }
  return std::move(*result);
}

void write(const std::string& target, const std::string& name, ByteView bytes) {
  std::filesystem::create_directories(corpus + "/" + target);
  if (const Status written = write_file_atomic(corpus + "/" + target + "/" + name, bytes, 0644); !written) std::exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  corpus = arguments[1];
  SystemRandom random;
  const auto key = crypto::PrivateKey::generate_p256();
  const auto rsa = crypto::PrivateKey::generate_rsa(2048);
  const auto range = must(wire::DsnRange::parse("TF10000000..TF10009999"));
  const auto make = [&](const crypto::PrivateKey& by) {
    return pki::Issuer{must(pki::make_root("Root", by, kTerm, random)), by};
  };
  const pki::Issuer root = make(key), rsa_root = make(rsa);
  const pki::Issuer estate{must(pki::issue_estate_ca(root, "Estate", key.public_key(), kTerm, random)), key};
  const pki::Issuer loader{
      must(pki::issue_loader_certificate(estate, "Loader", key.public_key(), {range}, kTerm, random)), key};
  const auto operations = must(pki::issue_operations_ca(root, "Operations", key.public_key(), kTerm, random));
  const auto device = must(pki::issue_device_certificate(loader, range.from(), key.public_key(), kTerm, random));
  const auto server = must(
      pki::issue_tls_server_certificate({operations, key}, {{"localhost"}, {"::1"}}, key.public_key(), kTerm, random));
  write("pki_certificate", "root_rsa", rsa_root.certificate.der());
  write("pki_certificate", "estate", estate.certificate.der());
  write("pki_certificate", "loader", loader.certificate.der());
  write("pki_certificate", "device", device.der());
  write("pki_certificate", "server", server.der());
  write("pki_certificate", "pem", as_bytes(device.to_pem()));
  write("pki_certificate", "ranges", must(pki::encode_dsn_ranges({range, range})));

  const std::vector<pki::Revoked> revoked{{"0A", pki::RevocationReason::superseded, kTerm.now_ms},
                                          {device.serial_hex(), pki::RevocationReason::key_compromise, kTerm.now_ms}};
  write("pki_crl", "empty", must(pki::issue_crl(root, 1, {}, kTerm.now_ms, kTerm.now_ms + 86'400'000)).der());
  write("pki_crl", "two_rsa",
        must(pki::issue_crl(rsa_root, 2, revoked, kTerm.now_ms, kTerm.now_ms + 86'400'000)).der());
  write("pki_request", "p256", must(pki::CertificateRequest::make("Ada", key)).der());
  write("pki_request", "rsa", must(pki::CertificateRequest::make("Ada", rsa)).der());
  return 0;
}
