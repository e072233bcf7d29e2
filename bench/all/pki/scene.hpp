// A platform with a public listener and OCSP delegates of one kind, and one certificate of it to be asked about; and openssl's
// own responder for a certificate of a CA made for it, with a delegate of the same kind.
#pragma once
#include "base/ports.hpp"
#include "bench/all/http_load.hpp"
#include "bench/all/server.hpp"
#include "crypto/keys.hpp"
#include "pki/ocsp/request.hpp"

namespace tf::bench {

crypto::PrivateKey generated(crypto::KeyKind kind);  // P-256 or RSA-2048

class OcspScene {
 public:
  static Result<std::unique_ptr<OcspScene>> make(const std::string& directory, const std::string& program, crypto::KeyKind delegate);

  // Server CPU of one request.
  [[nodiscard]] Result<double> bare_cpu_us() const;                             // to a path where nothing is
  [[nodiscard]] Result<double> answer_cpu_us(bool with_nonce, int requests);

 private:
  OcspScene() = default;
  Result<double> cpu_us(const HttpLoad& load) const;

  std::uint16_t port_ = 0;
  std::vector<pki::ocsp::CertId> asked_;
  std::unique_ptr<Server> server_;
  SystemRandom random_;
};

// openssl ocsp -port: a process of one thread, a connection for each request.
class OcspPeer {
 public:
  static Result<std::unique_ptr<OcspPeer>> make(const std::string& directory, crypto::KeyKind delegate);
  Result<double> answer_cpu_us(int requests);

 private:
  OcspPeer() = default;
  [[nodiscard]] HttpLoad load(int requests);

  std::uint16_t port_ = 0;
  std::vector<pki::ocsp::CertId> asked_;
  std::unique_ptr<Child> child_;
  SystemRandom random_;
};

}  // namespace tf::bench
