// RAII for OpenSSL objects; private to the rooms that talk to OpenSSL (crypto, pki, vault, net).
#pragma once
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/error.hpp"

namespace tf::crypto {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

using EvpPkey = Handle<EVP_PKEY, EVP_PKEY_free>;
using EvpPkeyCtx = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using EvpMdCtx = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using EvpMd = Handle<EVP_MD, EVP_MD_free>;
using EvpCipher = Handle<EVP_CIPHER, EVP_CIPHER_free>;
using EvpCipherCtx = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using EvpMac = Handle<EVP_MAC, EVP_MAC_free>;
using EvpMacCtx = Handle<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using EvpKdf = Handle<EVP_KDF, EVP_KDF_free>;
using EvpKdfCtx = Handle<EVP_KDF_CTX, EVP_KDF_CTX_free>;
using X509Handle = Handle<X509, X509_free>;
using X509ReqHandle = Handle<X509_REQ, X509_REQ_free>;
using X509CrlHandle = Handle<X509_CRL, X509_CRL_free>;
using BioHandle = Handle<BIO, BIO_free_all>;

// The newest OpenSSL error as an Error; the queue is emptied.
Error openssl_error(const char* reason);
// For operations that cannot fail but by a broken invariant (memory, a missing algorithm).
void must(bool ok, const char* what);

}  // namespace tf::crypto
