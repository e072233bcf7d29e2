#include "card/keys/algorithm.hpp"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "crypto/handles.hpp"

namespace tf::card {
namespace {

using crypto::EvpPkeyCtx;
using crypto::must;

const char* group_of(Algorithm algorithm) { return algorithm == Algorithm::p384 ? "secp384r1" : "prime256v1"; }

EvpPkeyCtx context_for(const crypto::PrivateKey& key) { return EvpPkeyCtx(EVP_PKEY_CTX_new_from_pkey(nullptr, key.native(), nullptr)); }

}  // namespace

crypto::PrivateKey generate_key(Algorithm algorithm) {
  EVP_PKEY* key = is_rsa(algorithm) ? EVP_RSA_gen(static_cast<unsigned>(size_of(algorithm) * 8)) : EVP_EC_gen(group_of(algorithm));
  must(key != nullptr, "key generation");
  return crypto::PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

Result<crypto::PrivateKey> key_of_pkcs8(ByteView der) {
  const std::uint8_t* at = der.data();
  std::shared_ptr<EVP_PKEY> key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())), EVP_PKEY_free);
  ERR_clear_error();
  if (!key || at != der.data() + der.size()) return Error{Code::integrity, "card.key", "a kept key does not parse"};
  return crypto::PrivateKey(std::move(key));
}

Result<Algorithm> algorithm_of(const crypto::PrivateKey& key) {
  const int bits = EVP_PKEY_get_bits(key.native());
  if (EVP_PKEY_is_a(key.native(), "RSA") == 1) {
    if (bits == 2048) return Algorithm::rsa2048;
    if (bits == 3072) return Algorithm::rsa3072;
  } else if (EVP_PKEY_is_a(key.native(), "EC") == 1) {
    char group[32] = {};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key.native(), group, sizeof group, &size) == 1) {
      if (std::string_view(group) == group_of(Algorithm::p256)) return Algorithm::p256;
      if (std::string_view(group) == group_of(Algorithm::p384)) return Algorithm::p384;
    }
  }
  return Error{Code::invalid, "card.key", "not RSA-2048, RSA-3072, P-256 or P-384"};
}

PublicNumbers public_numbers(Algorithm algorithm, const crypto::PrivateKey& key) {
  PublicNumbers out{.algorithm = algorithm};
  if (is_rsa(algorithm)) {
    crypto::RsaNumbers numbers = key.public_key().rsa_numbers();
    out.modulus = std::move(numbers.modulus);
    out.exponent = std::move(numbers.exponent);
    return out;
  }
  std::uint8_t* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key.native(), &encoded);
  must(size == 1 + 2 * size_of(algorithm) && encoded[0] == 4, "EC point");
  out.point = to_bytes(ByteView(encoded, size));
  OPENSSL_free(encoded);
  return out;
}

Result<SecretBytes> rsa_raw(const crypto::PrivateKey& key, ByteView block) {
  const EvpPkeyCtx context = context_for(key);
  SecretBytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (block.size() != size) return Error{Code::invalid, "card.block", "not as long as the modulus"};
  must(context && EVP_PKEY_decrypt_init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1, "RSA");
  if (EVP_PKEY_decrypt(context.get(), out.reveal_mutable().data(), &size, block.data(), block.size()) != 1 || size != out.size()) {
    ERR_clear_error();
    return Error{Code::invalid, "card.block", "not below the modulus"};
  }
  return out;
}

Result<Bytes> ecdsa_sign(const crypto::PrivateKey& key, ByteView hash) {
  if (hash.empty() || hash.size() > 64) return Error{Code::invalid, "card.block", "not a hash"};
  const EvpPkeyCtx context = context_for(key);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key.native())));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_sign(context.get(), out.data(), &size, hash.data(), hash.size()) != 1)
    return crypto::openssl_error("card.ecdsa");
  out.resize(size);
  return out;
}

Result<SecretBytes> ecdh(Algorithm algorithm, const crypto::PrivateKey& key, ByteView peer_point) {
  const Error bad{Code::invalid, "card.point", "not an uncompressed point of the curve"};
  if (peer_point.size() != 1 + 2 * size_of(algorithm) || peer_point[0] != 4) return bad;
  const crypto::EvpPkey peer(EVP_PKEY_new());
  must(peer && EVP_PKEY_copy_parameters(peer.get(), key.native()) == 1, "EC parameters");
  if (EVP_PKEY_set1_encoded_public_key(peer.get(), peer_point.data(), peer_point.size()) != 1) {
    ERR_clear_error();
    return bad;
  }
  const EvpPkeyCtx context = context_for(key);
  SecretBytes out(size_of(algorithm));
  std::size_t size = out.size();
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 || EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
      EVP_PKEY_derive(context.get(), out.reveal_mutable().data(), &size) != 1 || size != out.size()) {
    ERR_clear_error();
    return bad;
  }
  return out;
}

}  // namespace tf::card
