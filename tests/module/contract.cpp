#include "tests/module/contract.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/aead.hpp"
#include "crypto/oaep_mgf1p.hpp"

namespace tf::module::test {

std::string Directory::all() const {
  std::string out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    out.append(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

Bytes bytes_of(std::string_view hex) { return must(wire::from_hex(hex), "hex"); }

crypto::AkaKey key_with(std::string_view k, std::string_view opc) { return must(crypto::AkaKey::of(bytes_of(k), bytes_of(opc))); }

Credential credential(std::string imsi, std::string_view k, std::string_view note, std::string_view opc) {
  return {.imsi = std::move(imsi), .key = key_with(k, opc), .iccid = "8949001234567890123", .note = to_bytes(as_bytes(note))};
}

Sealed sealed_to(const crypto::PublicKey& key, Oaep oaep, std::string_view plaintext) {
  SystemRandom random;
  const Secret<32> content_key{random.array<32>()};
  const auto sealed = crypto::aes256_gcm_seal(content_key, random.array<12>(), {}, as_bytes(plaintext));
  Bytes wrapped = must(oaep == Oaep::sha1 ? crypto::oaep_mgf1p_encrypt(key, content_key.reveal()) : crypto::oaep_encrypt(key, content_key.reveal()));
  return {oaep, std::move(wrapped), to_bytes(sealed.nonce), sealed.ciphertext, to_bytes(sealed.tag)};
}

}  // namespace tf::module::test
