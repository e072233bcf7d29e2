// A certificate request for a key that is elsewhere, in a secure module say: what is to be signed goes out, the signature comes back.
#pragma once
#include <functional>
#include <string_view>

#include "pki/request/certificate_request.hpp"

namespace tf::pki {

// Gets the CertificationRequestInfo (RFC 2986 §4.1). P-256: r ‖ s of ECDSA with SHA-256; RSA: RSASSA-PKCS1-v1_5 with SHA-256.
using RequestSigner = std::function<Result<Bytes>(ByteView to_be_signed)>;

// Code::invalid "pki.name"; Code::refused "pki.no_possession" when the signature is not this key's; the signer's own errors.
Result<CertificateRequest> make_request(std::string_view common_name, const crypto::PublicKey& key, const RequestSigner& sign);

}  // namespace tf::pki
