#include "crypto/keys.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

bool acceptable(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192;
  if (EVP_PKEY_is_a(key, "EC") != 1) return false;
  char group[32] = {};
  std::size_t size = 0;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 && std::string_view(group) == "prime256v1";
}

KeyKind kind_of(EVP_PKEY* key) { return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? KeyKind::p256 : KeyKind::rsa; }

// The point stays beside the key that was made of it: OpenSSL would compute it anew, which takes as long as making the key.
int point_index() {
  static const int index = CRYPTO_get_ex_new_index(
      CRYPTO_EX_INDEX_EVP_PKEY, 0, nullptr, nullptr,
      [](CRYPTO_EX_DATA*, const CRYPTO_EX_DATA*, void** point, int, long, void*) {  // a copied key has a point of its own
        if (*point != nullptr) *point = OPENSSL_memdup(*point, sizeof(EcPoint));
        return 1;
      },
      [](void*, void* point, CRYPTO_EX_DATA*, int, long, void*) { OPENSSL_free(point); });
  return index;
}

void keep_point(EVP_PKEY* key, ByteView sec1) {
  void* const copy = OPENSSL_memdup(sec1.data(), sec1.size());
  must(copy != nullptr && EVP_PKEY_set_ex_data(key, point_index(), copy) == 1, "EC point");
}

}  // namespace

// A point of P-256 is uncompressed: it has this form and no other.
Result<PublicKey> PublicKey::from_spki(ByteView der) {
  const Error bad{Code::malformed, "crypto.public_key", "not a P-256 key nor an RSA key of 2048 bits or more"};
  if (der.size() == std::size(kP256Spki) + sizeof(EcPoint) && std::ranges::equal(der.first(std::size(kP256Spki)), kP256Spki)) {
    auto key = from_point(der.subspan(std::size(kP256Spki)));
    return key ? std::move(key) : bad;
  }
  const std::uint8_t* at = der.data();
  auto key = shared(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!key || at != der.data() + der.size() || !acceptable(key.get()) || kind_of(key.get()) != KeyKind::rsa) return bad;
  return PublicKey(std::move(key));
}

Result<PublicKey> PublicKey::from_point(ByteView sec1) {
  static const PrivateKey group = PrivateKey::generate_p256();  // lends its parameters
  const Error bad{Code::malformed, "crypto.point", "not an uncompressed point of P-256"};
  if (sec1.size() != 65 || sec1[0] != 4) return bad;
  auto key = shared(EVP_PKEY_new());
  must(key && EVP_PKEY_copy_parameters(key.get(), group.native()) == 1, "EC parameters");
  if (EVP_PKEY_set1_encoded_public_key(key.get(), sec1.data(), sec1.size()) != 1) {
    ERR_clear_error();
    return bad;
  }
  keep_point(key.get(), sec1);
  return PublicKey(std::move(key));
}

Result<PublicKey> PublicKey::from_rsa_numbers(const RsaNumbers& numbers) {
  const Error bad{Code::malformed, "crypto.public_key", "not an RSA key of 2048 bits or more"};
  // OSSL_PARAM holds numbers in the machine's own byte order.
  Bytes modulus(numbers.modulus.rbegin(), numbers.modulus.rend());
  Bytes exponent(numbers.exponent.rbegin(), numbers.exponent.rend());
  OSSL_PARAM params[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus.data(), modulus.size()),
                         OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent.data(), exponent.size()), OSSL_PARAM_construct_end()};
  thread_local const EvpPkeyCtx context = [] {
    EvpPkeyCtx out(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    must(out && EVP_PKEY_fromdata_init(out.get()) == 1, "RSA numbers");
    return out;
  }();
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    ERR_clear_error();
    return bad;
  }
  auto key = shared(made);
  if (!acceptable(key.get())) return bad;
  return PublicKey(std::move(key));
}

KeyKind PublicKey::kind() const { return kind_of(key_.get()); }
int PublicKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

