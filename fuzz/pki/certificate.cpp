// The certificate reader, the DSN ranges reader and PEM. What is accepted must come out byte for byte as it went in.
#include "pki/certificate.hpp"

#include <cstdlib>

#include "pki/dsn_ranges.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto ranges = pki::decode_dsn_ranges(input)) {
    const auto again = pki::encode_dsn_ranges(*ranges);
    if (!again || *again != to_bytes(input)) std::abort();
  }
  if (const auto certificate = pki::Certificate::from_der(input)) {
    if (certificate->der() != to_bytes(input)) std::abort();
    if (certificate->issuer_text().empty() && certificate->subject_text().size() > size * 8) std::abort();
    if (const auto key = certificate->public_key(); key && key->spki().empty()) std::abort();
    (void)certificate->dsn_ranges().has_value();
    const auto again = pki::Certificate::from_pem(certificate->to_pem());
    if (!again || *again != *certificate) std::abort();
  }
  (void)pki::certificates_from_pem(as_text(input)).has_value();
  return 0;
}
