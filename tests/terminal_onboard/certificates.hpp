// A root with authorities for modules, servers of onboard and TLS, an OCSP responder's answers, and the certificates of a test's people.
#pragma once
#include <set>
#include <string>

#include "pki/issue.hpp"
#include "pki/leaf/leaf.hpp"
#include "pki/ocsp/response.hpp"
#include "protocols/onboard/access_token.hpp"
#include "tests/support/deterministic.hpp"

namespace tf::terminal::test {

// An authority and who answers OCSP for it.
struct Authority {
  pki::Issuer issuer;
  pki::Issuer responder;
};

struct TlsIdentity {
  std::vector<pki::Certificate> chain;
  crypto::PrivateKey key;
};

class Certificates {
 public:
  explicit Certificates(std::string_view name = "Onboard root");

  // After packaging/profiles/NAME.toml, chain without the root.
  [[nodiscard]] std::vector<pki::Certificate> issue(const char* profile, const pki::Names& names, const crypto::PublicKey& key) const;
  [[nodiscard]] std::vector<pki::Certificate> module(const char* profile, const std::string& dsim_id, const crypto::PublicKey& key) const;
  [[nodiscard]] onboard::Signer signer(const char* profile, const std::string& common_name) const;
  [[nodiscard]] TlsIdentity tls() const;  // for localhost

  // DER in, DER out. Revoked ones by their serials.
  [[nodiscard]] Bytes ocsp(ByteView request, const std::set<std::string>& revoked) const;

  pki::Issuer root;
  Authority modules, servers, operations;
};

}  // namespace tf::terminal::test
