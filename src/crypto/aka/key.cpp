#include "crypto/aka/key.hpp"

#include <algorithm>

#include "crypto/handles.hpp"

namespace tf::crypto {
namespace {

SecretBytes side_by_side(ByteView k, ByteView opc) {
  SecretBytes out(k.size() + opc.size());
  std::ranges::copy(opc, std::ranges::copy(k, out.reveal_mutable().begin()).out);
  return out;
}

}  // namespace

std::string_view name_of(AkaAlgorithm algorithm) { return algorithm == AkaAlgorithm::milenage ? "milenage" : "tuak"; }

Result<AkaAlgorithm> parse_aka_algorithm(std::string_view name) {
  for (const AkaAlgorithm known : {AkaAlgorithm::milenage, AkaAlgorithm::tuak})
    if (name == name_of(known)) return known;
  return Error{Code::invalid, "aka.algorithm", "an algorithm is milenage or tuak"};
}

std::size_t aka_key_size(AkaAlgorithm algorithm) { return algorithm == AkaAlgorithm::milenage ? 32 : 48; }

AkaKey::AkaKey(const Secret<16>& k, const Secret<16>& opc) : octets_(side_by_side(k.reveal(), opc.reveal())) {}
AkaKey::AkaKey(const Secret<16>& k, const Secret<32>& topc) : octets_(side_by_side(k.reveal(), topc.reveal())) {}

Result<AkaKey> AkaKey::of(SecretBytes octets) {
  if (octets.size() == kMilenage || octets.size() == kTuak) return AkaKey(std::move(octets));
  return Error{Code::malformed, "aka.key", "a subscription's key is K and OPc, 32 octets, or K and TOPc, 48"};
}

Result<AkaKey> AkaKey::of(ByteView k, ByteView opc) {
  if (k.size() == 16) return of(side_by_side(k, opc));
  return Error{Code::malformed, "aka.key", "K has 16 octets"};
}

AkaKey AkaKey::random(AkaAlgorithm algorithm, Random& random) {
  SecretBytes octets(aka_key_size(algorithm));
  random.fill(octets.reveal_mutable());
  return AkaKey(std::move(octets));
}

MilenageKey AkaKey::milenage() const {
  must(algorithm() == AkaAlgorithm::milenage, "a key of Milenage");
  return {Secret<16>(octets_.reveal().first<16>()), Secret<16>(octets_.reveal().last<16>())};
}

TuakKey AkaKey::tuak() const {
  must(algorithm() == AkaAlgorithm::tuak, "a key of TUAK");
  return {Secret<16>(octets_.reveal().first<16>()), Secret<32>(octets_.reveal().last<32>())};
}

}  // namespace tf::crypto
