// Certificates with one thing wrong, and the rules that lint says they break.
#pragma once
#include "pki/asn1.hpp"
#include "pki/lint/lint.hpp"
#include "tests/pki/ocsp_estate.hpp"

namespace tf::pki::test {

using Alter = std::function<void(X509*)>;
using Rules = std::set<std::string>;

// "error rfc5280.serial_sign", …
inline Rules rules(const std::vector<Finding>& findings) {
  Rules out;
  for (const Finding& one : findings) out.insert(std::string(name_of(one.severity)) + " " + one.rule);
  return out;
}

// Altered and signed again, however wrong it is now.
inline Bytes altered(const Alter& alter, const Certificate& original, const crypto::PrivateKey& by, const EVP_MD* md = EVP_sha256()) {
  const crypto::X509Handle copy(X509_dup(original.native()));
  alter(copy.get());
  EXPECT_GT(X509_sign(copy.get(), by.native(), md), 0);
  return der_of<i2d_X509>(copy.get());
}

inline Rules broken(const Alter& alter, const Issuer& original = p256_estate().server, const Issuer& by = p256_estate().operations_ca,
                    const Profile* profile = nullptr) {
  return rules(lint(altered(alter, original.certificate, by.key), {.issuer = by.certificate, .profile = profile, .now_ms = kNow}));
}

// An extension with another value, as openssl's configuration writes it, or none.
inline void set(X509* in, int nid, const char* value) {
  if (const int at = X509_get_ext_by_NID(in, nid, -1); at >= 0) X509_EXTENSION_free(X509_delete_ext(in, at));
  if (value == nullptr) return;
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  const crypto::Handle<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, &ctx, nid, value));
  ASSERT_TRUE(extension) << value;
  ASSERT_EQ(X509_add_ext(in, extension.get(), -1), 1);
}
inline Alter to(int nid, const char* value) {
  return [=](X509* it) { set(it, nid, value); };
}

}  // namespace tf::pki::test
