// The keys and certificates of the simulated gateways: a root with an authority under it, which issued the TLS certificate and
// the one by which the card network signs; the e-wallet's RSA key. Made at the first start, kept in a folder, simulation only:
//   root.crt              the anchor for TLS
//   signers.crt           what signPubKeyCert leads to: the root and the authority
//   ewallet.pub           verifies the e-wallet's responses and notifications
//   acp.crt               signs the phone's results too
//   *.key, ca.crt, tls.crt
#pragma once
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "net/server/server.hpp"
#include "pki/certificate.hpp"

namespace tf::simulate::ewallet {

inline constexpr const char* kSignerName = "simulated card network";

struct Keys {
  pki::Certificate root;
  pki::Certificate authority;
  pki::Certificate network_certificate;
  crypto::PrivateKey network;
  pki::Certificate tls_certificate;
  crypto::PrivateKey tls;
  crypto::PrivateKey ewallet;

  [[nodiscard]] Result<net::TlsServerConfig> tls_config() const;
};

// names: what the TLS certificate is for, host names or addresses. Writes nothing.
Result<Keys> make_keys(const std::vector<std::string>& names, std::int64_t now_ms, Random& random);
// Reads the folder; where root.crt is missing there, makes all and writes it. What is over is not made anew.
Result<Keys> load_or_make_keys(const std::string& folder, const std::vector<std::string>& names, std::int64_t now_ms, Random& random);

}  // namespace tf::simulate::ewallet
