// Bodies of EST (RFC 7030 §3.2.4, §4; RFC 8951): base64 of DER in HTTP. Both ends.
#pragma once
#include <vector>

#include "pki/certificate.hpp"
#include "wire/http.hpp"

namespace tf::ca::est {

inline constexpr const char* kPkcs10 = "application/pkcs10";
inline constexpr const char* kCertsOnly = "application/pkcs7-mime; smime-type=certs-only";

// Lines of 64 characters.
std::string base64_lines(ByteView der);
// Base64, whitespace anywhere; or DER as it is, which begins with a SEQUENCE or comes as "binary". Code::malformed "est.body".
Result<Bytes> body_der(std::string_view body, bool binary);
bool says_binary(const std::vector<std::pair<std::string, std::string>>& headers);

wire::HttpResponse der_response(std::string content_type, ByteView der);
// The key first, then its certificate (§4.4.2).
wire::HttpResponse key_response(const SecretBytes& pkcs8, ByteView certs_only, std::string_view boundary);
wire::HttpResponse text_response(int status, std::string_view line);
// The refusals of EstService, by the Error's code.
wire::HttpResponse refusal(const Error& error, int retry_after_s);

}  // namespace tf::ca::est
