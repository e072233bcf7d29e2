#include "tests/net/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>

#include "crypto/handles.hpp"

namespace tf::net::test {
namespace {

constexpr long kDay = 24 * 60 * 60;

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  crypto::must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Identity make_identity(const Wish& wish, const Identity* issuer) {
  static std::atomic<long> serial{1};
  Identity out;
  out.key = PrivateKey(EVP_EC_gen("P-256"), EVP_PKEY_free);
  out.certificate = Certificate(X509_new(), X509_free);
  X509* certificate = out.certificate.get();
  crypto::must(out.key && certificate != nullptr, "generation");
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.expired ? -2 * kDay : -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.expired ? -kDay : kDay);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1,
                             -1, 0);
  X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509_set_pubkey(certificate, out.key.get());
  add_extension(certificate, signer, NID_basic_constraints,
                wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(certificate, signer, NID_key_usage,
                wish.is_authority ? "critical,keyCertSign" : "critical,digitalSignature");
  if (!wish.alternative_name.empty()) add_extension(certificate, signer, NID_subject_alt_name, wish.alternative_name);
  EVP_PKEY* key = issuer != nullptr ? issuer->key.get() : out.key.get();
  crypto::must(X509_sign(certificate, key, EVP_sha256()) > 0, "X509_sign");
  return out;
}

Bytes der_of(const Certificate& certificate) {
  Bytes out(static_cast<std::size_t>(i2d_X509(certificate.get(), nullptr)));
  unsigned char* at = out.data();
  i2d_X509(certificate.get(), &at);
  return out;
}

std::string pem_of(const Certificate& certificate) {
  const crypto::BioHandle bio(BIO_new(BIO_s_mem()));
  crypto::must(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM");
  return text_of(bio.get());
}

std::string pem_of(const PrivateKey& key) {
  const crypto::BioHandle bio(BIO_new(BIO_s_mem()));
  crypto::must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
  return text_of(bio.get());
}

}  // namespace tf::net::test
