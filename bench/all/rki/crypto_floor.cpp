#include <cstdlib>

#include <openssl/x509.h>

#include "bench/all/measure.hpp"
#include "bench/all/rki/floor.hpp"
#include "crypto/aead.hpp"
#include "crypto/banking/key_block.hpp"
#include "crypto/banking/key_check_value.hpp"
#include "crypto/block_cipher.hpp"
#include "crypto/digest.hpp"
#include "crypto/jose/jose.hpp"
#include "pki/issue.hpp"
#include "protocols/rki/key_set.hpp"
#include "protocols/rki/keys.hpp"

namespace tf::bench {
namespace {

using crypto::PrivateKey;
using crypto::PublicKey;

const std::string kSmall(300, 'm');   // a message of the size that is signed or MACed
const std::string kBody(2500, 'b');   // a hello's body, the largest
const std::string kEntry(820, 'e');   // what enters the transcript for a message: 8 KB in ten

SecretBytes random_secret(std::size_t size) {
  SystemRandom random;
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  return out;
}

void transcript(int messages) {
  for (int i = 0; i < messages; ++i) crypto::sha256({as_bytes(kSmall).first(32), as_bytes(kEntry)});
}

// Making, checking, wrapping (rows), opening and exporting four keys as blocks.
void four_keys(rki::Suite suite, const Secret<32>& kek) {
  SystemRandom random;
  const rki::KeyShape shape = rki::shape_of(suite);
  const SecretBytes kbpk = random_secret(shape.size);
  for (const rki::Slot slot : {rki::Slot::tmk, rki::Slot::pin, rki::Slot::mac, rki::Slot::data}) {
    const SecretBytes key = random_secret(shape.size);
    crypto::key_check_value(shape.cipher, key.reveal()).value();
    const Bytes blob = crypto::seal_blob(kek, random, as_bytes(kSmall).first(64), key.reveal());
    const SecretBytes opened = crypto::open_blob(kek, as_bytes(kSmall).first(64), blob).value();
    crypto::wrap_key_block(kbpk.reveal(), rki::header_of(suite, slot, 1).value(), opened, random).value();
    if (suite == rki::Suite::classic && rki::is_working_key(slot)) crypto::open_blob(kek, as_bytes(kSmall).first(64), blob).value();  // the TMK
  }
}

// Delivery, receipt, acknowledgement: a key from TK and an HMAC each, and the KBPK.
void transport_macs(rki::Suite suite) {
  const SecretBytes tk = random_secret(suite == rki::Suite::classic ? 24 : 32);
  for (int i = 0; i < 3; ++i) {
    const auto key = rki::transport_subkey(suite, tk, "rki delivery mac", Hash256{});
    crypto::hmac_sha256(key.reveal(), as_bytes(kBody).first(1200));
  }
  rki::transport_kbpk(suite, tk, Hash256{});
}

pki::Certificate certificate_by(const PrivateKey& key) {
  SystemClock clock;
  SystemRandom random;
  return pki::make_root("bench", key, {clock.now_ms(), 365}, random).value();
}

struct Keys {
  PrivateKey work_rsa = PrivateKey::generate_rsa(2048);
  PrivateKey work = PrivateKey::generate_p256();
  PrivateKey device = PrivateKey::generate_p256();
  PrivateKey ephemeral = PrivateKey::generate_p256();
  PublicKey loader_key = device.public_key();
  pki::Certificate certificate = certificate_by(device);
  Secret<32> kek = Secret<32>(random_secret(32).reveal().first<32>());
  SystemRandom random;
};

void classic(Keys& keys, const Bytes& factor, const Bytes& token, const Bytes& dik1_blob) {
  crypto::oaep_decrypt(keys.work_rsa, factor).value();
  crypto::open_blob(keys.kek, as_bytes(kSmall).first(64), dik1_blob).value();
  const SecretBytes dik2 = rki::classic_dik2(random_secret(24).reveal(), "TF000001", as_bytes(kSmall).first(16)).value();
  const SecretBytes at_tk1 = random_secret(48);
  rki::classic_seal_token(dik2, Hash256{}, keys.random.array<8>(), at_tk1).value();
  crypto::oaep_decrypt(keys.work_rsa, token).value();
  crypto::sha256(at_tk1.reveal());
  crypto::hmac_sha256(rki::transport_subkey(rki::Suite::classic, dik2, "rki confirm", Hash256{}).reveal(), Hash256{});
  keys.random.array<48>();
  transcript(9);
  four_keys(rki::Suite::classic, keys.kek);
  transport_macs(rki::Suite::classic);
}

void modern(Keys& keys, const crypto::EcPoint& point, const std::string& signature, const Bytes& factor_blob) {
  const PublicKey device = PublicKey::from_point(point).value();
  if (X509_verify(keys.certificate.native(), keys.loader_key.native()) != 1) std::abort();  // the device's certificate
  const PrivateKey ephemeral = PrivateKey::generate_p256();
  if (ephemeral.public_key().point()[0] != 4) std::abort();
  crypto::sign_es256(keys.work, as_bytes(kBody)).value();
  if (!crypto::verify_es256(device, as_bytes(kSmall), as_bytes(signature))) std::abort();  // the proof
  const Secret<32> z = crypto::ecdh_p256(ephemeral, PublicKey::from_point(point).value()).value();
  crypto::open_blob(keys.kek, {}, factor_blob).value();  // the factor
  rki::modern_factor_key(keys.kek, Hash256{});
  crypto::open_blob(keys.kek, {}, factor_blob).value();  // DIK1's row
  const Secret<32> dik2 = rki::modern_dik2(keys.kek, "TF000001", as_bytes(kSmall).first(16));
  const Secret<32> k = rki::modern_k(z, dik2, Hash256{});
  crypto::hmac_sha256(rki::modern_subkey(k, "rki proof mac", Hash256{}).reveal(), Hash256{});
  const SecretBytes at_tk1 = random_secret(56);
  const Secret<32> token_key = rki::modern_subkey(k, "rki server token", Hash256{});
  const Bytes sealed = crypto::seal_blob(token_key, keys.random, as_bytes(kSmall).first(80), at_tk1.reveal());
  rki::modern_subkey(k, "rki device token", Hash256{});
  crypto::open_blob(token_key, as_bytes(kSmall).first(80), sealed).value();
  const SecretBytes tk = rki::modern_tk(k, random_secret(32), Hash256{});
  keys.random.array<48>();
  transcript(10);
  four_keys(rki::Suite::modern, keys.kek);
  transport_macs(rki::Suite::modern);
}

}  // namespace

Result<double> crypto_cpu_us(Company& company, rki::Suite suite) {
  Keys keys;
  if (suite == rki::Suite::classic) {
    const Bytes factor = crypto::oaep_encrypt(keys.work_rsa.public_key(), as_bytes(kSmall).first(16)).value();
    const Bytes token = crypto::oaep_encrypt(keys.work_rsa.public_key(), as_bytes(kSmall).first(80)).value();
    const Bytes dik1 = crypto::seal_blob(keys.kek, keys.random, as_bytes(kSmall).first(64), random_secret(24).reveal());
    return company.cpu_us(1000, [&] { classic(keys, factor, token, dik1); });
  }
  const auto raw = crypto::sign_es256(keys.device, as_bytes(kSmall)).value();
  const std::string signature(as_text(raw));
  const Bytes factor = crypto::seal_blob(keys.kek, keys.random, {}, as_bytes(kSmall).first(16));
  const crypto::EcPoint point = keys.device.public_key().point();
  return company.cpu_us(2000, [&] { modern(keys, point, signature, factor); });
}

}  // namespace tf::bench
