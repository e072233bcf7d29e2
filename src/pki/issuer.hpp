// Who signs certificates and CRLs: a CA certificate and its private key, which may be an opaque handle.
#pragma once
#include "crypto/keys.hpp"
#include "pki/certificate.hpp"

namespace tf::pki {

struct Issuer {
  Certificate certificate;
  crypto::PrivateKey key;
};

// Code::invalid "pki.issuer_key" when key and certificate do not belong together.
Status check_pair(const Issuer& issuer);

}  // namespace tf::pki
