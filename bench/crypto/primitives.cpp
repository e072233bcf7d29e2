// The operations the protocols are made of, one at a time on one core.
#include <benchmark/benchmark.h>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"

namespace {

using namespace tf;

const ByteArray<64> kMessage{};

void counted(benchmark::State& state) { state.SetItemsProcessed(state.iterations()); }

void es256_sign(benchmark::State& state) {
  const auto key = crypto::PrivateKey::generate_p256();
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sign_es256(key, kMessage));
  counted(state);
}

void es256_verify(benchmark::State& state) {
  const auto key = crypto::PrivateKey::generate_p256();
  const auto public_key = key.public_key();
  const auto signature = crypto::sign_es256(key, kMessage).value();
  for (auto _ : state)
    if (!crypto::verify_es256(public_key, kMessage, signature)) state.SkipWithError("verify failed");
  counted(state);
}

void p256_generate(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(crypto::PrivateKey::generate_p256());
  counted(state);
}

// What one side of a key agreement does with the other's point.
void ecdh(benchmark::State& state) {
  const auto own = crypto::PrivateKey::generate_p256();
  const auto point = crypto::PrivateKey::generate_p256().public_key().point();
  for (auto _ : state) {
    const auto peer = crypto::PublicKey::from_point(point);
    auto secret = crypto::ecdh_p256(own, *peer);
    if (!secret) state.SkipWithError("agreement failed");
    benchmark::DoNotOptimize(secret);
  }
  counted(state);
}

void rsa2048_oaep_decrypt(benchmark::State& state) {
  const auto key = crypto::PrivateKey::generate_rsa(2048);
  const auto ciphertext = crypto::oaep_encrypt(key.public_key(), kMessage).value();
  for (auto _ : state) {
    auto plaintext = crypto::oaep_decrypt(key, ciphertext);
    if (!plaintext) state.SkipWithError("decryption failed");
    benchmark::DoNotOptimize(plaintext);
  }
  counted(state);
}

void hkdf(benchmark::State& state) {
  const Secret<32> prk = crypto::hkdf_extract({}, kMessage);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::hkdf_expand<32>(prk, "bench", kMessage));
  counted(state);
}

void hmac(benchmark::State& state) {
  const ByteArray<32> key{};
  for (auto _ : state) benchmark::DoNotOptimize(crypto::hmac_sha256(key, kMessage));
  counted(state);
}

void gcm_seal(benchmark::State& state) {
  const Secret<32> key;
  for (auto _ : state) benchmark::DoNotOptimize(crypto::aes256_gcm_seal(key, {}, {}, kMessage));
  counted(state);
}

void gcm_open(benchmark::State& state) {
  const Secret<32> key;
  const auto sealed = crypto::aes256_gcm_seal(key, {}, {}, kMessage);
  for (auto _ : state) {
    auto opened = crypto::aes256_gcm_open(key, sealed.nonce, {}, sealed.ciphertext, sealed.tag);
    if (!opened) state.SkipWithError("open failed");
    benchmark::DoNotOptimize(opened);
  }
  counted(state);
}

BENCHMARK(es256_sign)->Name("es256.sign");
BENCHMARK(es256_verify)->Name("es256.verify");
BENCHMARK(p256_generate)->Name("p256.generate");
BENCHMARK(ecdh)->Name("p256.ecdh");
BENCHMARK(rsa2048_oaep_decrypt)->Name("rsa2048.oaep_decrypt");
BENCHMARK(hkdf)->Name("hkdf.expand_32");
BENCHMARK(hmac)->Name("hmac.64_bytes");
BENCHMARK(gcm_seal)->Name("aes256gcm.seal_64_bytes");
BENCHMARK(gcm_open)->Name("aes256gcm.open_64_bytes");

}  // namespace
