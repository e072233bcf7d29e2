#include "crypto/aka/tuak.hpp"

#include <algorithm>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

// Where values stand in Keccak's input and output (§6), in octets.
constexpr std::size_t kInput = 96, kInstance = 32, kName = 33, kRandAt = 40, kAmfAt = 56, kSqnAt = 58, kKAt = 64;
constexpr std::size_t kCkAt = 32, kIkAt = 64, kAkAt = 96, kOutUsed = 102;
constexpr std::size_t kOut = 136;  // SHAKE256's rate
constexpr unsigned kMostIterations = 255;

const EVP_MD* shake256() {
  static const EvpMd md(EVP_MD_fetch(nullptr, "SHAKE256", nullptr));
  return md.get();
}

void turned(ByteView from, std::uint8_t* to) { std::ranges::reverse_copy(from, to); }

// The permutation over one input; whose key it is stays in it.
class Keccak {
 public:
  Keccak(ByteView k, ByteView topc, unsigned iterations)
      : out_((iterations - 1) * kOut + kOutUsed), in_(kInput), instance_(k.size() == 32 ? 0x01 : 0x00) {
    std::uint8_t* const in = in_.reveal_mutable().data();
    turned(topc, in);
    turned(as_bytes("TUAK1.0"), in + kName);
    turned(k, in + kKAt);
  }
  void rand(const Rand& rand) { turned(rand, in_.reveal_mutable().data() + kRandAt); }
  void numbers(std::uint64_t sqn, const Amf& amf) {
    turned(amf, in_.reveal_mutable().data() + kAmfAt);
    turned(sqn_octets(sqn), in_.reveal_mutable().data() + kSqnAt);
  }
  // The first octets of OUT for this INSTANCE (but for the size of K), until the next call.
  const std::uint8_t* out(std::size_t instance) {
    std::uint8_t* const in = in_.reveal_mutable().data();
    in[kInstance] = static_cast<std::uint8_t>(instance | instance_);
    MutableByteView all = out_.reveal_mutable();
    must(EVP_DigestInit_ex2(hash_.get(), shake256(), nullptr) == 1 && EVP_DigestUpdate(hash_.get(), in, kInput) == 1 &&
             EVP_DigestFinalXOF(hash_.get(), all.data(), all.size()) == 1,
         "SHAKE256");
    return all.last(kOutUsed).data();
  }

 private:
  EvpMdCtx hash_{EVP_MD_CTX_new()};  // wipes what it holds when it goes
  SecretBytes out_, in_;
  std::uint8_t instance_;
};

// INSTANCE (§6.1 to §6.5): two bits for the function, three for the size of MAC or RES, one each for CK, IK and K of 256 bits.
// RES of 4 octets is code 0, other sizes stand for themselves.
constexpr std::size_t kF1 = 0x00, kF1Star = 0x80, kF2To5 = 0x40, kF5Star = 0xC0;
constexpr std::size_t size_code(std::size_t octets) { return octets == 4 ? 0 : octets; }

void turned_out(const std::uint8_t* from, MutableByteView out) { turned({from, out.size()}, out.data()); }

// f2, f3, f4 into out; f5 into ak.
template <class Out>
void f2_to_f5(Keccak& keccak, const TuakForm& form, Out& out, std::span<std::uint8_t, 6> ak) {
  keccak.numbers(0, {});
  const std::uint8_t* const from =
      keccak.out(kF2To5 | size_code(form.res) | (form.ck == 32 ? 0x04U : 0U) | (form.ik == 32 ? 0x02U : 0U));
  turned_out(from, out.res.reveal_mutable());
  turned_out(from + kCkAt, out.ck.reveal_mutable());
  turned_out(from + kIkAt, out.ik.reveal_mutable());
  turned_out(from + kAkAt, ak);
}

