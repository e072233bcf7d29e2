#include "pki/path/path.hpp"

#include <algorithm>

#include "pki/asn1.hpp"
#include "pki/facts.hpp"
#include "pki/path/rules.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxIntermediates = 4;
constexpr int kDepth = 2;  // certificates between leaf and anchor: four in all

using StoreHandle = crypto::Handle<X509_STORE, X509_STORE_free>;
using StoreCtxHandle = crypto::Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
void free_stack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using StackHandle = crypto::Handle<STACK_OF(X509), free_stack>;

Error refused_path(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

// OpenSSL does not know our critical extension: forgiven when every critical extension is understood.
int judge(int ok, X509_STORE_CTX* context) {
  if (ok == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION) return ok;
  const X509* certificate = X509_STORE_CTX_get_current_cert(context);
  for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
    X509_EXTENSION* extension = X509_get_ext(certificate, i);
    if (X509_EXTENSION_get_critical(extension) == 1 && !understood(extension)) return 0;
  }
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

Error error_of(int code) {
  const char* text = X509_verify_cert_error_string(code);
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return refused_path("pki.expired", text);
    case X509_V_ERR_CERT_NOT_YET_VALID: return refused_path("pki.not_yet_valid", text);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED: return refused_path("pki.untrusted", text);
    default: return refused_path("pki.bad_certificate", text);
  }
}

StackHandle stack_of(const std::vector<Certificate>& certificates) {
  StackHandle stack(sk_X509_new_null());
  crypto::must(stack != nullptr, "certificate stack");
  for (const Certificate& certificate : certificates)
    crypto::must(sk_X509_push(stack.get(), certificate.native()) > 0, "certificate stack");
  return stack;
}

// OpenSSL's chain is made of the very objects we gave it.
Result<Certificate> known(const PathQuery& query, const X509* native) {
  if (query.leaf.native() == native) return query.leaf;
  for (const auto* group : {&query.intermediates, &query.anchors}) {
    for (const Certificate& certificate : *group) {
      if (certificate.native() == native) return certificate;
    }
  }
  return Error{Code::internal, "pki.chain", "a certificate in the chain that nobody gave"};
}

Result<std::vector<Certificate>> rfc5280_path(const PathQuery& query) {
  const StoreHandle store(X509_STORE_new());
  const StoreCtxHandle context(X509_STORE_CTX_new());
  const StackHandle untrusted = stack_of(query.intermediates);
  bool ok = store && context;
  for (const Certificate& anchor : query.anchors) ok = ok && X509_STORE_add_cert(store.get(), anchor.native()) == 1;
  if (!ok || X509_STORE_CTX_init(context.get(), store.get(), query.leaf.native(), untrusted.get()) != 1)
    return crypto::openssl_error("pki.store");
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(query.at_ms / 1000));
  X509_VERIFY_PARAM_set_depth(param, kDepth);
  X509_VERIFY_PARAM_set_auth_level(param, 2);  // 112 bits
  if (X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT) != 1) return crypto::openssl_error("pki.store");
  X509_STORE_CTX_set_verify_cb(context.get(), judge);
  const int verified = X509_verify_cert(context.get());
  const int code = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (verified != 1 || code != X509_V_OK) return error_of(code);
  std::vector<Certificate> chain;
  const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) chain.push_back(TF_TRY(known(query, sk_X509_value(found, i))));
  return chain;
}

Status check_rules(const std::vector<Certificate>& chain, const PathQuery& query) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    TF_CHECK(check_form(chain[i].facts()));
    TF_CHECK(check_validity(chain[i].facts(), query.at_ms));
  }
  TF_CHECK(check_leaf(chain.front().facts(), query.usage));
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    TF_CHECK(check_link(chain[i].facts(), chain[i + 1].facts(), i + 2 == chain.size()));
  return query.dsn ? check_dsn(chain.front().facts(), *query.dsn) : Status{};
}

Status check_revocation(const std::vector<Certificate>& chain, const PathQuery& query) {
  if (!query.crl) {
    return query.require_crl ? Status(refused_path("pki.crl_missing", "no revocation list where one is required"))
                             : Status{};
  }
  TF_CHECK(query.crl->verify(chain.back(), query.at_ms));
  const Certificate& below_root = chain[chain.size() - 2];
  if (query.crl->is_revoked(below_root)) return refused_path("pki.revoked", below_root.serial_hex() + " is revoked");
  return {};
}

}  // namespace

Result<std::vector<Certificate>> find_path(const PathQuery& query) {
  if (query.intermediates.size() > kMaxIntermediates) return refused_path("pki.untrusted", "too many certificates");
  auto chain = TF_TRY(rfc5280_path(query));
  if (chain.size() < 2) return refused_path("pki.wrong_usage", "a trust anchor is no certificate to present");
  TF_CHECK(check_rules(chain, query));
  TF_CHECK(check_revocation(chain, query));
  return chain;
}

Status validate_path(const PathQuery& query) {
  TF_CHECK(find_path(query));
  return {};
}

}  // namespace tf::pki
