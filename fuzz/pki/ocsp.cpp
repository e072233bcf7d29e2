// The readers of OCSP: a responder's of requests, by POST and by GET, and a client's of responses.
#include <cstdlib>

#include "pki/issue.hpp"
#include "pki/ocsp/verify.hpp"

using namespace tf;

namespace {

void check(const pki::ocsp::Request& request) {
  if (request.cert_ids.empty() || request.cert_ids.size() > pki::ocsp::kMaxSingle) std::abort();
  if (request.nonce && (request.nonce->empty() || request.nonce->size() > pki::ocsp::kMaxNonce)) std::abort();
  const auto der = pki::ocsp::encode_request(request.cert_ids, request.nonce);
  if (!der) std::abort();
  const auto again = pki::ocsp::decode_request(*der);
  if (!again || again->cert_ids != request.cert_ids || again->nonce != request.nonce) std::abort();
  const auto by_get = pki::ocsp::decode_path(pki::ocsp::encode_path(*der));
  if (!by_get || by_get->cert_ids != request.cert_ids) std::abort();
}

// An issuer of which no input knows the key: no response can be right, not even to say "revoked".
const pki::Certificate& issuer() {
  static const pki::Certificate certificate = [] {
    SystemRandom random;
    auto made = pki::make_root("Root", crypto::PrivateKey::generate_p256(), {1'793'491'200'000, 3650}, random);
    if (!made) std::abort();
    return std::move(*made);
  }();
  return certificate;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto request = pki::ocsp::decode_request(input)) check(*request);
  if (const auto request = pki::ocsp::decode_path(as_text(input))) check(*request);
  if (pki::ocsp::verify(input, {.issuer = issuer(), .serial_hex = "0A", .now_ms = 1'793'491'200'000})) std::abort();
  return 0;
}
