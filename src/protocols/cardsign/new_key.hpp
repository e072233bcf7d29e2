// Step 511: a key is certified when request and attestation agree about it: one key, one card, one slot and container, this enrolment. Private
// to the enrolment.
#pragma once
#include "protocols/cardsign/platform.hpp"

namespace tf::cardsign {

struct NewKey {
  const CardRow& card;
  Slot slot;
  const apdu::shield::EnrolmentNonce& nonce;
  ByteView request;      // PKCS#10
  ByteView attestation;  // certificate by the factory key
  crypto::KeyKind kind;  // that was asked for
};
// The factory certificate was checked before. Code::refused "cardsign.request", "cardsign.attestation".
Result<crypto::PublicKey> check_new_key(const NewKey& made, std::int64_t at_ms);

}  // namespace tf::cardsign
