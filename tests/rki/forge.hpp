// Messages as a forger makes them who holds all the keys of a side: right in everything but the one thing that is
// wrong.
#pragma once
#include "crypto/jose/jose.hpp"
#include "protocols/rki/keys.hpp"
#include "tests/rki/scene.hpp"

namespace tf::rki::test {

using AlterBytes = std::function<void(SecretBytes&)>;

// --- of the terminal -------------------------------------------------------------------------------------------------
// Message 5, its plaintext altered, as an answer to the token received. classic: AT ‖ TK2 ‖ TK_SHA2, modern: AT ‖ TK2.
DeviceToken forge_token(const AwaitingToken& state, std::string_view received, const Identity& identity, Random& random,
                        const AlterBytes& alter);
// Message 3 of modern, its payload altered, signed and MACed again.
ModernProof forge_proof(const AwaitingServerHello& state, std::string_view received, const Identity& identity,
                        Random& random, const std::function<void(ProofPayload&)>& alter, ByteView factor);
// Message 7 over another receipt, MACed again; sent is the honest one.
std::string forge_receipt(const AwaitingDelivery& state, std::string_view received, std::string_view sent,
                          const std::function<void(Receipt&)>& alter);
// Message 7, the same receipt with blanks in its JSON.
std::string respelt_receipt(const AwaitingDelivery& state, std::string_view received, std::string_view sent);

// --- of the platform -------------------------------------------------------------------------------------------------
// Message 2 of modern, signed by the work key in the vault.
std::string forge_server_hello(Scene& scene, std::string_view reply, const std::function<void(ServerHello&)>& alter,
                               std::string_view key_name = kModernWorkKey);
// The keys of one delivery as the forger sees them.
struct ForgedDelivery {
  Delivery delivery;
  SecretBytes kbpk;
  SecretBytes tmk;  // classic: what the working keys travel under
  Suite suite;
  Random& random;
  // A block of its own making in the place of the slot's.
  void put(Slot slot, const crypto::KeyBlockHeader& header, const SecretBytes& key, const SecretBytes& under);
  void put(Slot slot, const crypto::KeyBlockHeader& header, const SecretBytes& key);
  [[nodiscard]] crypto::KeyBlockHeader header(Slot slot) const;
  [[nodiscard]] SecretBytes fresh_key(std::size_t size) const;
};
// Message 6 over another delivery, MACed again.
std::string forge_delivery(Scene& scene, const ExpectToken& state, std::string_view request, const ExpectReceipt& next,
                           std::string_view reply, const std::function<void(ForgedDelivery&)>& alter);

}  // namespace tf::rki::test
