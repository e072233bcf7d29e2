#include "terminal/personalise.hpp"

#include "net/local/stream.hpp"
#include "pki/path/path.hpp"
#include "pki/request/certificate_request.hpp"
#include "protocols/rki/personalisation.hpp"

namespace tf::terminal {
namespace {

constexpr std::size_t kMaxFrame = 64 * 1024;
constexpr int kTimeoutMs = 30'000;

Result<Device> device_from(const wire::Dsn& dsn, crypto::PrivateKey key, rki::Personalisation given, const Clock& clock) {
  pki::Certificate root = TF_TRY(pki::Certificate::from_der(given.root));
  std::vector<pki::Certificate> chain;
  for (const Bytes& der : given.chain) chain.push_back(TF_TRY(pki::Certificate::from_der(der)));
  if (chain.empty() || TF_TRY(chain.front().public_key()).spki() != key.public_key().spki())
    return Error{Code::refused, "terminal.foreign_certificate", "the loader gave a certificate for another key"};
  TF_CHECK(pki::validate_path({.leaf = chain.front(), .intermediates = {chain.begin() + 1, chain.end()}, .anchors = {root},
                               .at_ms = clock.now_ms(), .usage = pki::Usage::device, .dsn = dsn}));
  Device device{.identity = {.dsn = dsn, .suites = std::move(given.suites), .factor = std::move(given.secrets.factor),
                             .classic_dik2 = std::move(given.secrets.classic_dik2), .modern_dik2 = std::nullopt,
                             .device_key = std::move(key), .device_chain = std::move(chain), .root = std::move(root)},
                .keys = {}};
  const SecretBytes& modern_dik2 = given.secrets.modern_dik2;
  if (!modern_dik2.empty()) device.identity.modern_dik2.emplace(modern_dik2.reveal().first<32>());
  return device;
}

}  // namespace

Result<Device> personalise(const std::string& loader_socket, const wire::Dsn& dsn, const Clock& clock,
                           const std::function<Status(const Device&)>& save, rki::Staple staple) {
  auto loader = TF_TRY(net::LocalStream::connect(loader_socket));
  crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto request = TF_TRY(pki::CertificateRequest::make(dsn.text(), key));
  TF_CHECK(loader.send(rki::encode(rki::PersonalisationRequest{dsn, request.der()})));
  auto given = TF_TRY(rki::decode_personalisation(TF_TRY(loader.receive(kMaxFrame, kTimeoutMs))));
  given.secrets = TF_TRY(rki::decode_personalisation_secrets(TF_TRY(loader.receive_secret(kMaxFrame, kTimeoutMs))));
  Device device = TF_TRY(device_from(dsn, std::move(key), std::move(given), clock));
  device.identity.staple = staple;
  TF_CHECK(save(device));
  TF_CHECK(loader.send(rki::encode_stored(device.identity.device_chain.front().fingerprint())));
  TF_CHECK(rki::check_not_refused(TF_TRY(loader.receive(kMaxFrame, kTimeoutMs))));
  return device;
}

}  // namespace tf::terminal
