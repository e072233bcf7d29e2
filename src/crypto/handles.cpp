#include "crypto/handles.hpp"

#include <cstdio>
#include <cstdlib>

namespace tf::crypto {

Error openssl_error(const char* reason) {
  char text[256] = "no detail";
  const unsigned long code = ERR_peek_last_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return Error{Code::internal, reason, text};
}

void must(bool ok, const char* what) {
  if (ok) return;
  const Error error = openssl_error("crypto.broken");
  std::fprintf(stderr, "trustferry: cryptographic library failed in %s: %s\n", what, error.detail.c_str());
  std::abort();
}

}  // namespace tf::crypto
