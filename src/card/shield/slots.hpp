// Keys and certificates of the shield's slots, for the application and for what comes over the air.
#pragma once
#include "apdu/shield.hpp"
#include "card/services.hpp"
#include "pki/device/attestation.hpp"

namespace tf::card::shield {

// What a key of this slot is for: one purpose each.
KeyFacts facts_of(apdu::shield::Slot slot, Algorithm algorithm);

class Slots {
 public:
  explicit Slots(Services& services) : services_(services) {}
  using Slot = apdu::shield::Slot;

  [[nodiscard]] bool has_container(std::uint8_t container) const;
  [[nodiscard]] std::vector<std::uint8_t> containers() const;
  [[nodiscard]] std::string serial() const;

  // 1 to 15; the owner's, 0, stays. PIN and PUK as PIV has them. 6A86, 6A89, 6A80; 6A88.
  Done create_container(std::uint8_t container, const SecretBytes& pin, const SecretBytes& puk);
  Done delete_container(std::uint8_t container);

  // A new key in the slot; the certificate of the one before goes. SubjectPublicKeyInfo. 6A88 when there is no such container.
  Answer<Bytes> generate(std::uint8_t container, Slot slot, Algorithm algorithm, const pki::EnrolmentNonce& nonce);
  // 6A88 when there is no key, 6985 when it was made without a nonce.
  Answer<Bytes> request(std::uint8_t container, Slot slot);
  Answer<Bytes> attestation(std::uint8_t container, Slot slot, Random& random);
  // 6A80 unless it is a certificate for the slot's key.
  Done store(std::uint8_t container, Slot slot, ByteView certificate);
  Answer<Bytes> certificate(std::uint8_t container, Slot slot) const;  // 6A82 when there is none
  Answer<crypto::PublicKey> public_key(std::uint8_t container, Slot slot);
  Answer<crypto::PrivateKey> key(std::uint8_t container, Slot slot);  // only for the slot's own use

 private:
  Done forget_payments(std::uint8_t container);
  Answer<pki::EnrolmentNonce> nonce_of(std::uint8_t container, Slot slot);
  Services& services_;
};

// ECDSA in DER, or RSASSA-PKCS1-v1_5, over a SHA-256 hash.
Answer<Bytes> sign_hash_with(const crypto::PrivateKey& key, const Hash256& hash);

}  // namespace tf::card::shield
