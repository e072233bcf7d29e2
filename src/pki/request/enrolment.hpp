// What enrolment carries besides certificates and requests (RFC 7030): certificates alone in PKCS #7, what a request should
// contain, and what it should not.
#pragma once
#include <optional>
#include <vector>

#include "pki/certificate.hpp"
#include "pki/request/certificate_request.hpp"

namespace tf::pki {

// SignedData without content and signatures (RFC 5652 §5, "certs-only" of RFC 8551 §3.2.1), DER.
Bytes certs_only(const std::vector<Certificate>& certificates);
// DER; at least one certificate, at most 16. Code::malformed "pki.certs_only".
Result<std::vector<Certificate>> certificates_of(ByteView certs_only);

// CsrAttrs (RFC 7030 §4.5.2): the kinds of key, the smallest size of RSA's, the hash to sign with.
Bytes csr_attributes(bool p256, std::optional<int> rsa_bits_min);

// It bears the attribute that asks for other names than those of the certificate it renews (ChangeSubjectName of RFC 6402).
bool asks_to_change_names(const CertificateRequest& request);

}  // namespace tf::pki
