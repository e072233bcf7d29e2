// Short hands for keys and octets in hexadecimal digits.
#pragma once
#include <algorithm>
#include <string_view>

#include "crypto/aka/key.hpp"
#include "wire/encoding.hpp"

namespace tf::crypto::octets {

template <std::size_t N>
ByteArray<N> fixed(std::string_view hex) {
  ByteArray<N> out{};
  const Bytes bytes = wire::from_hex(hex).value();
  if (bytes.size() == N) std::ranges::copy(bytes, out.begin());
  return out;
}
template <std::size_t N>
Secret<N> secret(std::string_view hex) {
  return Secret<N>(std::span<const std::uint8_t, N>(fixed<N>(hex)));
}
inline MilenageKey key_of(std::string_view k, std::string_view opc) { return {secret<16>(k), secret<16>(opc)}; }
inline MilenageKey test_key() { return key_of("465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"); }

// The same K and another's constant: that of the algorithm.
inline AkaKey test_key(AkaAlgorithm algorithm) {
  if (algorithm == AkaAlgorithm::milenage) return test_key();
  return {test_key().k, secret<32>("bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff")};
}

}  // namespace tf::crypto::octets
