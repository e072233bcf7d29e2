// Certificates made on the spot for the tests of TLS: P-256, valid from yesterday until tomorrow.
#pragma once
#include <string>

#include "net/tls.hpp"

namespace tf::net::test {

struct Identity {
  Certificate certificate;
  PrivateKey key;
};

struct Wish {
  std::string name{};            // commonName
  std::string alternative_name{};  // "DNS:localhost,IP:127.0.0.1"; empty: none
  bool is_authority = false;
  bool expired = false;
};

Identity make_identity(const Wish& wish, const Identity* issuer = nullptr);  // self-signed without an issuer
Bytes der_of(const Certificate& certificate);
std::string pem_of(const Certificate& certificate);
std::string pem_of(const PrivateKey& key);

}  // namespace tf::net::test
