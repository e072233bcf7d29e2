// Trustferry's own object identifiers, under 2.25.<UUID> (ITU-T X.667, an arc that needs no registration):
//   arc      2.25.41277914657324502336149234760135689739
//   arc.1    certificate extension, critical: DSN ranges (pki/dsn_ranges.hpp)
//   arc.2    extended key usage: key distribution host (a work certificate)
//   arc.3    extended key usage: device
//   arc.4    extended key usage: loader, issues device certificates (also the estate CA above it)
#pragma once
#include <openssl/types.h>

namespace tf::pki::oid {

inline constexpr const char* kDsnRanges = "2.25.41277914657324502336149234760135689739.1";
inline constexpr const char* kKeyDistributionHost = "2.25.41277914657324502336149234760135689739.2";
inline constexpr const char* kDevice = "2.25.41277914657324502336149234760135689739.3";
inline constexpr const char* kLoader = "2.25.41277914657324502336149234760135689739.4";

// The same as OpenSSL objects, made once and never freed.
const ASN1_OBJECT* dsn_ranges();
const ASN1_OBJECT* key_distribution_host();
const ASN1_OBJECT* device();
const ASN1_OBJECT* loader();

}  // namespace tf::pki::oid
