#include "bench/all/pki/scene.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "ca/certificate_authority.hpp"
#include "platform/authority.hpp"
#include "platform/ca/office.hpp"
#include "platform/data_directory.hpp"

namespace tf::bench {
namespace {

constexpr std::uint16_t kPort = 18463;
constexpr std::size_t kLeastAnswer = 200;  // an error response has five octets
constexpr int kBareRequests = 12'000;

net::ClientRequest post(const std::string& target, ByteView body) {
  return {.method = "POST", .target = target, .content_type = "application/ocsp-request", .body = std::string(as_text(body)), .headers = {}};
}

std::function<net::ClientRequest()> asking(const std::string& target, const std::vector<pki::ocsp::CertId>& ids, Random* nonces) {
  return [&ids, target, nonces] {
    std::optional<Bytes> nonce;
    if (nonces != nullptr) {
      nonce.emplace(pki::ocsp::kNonce);
      nonces->fill(*nonce);
    }
    return post(target, pki::ocsp::encode_request(ids, nonce).value());
  };
}

}  // namespace

crypto::PrivateKey generated(crypto::KeyKind kind) {
  return kind == crypto::KeyKind::rsa ? crypto::PrivateKey::generate_rsa(2048) : crypto::PrivateKey::generate_p256();
}

Result<std::unique_ptr<OcspScene>> OcspScene::make(const std::string& directory, const std::string& program, crypto::KeyKind delegate) {
  std::filesystem::create_directories(directory);
  const bool rsa = delegate == crypto::KeyKind::rsa;
  const auto first = static_cast<std::uint16_t>(kPort + (rsa ? 10 : 0));
  platform::InitOptions init = TF_TRY(init_options(directory, first));
  init.config.pki.listen.port = first + 2;
  init.config.pki.ocsp_rsa = rsa;
  TF_TRY(platform::initialise(init, kPassphrase, kPassphrase));
  std::unique_ptr<OcspScene> out(new OcspScene);
  out->port_ = first + 2;
  auto opened = TF_TRY(platform::open_directory(init.directory, kPassphrase));
  auto authority = TF_TRY(platform::open_authority(*opened->context, opened->paths.profiles()));
  const auto issued = TF_TRY(authority->issue({.profile = "user-signing", .holder = "bench", .names = {{{"commonName", "bench"}}, {}},
                                               .key = crypto::PrivateKey::generate_p256().public_key(), .actor = "bench"}));
  out->asked_ = {TF_TRY(pki::ocsp::cert_id(issued.issuer, issued.serial_hex))};
  const pki::Certificate root = TF_TRY(opened->certificates->current(platform::kind::root)).certificate;
  authority.reset();
  opened.reset();
  out->server_ = TF_TRY(Server::start(program, directory, {.url = fmt::format("https://127.0.0.1:{}", first), .root = root, .chain = {}, .key = {}}));
  return out;
}

Result<double> OcspScene::cpu_us(const HttpLoad& load) const {
  const double before = server_->cpu_us();
  TF_CHECK(send(load));
  return (server_->cpu_us() - before) / load.requests;
}

// Of the same size as those that are answered.
Result<double> OcspScene::bare_cpu_us() const {
  return cpu_us({.port = port_, .requests = kBareRequests, .next = asking("/ocsp/bare", asked_, nullptr), .status = 404});
}

Result<double> OcspScene::answer_cpu_us(bool with_nonce, int requests) {
  return cpu_us({.port = port_, .requests = requests, .next = asking("/ocsp", asked_, with_nonce ? &random_ : nullptr), .least_bytes = kLeastAnswer});
}

}  // namespace tf::bench
