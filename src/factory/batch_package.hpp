// What passes between the platform and a loader before the factory opens: the loader's request with its public keys, and
// the package for one batch, signed by the platform's work certificate.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "crypto/jose/jose.hpp"
#include "pki/certificate.hpp"
#include "protocols/rki/suite.hpp"
#include "wire/dsn.hpp"

namespace tf::factory {

inline constexpr std::string_view kDik1Type = "rki-dik1";
inline constexpr std::string_view kPackageType = "rki-batch-package";

// The loader's three keys: DIK1 is wrapped to one, the second issues device certificates, the third signs its log.
struct LoaderRequest {
  std::string name;
  Bytes wrap_key;             // SPKI, P-256
  Bytes certificate_request;  // PKCS#10 for the issuing key
  Bytes log_key;              // SPKI, P-256
};
std::string encode(const LoaderRequest& request);
Result<LoaderRequest> decode_loader_request(std::string_view text);

struct BatchPackage {
  std::string batch;
  wire::DsnRange range;
  std::map<rki::Suite, std::string> dik1;  // JWE to the loader's wrap key, typ kDik1Type
  std::vector<Bytes> issuing_chain;        // the loader's issuing certificate, then the estate CA; DER
  Bytes root;
};
std::string payload_of(const BatchPackage& package);
Result<BatchPackage> parse_payload(std::string_view payload);

// Verifies the package's signature under a key-distribution-host certificate of the given root, valid at the time, whose
// range holds the batch's, and the issuing chain for this range. Code::refused otherwise.
Result<BatchPackage> verify_package(std::string_view jws, const pki::Certificate& root, std::int64_t now_ms);

}  // namespace tf::factory
