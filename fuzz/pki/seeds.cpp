// Writes the seeds of the pki fuzz targets: one honest object of each kind.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/crl/shard.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/issue.hpp"
#include "pki/ocsp/response.hpp"

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

void write_shard(const pki::Issuer& issuer) {
  const auto shard = must(pki::shard_for("0A", "http://crl.example.org/{shard}.crl", 16));
  const std::vector<pki::Revoked> revoked{{"0A", pki::RevocationReason::superseded, kTerm.now_ms}};
  write("pki_crl", "shard", must(pki::issue_crl_shard(issuer, shard, 1, revoked, kTerm.now_ms, kTerm.now_ms + 86'400'000)).der());
}

// The issuer's certificate is no delegate; a reader finds that out last.
void write_ocsp(const pki::Issuer& issuer, const pki::Certificate& subject) {
  using namespace pki::ocsp;
  const auto id = must(cert_id(issuer.certificate, subject.serial_hex()));
  const auto old_id = must(cert_id(issuer.certificate, "0A", Hash::sha1));
  const Bytes nonce(32, 7);
  write("pki_ocsp", "request", must(encode_request({id}, {})));
  write("pki_ocsp", "request_two_nonce", must(encode_request({id, old_id}, nonce)));
  write("pki_ocsp", "path", as_bytes(encode_path(must(encode_request({old_id}, nonce)))));
  const Responder responder = must(responder_of(issuer.certificate, issuer.key));
  const SingleResponse good{.cert_id = id, .status = CertStatus::good, .this_update_ms = kTerm.now_ms, .next_update_ms = kTerm.now_ms + 60'000};
  const ResponseData data{.responses = {good, never_issued(old_id, kTerm.now_ms, kTerm.now_ms + 60'000)}, .produced_at_ms = kTerm.now_ms, .nonce = nonce};
  write("pki_ocsp", "response", must(make_response(data, responder)));
  write("pki_ocsp", "error", error_response(ErrorStatus::try_later));
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
  write_shard({operations, key});
  write_ocsp({operations, key}, server);
  write("pki_lint", "server", server.der());
  write("pki_lint", "device", device.der());
  write("pki_lint", "root_rsa", rsa_root.certificate.der());
  write("pki_request", "p256", must(pki::CertificateRequest::make("Ada", key)).der());
  write("pki_request", "rsa", must(pki::CertificateRequest::make("Ada", rsa)).der());
  return 0;
}