// OpenSSL's encoder takes 85 us.
Bytes PublicKey::spki() const {
  if (const auto* kept = static_cast<const std::uint8_t*>(EVP_PKEY_get_ex_data(key_.get(), point_index())); kept != nullptr) {
    Bytes out(std::begin(kP256Spki), std::end(kP256Spki));
    out.insert(out.end(), kept, kept + sizeof(EcPoint));
    return out;
  }
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  must(size > 0, "i2d_PUBKEY");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

EcPoint PublicKey::point() const {
  EcPoint out;
  if (const auto* kept = static_cast<const std::uint8_t*>(EVP_PKEY_get_ex_data(key_.get(), point_index())); kept != nullptr) {
    std::copy(kept, kept + out.size(), out.begin());
    return out;
  }
  std::uint8_t* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key_.get(), &encoded);
  must(size == 65 && encoded[0] == 4, "EC point");
  std::copy(encoded, encoded + size, out.begin());
  OPENSSL_free(encoded);
  return out;
}

RsaNumbers PublicKey::rsa_numbers() const {
  const auto number = [this](const char* name) {
    BIGNUM* raw = nullptr;
    must(EVP_PKEY_get_bn_param(key_.get(), name, &raw) == 1, "RSA number");
    const Handle<BIGNUM, BN_free> value(raw);
    Bytes out(static_cast<std::size_t>(BN_num_bytes(raw)));
    BN_bn2bin(raw, out.data());
    return out;
  };
  return {number(OSSL_PKEY_PARAM_RSA_N), number(OSSL_PKEY_PARAM_RSA_E)};
}

PrivateKey PrivateKey::generate_p256() {
  thread_local const EvpPkeyCtx context = [] {
    EvpPkeyCtx made(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    must(made && EVP_PKEY_keygen_init(made.get()) == 1 &&
             EVP_PKEY_CTX_set_ec_paramgen_curve_nid(made.get(), NID_X9_62_prime256v1) == 1,
         "P-256 generation");
    return made;
  }();
  EVP_PKEY* key = nullptr;
  must(EVP_PKEY_generate(context.get(), &key) == 1, "P-256 generation");
  return PrivateKey(shared(key));
}

PrivateKey PrivateKey::generate_rsa(int bits) {
  EVP_PKEY* key = EVP_RSA_gen(static_cast<unsigned>(bits));
  must(key != nullptr, "RSA generation");
  return PrivateKey(shared(key));
}

Result<PrivateKey> PrivateKey::from_pkcs8(const SecretBytes& der) {
  const std::uint8_t* at = der.reveal().data();
  auto key = shared(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!key || !acceptable(key.get())) return Error{Code::malformed, "crypto.private_key", "not a private key of a kind in use"};
  return PrivateKey(std::move(key));
}

SecretBytes PrivateKey::to_pkcs8() const {
  const Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(key_.get()));
  const int size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
  must(size > 0, "PKCS#8");
  SecretBytes out(static_cast<std::size_t>(size));
  std::uint8_t* at = out.reveal_mutable().data();
  must(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &at) == size, "PKCS#8");
  return out;
}

KeyKind PrivateKey::kind() const { return kind_of(key_.get()); }
PublicKey PrivateKey::public_key() const { return PublicKey(key_); }

Result<Secret<32>> ecdh_p256(const PrivateKey& own, const PublicKey& peer) {
  const EvpPkeyCtx context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.native(), nullptr));
  Secret<32> out;
  std::size_t size = out.size();
  // The last argument: no second validation of the peer, whose point was proved to lie on the curve (cofactor 1).
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer.native(), 0) != 1 ||
      EVP_PKEY_derive(context.get(), out.reveal_mutable().data(), &size) != 1 || size != out.size())
    return openssl_error("crypto.ecdh");
  return out;
}

Result<Secret<32>> scrypt(const SecretBytes& passphrase, ByteView salt, ScryptCost cost) {
  Secret<32> out;
  const std::uint64_t memory = 128 * cost.n * cost.r + 128 * cost.r * cost.p + (1 << 20);
  if (EVP_PBE_scrypt(reinterpret_cast<const char*>(passphrase.reveal().data()), passphrase.size(), salt.data(), salt.size(),
                     cost.n, cost.r, cost.p, memory, out.reveal_mutable().data(), out.size()) != 1)
    return openssl_error("crypto.scrypt");
  return out;
}

}  // namespace tf::crypto
