// Components of zone keys that a test brings, and the key they make.
#pragma once
#include "crypto/banking/key_check_value.hpp"
#include "platform/zones.hpp"
#include "tests/support/deterministic.hpp"
#include "vault/symmetric.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::test {

inline SecretBytes component_bytes(int number, std::size_t size) {
  tf::test::DeterministicRandom random("component " + std::to_string(number));
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

inline std::string kcv_of(crypto::BlockCipher cipher, const SecretBytes& key, vault::SymmetricPurpose purpose = vault::SymmetricPurpose::zone) {
  return tf::test::must(vault::check_value({cipher, key.size(), purpose}, key.reveal()));
}

inline ComponentInput component(const std::string& zone, int number, crypto::BlockCipher cipher = crypto::BlockCipher::aes,
                                std::size_t size = 32, std::int64_t of = 2) {
  ComponentInput out{.zone = zone, .cipher = cipher, .of = of, .component = component_bytes(number, size), .kcv = {}};
  auto checked = vault::check_value({cipher, size, vault::SymmetricPurpose::component}, out.component.reveal());
  out.kcv = checked ? *checked : "000000";
  return out;
}

// The XOR of components 1 and 2.
inline SecretBytes zone_key(crypto::BlockCipher cipher, std::size_t size) {
  SecretBytes key = component_bytes(1, size);
  const SecretBytes second = component_bytes(2, size);
  for (std::size_t i = 0; i < size; ++i) key.reveal_mutable()[i] ^= second.reveal()[i];
  tf::test::must(vault::admit({cipher, size, vault::SymmetricPurpose::zone}, key));
  return key;
}

}  // namespace tf::platform::test
