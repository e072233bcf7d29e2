// The certificate authority in this process, as the platform opens it.
#pragma once
#include "bench/all/child.hpp"
#include "ca/certificate_authority.hpp"
#include "platform/data_directory.hpp"

namespace tf::bench {

class AuthorityScene {
 public:
  static Result<std::unique_ptr<AuthorityScene>> make(const std::string& directory);

  struct Issuance {
    double cpu_us = 0;             // of one certificate, from the request's octets to the durable certificate
    double members_per_commit = 0;
  };
  Result<Issuance> issue(int certificates);
  // So many rows of certificates that were issued, in the register; before any is revoked.
  Status fill(int certificates);
  // CPU of one revocation, one after another: of certificates spread over those filled in, other ones each time.
  Result<double> revoke_cpu_us(int certificates);

 private:
  AuthorityScene() = default;
  [[nodiscard]] std::string serial_of(int filled) const;

  std::unique_ptr<platform::Opened> opened_;
  std::unique_ptr<ca::CertificateAuthority> authority_;
  std::vector<Bytes> requests_;
  int filled_ = 0, revoked_ = 0;
};

// Signature of the request verified, its key taken, certificate signed; with nothing around them.
double issue_crypto_cpu_us();
// The rows of one issuance, intent and result, when so many share a commit.
Result<double> issue_rows_cpu_us(const std::string& path, int members_per_commit);

// cfssl serve, the certificate authority to be compared with, with a P-256 key, memory only.
class IssuePeer {
 public:
  static Result<std::unique_ptr<IssuePeer>> make(const std::string& directory);
  // Its CPU of one certificate without what HTTP takes: ours has none.
  Result<double> issue_cpu_us(int certificates);

 private:
  IssuePeer() = default;
  std::unique_ptr<Child> child_;
  std::string body_;
};

}  // namespace tf::bench
