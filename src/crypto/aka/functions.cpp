#include "crypto/aka/functions.hpp"

namespace tf::crypto {
namespace {

constexpr Amf kAmfOfAuts{};  // TS 33.102 §6.3.3: zeros

std::variant<Milenage, Tuak> functions_of(const AkaKey& key) {
  if (key.algorithm() == AkaAlgorithm::tuak) return Tuak(key.tuak());
  return Milenage(key.milenage());
}

}  // namespace

ByteArray<6> sqn_octets(std::uint64_t sqn) {
  ByteArray<6> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(sqn >> (8 * (5 - i)));
  return out;
}

std::uint64_t sqn_of_octets(std::span<const std::uint8_t, 6> octets) {
  std::uint64_t out = 0;
  for (const std::uint8_t octet : octets) out = out << 8 | octet;
  return out;
}

AkaFunctions::AkaFunctions(const AkaKey& key) : functions_(functions_of(key)) {}

AkaOutputs AkaFunctions::outputs(const Rand& rand, std::uint64_t sqn, const Amf& amf) {
  return std::visit([&](auto& functions) { return functions.outputs(rand, sqn, amf); }, functions_);
}

void AkaFunctions::vectors(std::span<const Rand> rands, std::span<const std::uint64_t> sqns, const Amf& amf, std::span<AkaVector> out) {
  std::visit([&](auto& functions) { functions.vectors(rands, sqns, amf, out); }, functions_);
}

Result<std::uint64_t> AkaFunctions::open_auts(const Rand& rand, const Auts& auts) {
  const AkaOutputs hidden = outputs(rand, 0, kAmfOfAuts);
  ByteArray<6> sqn;
  for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] = auts[i] ^ hidden.ak_s.reveal()[i];
  const std::uint64_t named = sqn_of_octets(sqn);
  const AkaOutputs right = outputs(rand, named, kAmfOfAuts);
  if (equal_in_constant_time(right.mac_s.reveal(), ByteView(auts).last(8))) return named;
  return Error{Code::refused, "aka.mac_s", "AUTS is not of the subscription's USIM for this RAND"};
}

}  // namespace tf::crypto
