#include "crypto/aka/milenage.hpp"

#include <algorithm>
#include <cstring>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kChunk = 32;   // vectors that go through the cipher together
constexpr std::size_t kOutputs = 4;  // OUT1 to OUT4 of each

const EVP_CIPHER* aes128() {
  static const EvpCipher cipher(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr));
  return cipher.get();
}

struct Word128 {
  std::uint64_t first, second;
};
Word128 load(const std::uint8_t* from) {
  Word128 out;
  std::memcpy(&out, from, kBlock);
  return out;
}
void store(std::uint8_t* to, Word128 word) { std::memcpy(to, &word, kBlock); }
Word128 operator^(Word128 a, Word128 b) { return {a.first ^ b.first, a.second ^ b.second}; }

// rot(in, 8 · octets) of §4.1: towards the most significant bit.
Word128 rotated(Word128 in, std::size_t octets) {
  std::uint8_t twice[2 * kBlock];
  store(twice, in);
  store(twice + kBlock, in);
  return load(twice + octets);
}

// §4.1: r1 … r5 = 64, 0, 32, 64, 96 bits; c1 … c5 are zero but for their last octet.
constexpr std::size_t kRotation[] = {8, 0, 4, 8, 12};
constexpr std::uint8_t kConstant[] = {0, 1, 2, 4, 8};

// What the cipher takes for OUT1: TEMP xor rot(IN1 xor OPc, r1) xor c1.
void put_in1(std::uint8_t* to, Word128 temp, Word128 opc, std::uint64_t sqn, const Amf& amf) {
  std::uint8_t in1[kBlock];
  const ByteArray<6> octets = sqn_octets(sqn);
  std::copy(octets.begin(), octets.end(), in1);
  std::copy(amf.begin(), amf.end(), in1 + 6);
  std::copy(in1, in1 + 8, in1 + 8);
  store(to, temp ^ rotated(load(in1) ^ opc, kRotation[0]));
}

// What it takes for OUT2 to OUT5 (number 1 to 4): rot(TEMP xor OPc, r) xor c.
void put_in(std::uint8_t* to, std::size_t number, Word128 temp, Word128 opc) {
  store(to, rotated(temp ^ opc, kRotation[number]));
  to[kBlock - 1] ^= kConstant[number];
}

void whiten(std::uint8_t* blocks, std::size_t count, Word128 opc) {
  for (std::size_t i = 0; i < count; ++i) store(blocks + i * kBlock, load(blocks + i * kBlock) ^ opc);
}

template <std::size_t N>
void take(Secret<N>& out, const std::uint8_t* from) {
  std::copy_n(from, N, out.reveal_mutable().begin());
}

}  // namespace

struct Milenage::Context {
  EvpCipherCtx cipher{EVP_CIPHER_CTX_new()};
  Secret<16> opc;
  // Enough for a chunk: TEMP of each, then the four outputs of each.
  Secret<kChunk * kBlock> temp;
  Secret<kChunk * kBlock * kOutputs> blocks;

  void encrypt(std::uint8_t* data, std::size_t blocks_count) const {
    int written = 0;
    const int size = static_cast<int>(blocks_count * kBlock);
    must(EVP_EncryptUpdate(cipher.get(), data, &written, data, size) == 1 && written == size, "Milenage");
  }
  [[nodiscard]] Word128 opc_word() const { return load(opc.reveal().data()); }
  void chunk(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out);
};

Milenage::Milenage(const MilenageKey& key) : context_(std::make_unique<Context>()) {
  must(EVP_EncryptInit_ex2(context_->cipher.get(), aes128(), nullptr, nullptr, nullptr) == 1 &&
           EVP_CIPHER_CTX_set_padding(context_->cipher.get(), 0) == 1,
       "Milenage");
  use(key);
}
Milenage::~Milenage() = default;
Milenage::Milenage(Milenage&&) noexcept = default;
Milenage& Milenage::operator=(Milenage&&) noexcept = default;

