// What lint looks at, of a certificate that is there or of one about to be made; private to pki.
#pragma once
#include "crypto/handles.hpp"
#include "pki/lint/lint.hpp"

namespace tf::pki {

// What a certificate says but for its signature; the values stay their owner's.
struct Outline {
  long version = 0;  // as encoded: 2 is version 3
  bool unique_identifiers = false;
  const ASN1_INTEGER* serial = nullptr;
  const X509_NAME* issuer = nullptr;
  const X509_NAME* subject = nullptr;
  const ASN1_TIME* not_before = nullptr;
  const ASN1_TIME* not_after = nullptr;
  const X509_ALGOR* key_algorithm = nullptr;
  const STACK_OF(X509_EXTENSION) * extensions = nullptr;
};
// As lint_unsigned(); context.key is the certificate's.
std::vector<Finding> lint_outline(const Outline& outline, const LintContext& context);

}  // namespace tf::pki
