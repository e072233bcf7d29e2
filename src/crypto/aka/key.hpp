// A subscription's key, whichever the algorithm: K ‖ OPc, 32 octets, is Milenage's; K ‖ TOPc, 48 octets, is TUAK's. The length tells, wherever the key
// goes as octets: a vault's row, a module, a card.
#pragma once
#include <string_view>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "crypto/aka/milenage.hpp"
#include "crypto/aka/tuak.hpp"

namespace tf::crypto {

enum class AkaAlgorithm { milenage, tuak };
std::string_view name_of(AkaAlgorithm algorithm);
Result<AkaAlgorithm> parse_aka_algorithm(std::string_view name);  // Code::invalid "aka.algorithm"
std::size_t aka_key_size(AkaAlgorithm algorithm);                 // octets

class AkaKey {
 public:
  AkaKey() : octets_(kMilenage) {}  // zeros, Milenage's
  AkaKey(const Secret<16>& k, const Secret<16>& opc);
  AkaKey(const Secret<16>& k, const Secret<32>& topc);
  AkaKey(const MilenageKey& key) : AkaKey(key.k, key.opc) {}  // NOLINT: the same key
  AkaKey(const TuakKey& key) : AkaKey(key.k, key.topc) {}     // NOLINT
  // Code::malformed "aka.key" for another size.
  static Result<AkaKey> of(SecretBytes octets);
  static Result<AkaKey> of(ByteView k, ByteView opc);  // its parts: 16, and 16 or 32
  static AkaKey random(AkaAlgorithm algorithm, Random& random);

  [[nodiscard]] AkaAlgorithm algorithm() const { return octets_.size() == kMilenage ? AkaAlgorithm::milenage : AkaAlgorithm::tuak; }
  [[nodiscard]] const SecretBytes& octets() const { return octets_; }
  [[nodiscard]] ByteView k() const { return octets_.reveal().first(16); }
  [[nodiscard]] ByteView opc() const { return octets_.reveal().subspan(16); }  // or TOPc
  // The key as its algorithm takes it; that of another is a broken invariant.
  [[nodiscard]] MilenageKey milenage() const;
  [[nodiscard]] TuakKey tuak() const;
  [[nodiscard]] AkaKey clone() const { return AkaKey(octets_.clone()); }
  friend bool operator==(const AkaKey&, const AkaKey&) = default;

 private:
  static constexpr std::size_t kMilenage = 32, kTuak = 48;
  explicit AkaKey(SecretBytes octets) : octets_(std::move(octets)) {}
  SecretBytes octets_;
};

}  // namespace tf::crypto
