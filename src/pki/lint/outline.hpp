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
// What a certificate has of its own beside others of its authority and profile, but for the key: all of them are P-256 then.
struct LeafValues {
  struct Time {
    std::int64_t ms;
    int year;
    bool utc_time;  // as it is encoded; else GeneralizedTime
  };
  struct Attribute {
    int nid;
    int type;  // V_ASN1_…
    std::string_view text;
  };
  ByteView serial;  // a positive number's octets
  Time not_before, not_after;
  std::vector<Attribute> subject;
};
// The rules about these values alone: the rest is as in one that was linted whole.
std::vector<Finding> lint_values(const LeafValues& values, const Certificate& issuer, const Profile& profile, std::int64_t now_ms);

// As lint_unsigned(); context.key is the certificate's.
std::vector<Finding> lint_outline(const Outline& outline, const LintContext& context);

}  // namespace tf::pki
