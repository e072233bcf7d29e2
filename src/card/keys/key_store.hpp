// The card's private keys, in containers: "piv" is the PIV application's, others belong to users ("user/alice") or to the card itself
// ("card": the factory key, the decryption key). They are made or imported here, sealed with the rest of the memory, and never leave.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "card/answer.hpp"
#include "card/keys/algorithm.hpp"
#include "card/memory/memory.hpp"

namespace tf::card {

// container: 1 to 64 of a–z A–Z 0–9 . _ @ / -
struct KeyId {
  std::string container;
  std::uint8_t reference = 0;
  friend auto operator<=>(const KeyId&, const KeyId&) = default;
};
bool valid_container(std::string_view name);

// One key, one purpose. PIV's retired keys and 9D decipher and agree; OpenSC's raw RSA does not tell which.
enum class Use : std::uint8_t { sign = 1, decipher = 2, attest = 3, sign_hash = 4, sign_payment = 5 };
enum class Origin : std::uint8_t { generated = 1, imported = 2 };
enum class PinPolicy : std::uint8_t { never = 1, once = 2, always = 3 };

struct KeyFacts {
  Algorithm algorithm = Algorithm::p256;
  Use use = Use::sign;
  PinPolicy pin = PinPolicy::once;
  Origin origin = Origin::generated;
  friend bool operator==(const KeyFacts&, const KeyFacts&) = default;
};

class KeyStore {
 public:
  explicit KeyStore(Memory& memory) : memory_(memory) {}

  // Replaces what was there. The origin is set here.
  Answer<PublicNumbers> generate(const KeyId& id, KeyFacts facts);
  Done import(const KeyId& id, KeyFacts facts, const PrivateNumbers& numbers);
  Done import(const KeyId& id, KeyFacts facts, const crypto::PrivateKey& key);
  Done erase(const KeyId& id);

  [[nodiscard]] bool exists(const KeyId& id) const;
  // 6A88 when there is none.
  [[nodiscard]] Answer<KeyFacts> facts(const KeyId& id);
  [[nodiscard]] Answer<PublicNumbers> public_numbers(const KeyId& id);
  // References in a container, and containers whose name begins so, both in order.
  [[nodiscard]] std::vector<std::uint8_t> references(std::string_view container) const;
  [[nodiscard]] std::vector<std::string> containers(std::string_view prefix) const;

  // Signs a padded block (RSA, 6A80 when it does not fit) or a hash (EC, DER).
  Answer<Bytes> sign_raw(const KeyId& id, ByteView block);
  Answer<SecretBytes> decipher_raw(const KeyId& id, ByteView block);  // RSA
  Answer<SecretBytes> agree(const KeyId& id, ByteView peer_point);    // EC: the x-coordinate
  // A handle for sign_es256, sign_ps256, oaep_decrypt and pki's builders; 6A88 when there is none, 6985 when the key is for another use.
  // Its kind() calls a P-384 key p256: look at facts() first.
  Answer<crypto::PrivateKey> handle(const KeyId& id, Use use);

 private:
  struct Ready {
    std::uint64_t version = 0;
    KeyFacts facts;
    crypto::PrivateKey key;
  };
  Answer<const Ready*> ready(const KeyId& id);
  Memory& memory_;
  std::map<KeyId, Ready> ready_;  // parsed keys, as long as their records are the same
};

}  // namespace tf::card
