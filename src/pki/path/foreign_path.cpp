#include "pki/path/foreign_path.hpp"

#include <openssl/bn.h>

#include "crypto/handles.hpp"

namespace tf::pki {
namespace {

constexpr int kStrength = 2;  // OpenSSL's level of 112 bits: no SHA-1, no RSA below 2048
using StoreHandle = crypto::Handle<X509_STORE, X509_STORE_free>;
using StoreCtxHandle = crypto::Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using StackHandle = crypto::Handle<STACK_OF(X509), free_stack>;
using Number = crypto::Handle<BIGNUM, BN_free>;
void free_text(char* text) { OPENSSL_free(text); }

const char* reason_of(int code) {
  if (code == X509_V_ERR_CERT_HAS_EXPIRED) return "pki.expired";
  return code == X509_V_ERR_CERT_NOT_YET_VALID ? "pki.not_yet_valid" : "pki.untrusted";
}

}  // namespace

Status validate_foreign_path(const ForeignPath& path) {
  const StoreHandle store(X509_STORE_new());
  const StoreCtxHandle context(X509_STORE_CTX_new());
  const StackHandle untrusted(sk_X509_new_null());
  bool ok = store && context && untrusted;
  for (const Certificate& anchor : path.anchors) ok = ok && X509_STORE_add_cert(store.get(), anchor.native()) == 1;
  for (const Certificate& one : path.intermediates) ok = ok && sk_X509_push(untrusted.get(), one.native()) > 0;
  if (!ok || X509_STORE_CTX_init(context.get(), store.get(), path.leaf.native(), untrusted.get()) != 1)
    return crypto::openssl_error("pki.store");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(path.at_ms / 1000));
  X509_VERIFY_PARAM_set_auth_level(param, kStrength);
  const int verified = X509_verify_cert(context.get());
  const int code = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (verified != 1 || code != X509_V_OK) return Error{Code::refused, reason_of(code), X509_verify_cert_error_string(code)};
  const std::uint32_t usage = X509_get_key_usage(path.leaf.native());  // all bits when there is no such extension
  if (path.must_sign && (usage & KU_DIGITAL_SIGNATURE) == 0) return Error{Code::refused, "pki.wrong_usage", "the leaf does not sign"};
  return {};
}

std::string decimal_serial(const Certificate& certificate) {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate.native()), nullptr));
  crypto::must(number != nullptr, "serial number");
  const crypto::Handle<char, free_text> text(BN_bn2dec(number.get()));
  crypto::must(text != nullptr, "serial number");
  return text.get();
}

}  // namespace tf::pki
