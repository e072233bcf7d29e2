#include "simulate/ewallet/keys.hpp"

#include <arpa/inet.h>

#include <filesystem>

#include "base/file.hpp"
#include "crypto/public_key_file.hpp"
#include "pki/issue.hpp"
#include "pki/key_file.hpp"

namespace tf::simulate::ewallet {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;

bool is_address(const std::string& name) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

Result<crypto::PrivateKey> read_key(const std::string& path) {
  return pki::private_key_from_pem(TF_TRY(read_secret_file(path, kMaxFile)), nullptr);
}

Result<pki::Certificate> read_certificate(const std::string& path) {
  return pki::Certificate::from_pem(as_text(TF_TRY(read_file(path, kMaxFile))));
}

Status save(const Keys& keys, const std::string& folder) {
  const auto write = [&folder](const char* name, std::string_view text) { return write_file_atomic(folder + "/" + name, as_bytes(text), 0644); };
  TF_CHECK(write_private_file(folder + "/acp.key", pki::to_pem(keys.network).reveal()));
  TF_CHECK(write_private_file(folder + "/ewallet.key", pki::to_pem(keys.ewallet).reveal()));
  TF_CHECK(write_private_file(folder + "/tls.key", pki::to_pem(keys.tls).reveal()));
  TF_CHECK(write("acp.crt", keys.network_certificate.to_pem()));
  TF_CHECK(write("ca.crt", keys.authority.to_pem()));
  TF_CHECK(write("tls.crt", keys.tls_certificate.to_pem()));
  TF_CHECK(write("signers.crt", keys.root.to_pem() + keys.authority.to_pem()));
  TF_CHECK(write("ewallet.pub", crypto::public_key_to_pem(keys.ewallet.public_key())));
  return write("root.crt", keys.root.to_pem());  // the last: it says that all are there
}

Result<Keys> load(const std::string& folder) {
  return Keys{TF_TRY(read_certificate(folder + "/root.crt")), TF_TRY(read_certificate(folder + "/ca.crt")),
              TF_TRY(read_certificate(folder + "/acp.crt")),  TF_TRY(read_key(folder + "/acp.key")),
              TF_TRY(read_certificate(folder + "/tls.crt")),  TF_TRY(read_key(folder + "/tls.key")),
              TF_TRY(read_key(folder + "/ewallet.key"))};
}

}  // namespace

Result<net::TlsServerConfig> Keys::tls_config() const {
  net::TlsServerConfig out;
  out.chain = {TF_TRY(net::certificate_from_der(tls_certificate.der())), TF_TRY(net::certificate_from_der(authority.der()))};
  out.key = net::share(tls.native());
  return out;
}

Result<Keys> make_keys(const std::vector<std::string>& names, std::int64_t now_ms, Random& random) {
  const auto root_key = crypto::PrivateKey::generate_p256();
  const auto root = TF_TRY(pki::make_root("Simulated payment gateways", root_key, {now_ms, pki::kRootDays}, random));
  const auto authority_key = crypto::PrivateKey::generate_p256();
  const auto authority = TF_TRY(pki::issue_operations_ca({root, root_key}, "Simulated gateways CA", authority_key.public_key(),
                                                         {now_ms, pki::kOperationsCaDays}, random));
  const pki::Issuer issuer{authority, authority_key};
  pki::ServerNames server;
  for (const std::string& name : names) (is_address(name) ? server.ips : server.dns).push_back(name);
  const auto tls = crypto::PrivateKey::generate_p256();
  const auto tls_certificate = TF_TRY(pki::issue_tls_server_certificate(issuer, server, tls.public_key(), {now_ms, pki::kTlsDays}, random));
  const auto network = crypto::PrivateKey::generate_rsa(2048);
  const auto signer = TF_TRY(pki::issue_operator_certificate(issuer, kSignerName, network.public_key(), {now_ms, pki::kTlsDays}, random));
  return Keys{root, authority, signer, network, tls_certificate, tls, crypto::PrivateKey::generate_rsa(2048)};
}

Result<Keys> load_or_make_keys(const std::string& folder, const std::vector<std::string>& names, std::int64_t now_ms, Random& random) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return Error{Code::unavailable, "simulate.keys", folder + ": " + failure.message()};
  if (std::filesystem::exists(folder + "/root.crt", failure)) return load(folder);
  auto keys = TF_TRY(make_keys(names, now_ms, random));
  TF_CHECK(save(keys, folder));
  return keys;
}

}  // namespace tf::simulate::ewallet
