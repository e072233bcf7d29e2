// The reader of certificate requests; an accepted one proved possession of its key.
#include <cstdlib>

#include "pki/request/certificate_request.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto request = pki::CertificateRequest::from_der(input);
  if (!request) return 0;
  if (request->der() != to_bytes(input) || request->public_key().bits() < 256) std::abort();
  const auto again = pki::CertificateRequest::from_pem(request->to_pem());
  if (!again || again->common_name() != request->common_name()) std::abort();
  return 0;
}
