// The readers of revocation lists, whole and in shards. What is one is not the other.
#include <cstdlib>

#include "pki/crl/shard.hpp"

using namespace tf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto shard = pki::CrlShard::from_der(input);
  const auto crl = pki::Crl::from_der(input);
  if (shard && (crl || shard->url().empty() || shard->der() != to_bytes(input))) std::abort();
  if (!crl) return 0;
  if (crl->der() != to_bytes(input)) std::abort();
  for (const pki::Revoked& one : crl->revoked()) {
    if (one.serial_hex.empty() || one.serial_hex.size() > 40) std::abort();
  }
  const auto again = pki::Crl::from_pem(crl->to_pem());
  if (!again || again->number() != crl->number()) std::abort();
  return 0;
}