void Milenage::use(const MilenageKey& key) {
  must(EVP_EncryptInit_ex2(context_->cipher.get(), nullptr, key.k.reveal().data(), nullptr, nullptr) == 1, "Milenage");
  context_->opc = key.opc.clone();
}

void Milenage::encrypt(Secret<16>& block) { context_->encrypt(block.reveal_mutable().data(), 1); }

AkaOutputs Milenage::outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf) {
  const Word128 opc = context_->opc_word();
  std::uint8_t* const temp = context_->temp.reveal_mutable().data();
  std::uint8_t* const blocks = context_->blocks.reveal_mutable().data();
  store(temp, load(rand.data()) ^ opc);
  context_->encrypt(temp, 1);
  put_in1(blocks, load(temp), opc, sqn, amf);
  for (std::size_t i = 1; i < 5; ++i) put_in(blocks + i * kBlock, i, load(temp), opc);
  context_->encrypt(blocks, 5);
  whiten(blocks, 5, opc);
  AkaOutputs out;
  take(out.mac_a, blocks);
  take(out.mac_s, blocks + 8);
  take(out.ak, blocks + kBlock);
  take(out.res, blocks + kBlock + 8);
  take(out.ck, blocks + 2 * kBlock);
  take(out.ik, blocks + 3 * kBlock);
  take(out.ak_s, blocks + 4 * kBlock);
  wipe(blocks, 5 * kBlock);
  wipe(temp, kBlock);
  return out;
}

void Milenage::Context::chunk(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out) {
  const Word128 whitener = opc_word();
  std::uint8_t* const temps = temp.reveal_mutable().data();
  std::uint8_t* const all = blocks.reveal_mutable().data();
  for (std::size_t i = 0; i < rands.size(); ++i) store(temps + i * kBlock, load(rands[i].data()) ^ whitener);
  encrypt(temps, rands.size());
  for (std::size_t i = 0; i < rands.size(); ++i) {
    const Word128 own = load(temps + i * kBlock);
    std::uint8_t* const at = all + i * kBlock * kOutputs;
    put_in1(at, own, whitener, sqns[i], amf);
    for (std::size_t number = 1; number < kOutputs; ++number) put_in(at + number * kBlock, number, own, whitener);
  }
  encrypt(all, rands.size() * kOutputs);
  whiten(all, rands.size() * kOutputs, whitener);
  for (std::size_t i = 0; i < rands.size(); ++i) {
    const std::uint8_t* const from = all + i * kBlock * kOutputs;
    AkaVector& vector = out[i];
    vector.rand = rands[i];
    const ByteArray<6> sqn = sqn_octets(sqns[i]);
    for (std::size_t octet = 0; octet < 6; ++octet) vector.autn[octet] = sqn[octet] ^ from[kBlock + octet];
    std::copy(amf.begin(), amf.end(), vector.autn.begin() + 6);
    std::copy_n(from, 8, vector.autn.begin() + 8);
    take(vector.res, from + kBlock + 8);
    take(vector.ck, from + 2 * kBlock);
    take(vector.ik, from + 3 * kBlock);
  }
  wipe(all, rands.size() * kOutputs * kBlock);
  wipe(temps, rands.size() * kBlock);
}

void Milenage::vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out) {
  must(rands.size() == sqns.size() && rands.size() == out.size(), "Milenage: a RAND and an SQN for each vector");
  for (std::size_t at = 0; at < rands.size(); at += kChunk) {
    const std::size_t some = std::min(kChunk, rands.size() - at);
    context_->chunk(rands.subspan(at, some), sqns.subspan(at, some), amf, out.subspan(at, some));
  }
}

Secret<16> milenage_opc(const Secret<16>& k, const Secret<16>& op) {
  Milenage cipher({k.clone(), Secret<16>()});
  Secret<16> out = op.clone();
  cipher.encrypt(out);
  store(out.reveal_mutable().data(), load(out.reveal().data()) ^ load(op.reveal().data()));
  return out;
}

}  // namespace tf::crypto