template <class Out>
void all_functions(Keccak& keccak, const Rand& rand, std::uint64_t sqn, const Amf& amf, const TuakForm& form, Out& out) {
  keccak.rand(rand);
  keccak.numbers(sqn, amf);
  turned_out(keccak.out(kF1 | size_code(form.mac)), out.mac_a.reveal_mutable());
  turned_out(keccak.out(kF1Star | size_code(form.mac)), out.mac_s.reveal_mutable());
  f2_to_f5(keccak, form, out, out.ak.reveal_mutable());
  turned_out(keccak.out(kF5Star) + kAkAt, out.ak_s.reveal_mutable());
}

Status check_iterations(const SecretBytes& k, unsigned iterations) {
  if ((k.size() == 16 || k.size() == 32) && iterations >= 1 && iterations <= kMostIterations) return {};
  return Error{Code::invalid, "aka.tuak", "K has 128 or 256 bits, and there are 1 to 255 iterations"};
}

Status check_form(const TuakForm& form) {
  const auto one_of = [](std::size_t size, std::initializer_list<std::size_t> sizes) { return std::ranges::find(sizes, size) != sizes.end(); };
  if (one_of(form.mac, {8, 16, 32}) && one_of(form.res, {4, 8, 16, 32}) && one_of(form.ck, {16, 32}) && one_of(form.ik, {16, 32})) return {};
  return Error{Code::invalid, "aka.tuak", "MAC has 64, 128 or 256 bits, RES also 32, CK and IK 128 or 256"};
}

}  // namespace

struct Tuak::Context {
  Keccak keccak;
};

Tuak::Tuak(const TuakKey& key) : context_(std::make_unique<Context>(Keccak(key.k.reveal(), key.topc.reveal(), 1))) {}
Tuak::~Tuak() = default;
Tuak::Tuak(Tuak&&) noexcept = default;
Tuak& Tuak::operator=(Tuak&&) noexcept = default;

AkaOutputs Tuak::outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf) {
  AkaOutputs out;
  all_functions(context_->keccak, rand, sqn, amf, {}, out);
  return out;
}

void Tuak::vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out) {
  must(rands.size() == sqns.size() && rands.size() == out.size(), "TUAK: a RAND and an SQN for each vector");
  Keccak& keccak = context_->keccak;
  for (std::size_t i = 0; i < rands.size(); ++i) {
    AkaVector& vector = out[i];
    const auto autn = std::span(vector.autn);
    vector.rand = rands[i];
    keccak.rand(rands[i]);
    keccak.numbers(sqns[i], amf);
    turned_out(keccak.out(kF1 | size_code(8)), autn.last<8>());
    f2_to_f5(keccak, {}, vector, autn.first<6>());
    const ByteArray<6> sqn = sqn_octets(sqns[i]);
    for (std::size_t octet = 0; octet < sqn.size(); ++octet) autn[octet] ^= sqn[octet];
    std::ranges::copy(amf, autn.begin() + 6);
  }
}

Result<Secret<32>> tuak_topc(const SecretBytes& k, const Secret<32>& top, unsigned iterations) {
  TF_CHECK(check_iterations(k, iterations));
  Secret<32> out;
  Keccak keccak(k.reveal(), top.reveal(), iterations);
  turned_out(keccak.out(0), out.reveal_mutable());
  return out;
}

Result<TuakOutputs> tuak_outputs(const SecretBytes& k, const Secret<32>& topc, const Rand& rand, std::uint64_t sqn, const Amf& amf, const TuakForm& form) {
  TF_CHECK(check_iterations(k, form.iterations));
  TF_CHECK(check_form(form));
  Keccak keccak(k.reveal(), topc.reveal(), form.iterations);
  TuakOutputs out{SecretBytes(form.mac), SecretBytes(form.mac), SecretBytes(form.res), SecretBytes(form.ck), SecretBytes(form.ik), {}, {}};
  all_functions(keccak, rand, sqn, amf, form, out);
  return out;
}

}  // namespace tf::crypto
