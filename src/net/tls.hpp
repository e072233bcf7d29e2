// Certificates and private keys as TLS takes them: shared OpenSSL objects. A private key may be opaque (its operations
// done by a provider or a token); nothing here looks inside.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct x509_st;
struct evp_pkey_st;

namespace tf::net {

using Certificate = std::shared_ptr<x509_st>;
using PrivateKey = std::shared_ptr<evp_pkey_st>;

// One more owner of an object that somebody else holds too.
Certificate share(x509_st* certificate);
PrivateKey share(evp_pkey_st* key);

// Code::malformed "net.certificate". From PEM at least one; other objects in it are passed over.
Result<Certificate> certificate_from_der(ByteView der);
Result<std::vector<Certificate>> certificates_from_pem(std::string_view pem);
// PKCS#8 or traditional; the passphrase is used if the key is encrypted. Code::malformed "net.private_key".
Result<PrivateKey> private_key_from_pem(ByteView pem, ByteView passphrase = {});

}  // namespace tf::net
