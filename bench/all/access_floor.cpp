#include "bench/all/conversation_floor.hpp"
#include "bench/all/measure.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"

namespace tf::bench {
namespace {

const std::string kAad(60, 'a');
const std::string kContent(420, 'c');  // of a JWE
const std::string kFields(180, 'f');   // that are MACed
constexpr std::size_t kEnd = 12;       // the end of a challenge, as it is sealed

struct Keys {
  SystemRandom random;
  Secret<32> key{random.array<32>()};
  crypto::PrivateKey platform = crypto::PrivateKey::generate_p256();
  crypto::PrivateKey terminal = crypto::PrivateKey::generate_p256();
  crypto::EcPoint ephemeral = terminal.public_key().point();
  Bytes challenge = crypto::seal_blob(key, random, as_bytes(kAad), as_bytes(kAad).first(kEnd));
  Bytes row = crypto::seal_blob(key, random, as_bytes(kAad), key.reveal());
  Bytes content = crypto::seal_blob(key, random, as_bytes(kAad), as_bytes(kContent));
};

Secret<32> derived(const Keys& keys) {
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(kAad).first(32), keys.key.reveal()), "access authenticate request", {});
}

// Sealed in the first request, opened and named in the second.
void challenge(Keys& keys) {
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), as_bytes(kAad).first(kEnd));
  crypto::open_blob(keys.key, as_bytes(kAad), keys.challenge).value();
  crypto::sha256(keys.challenge);
}

void initialise(Keys& keys) {
  challenge(keys);
  crypto::ecdh_p256(keys.platform, crypto::PublicKey::from_point(keys.ephemeral).value()).value();
  crypto::sha256(as_bytes(kAad));                                     // the agreed key
  crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();      // for the content key in its wrapping
  crypto::open_blob(keys.key, as_bytes(kAad), keys.content).value();
  keys.random.array<16>();                                            // the key id
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), keys.key.reveal());
  crypto::hmac_sha256(derived(keys).reveal(), as_bytes(kFields));
}

void authenticate(Keys& keys) {
  challenge(keys);
  crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();
  for (int label = 0; label < 4; ++label) derived(keys);
  crypto::open_blob(keys.key, as_bytes(kAad), keys.content).value();
  crypto::hmac_sha256(keys.key.reveal(), as_bytes(kFields));
  keys.random.array<16>();  // the ticket's id
  crypto::sign_es256(keys.platform, as_bytes(kContent)).value();
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), as_bytes(kContent));
  crypto::sha256(as_bytes(kContent));
  crypto::hmac_sha256(keys.key.reveal(), as_bytes(kFields));
}

}  // namespace

double initialise_crypto_cpu_us() {
  Keys keys;
  return cpu_us_per_call(2000, [&] { initialise(keys); });
}

double authenticate_crypto_cpu_us() {
  Keys keys;
  return cpu_us_per_call(2000, [&] { authenticate(keys); });
}

}  // namespace tf::bench
