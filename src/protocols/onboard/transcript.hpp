// What is hashed and derived (docs/protocols/onboard.md, Bytes): one label a purpose, length-prefixed fields.
#pragma once
#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace tf::onboard {

using Nonce = ByteArray<16>;         // nonce_d, nonce_c, nonce_a
using RegistrationNonce = Secret<32>;

Hash256 device_hash(ByteView signing_der, ByteView decryption_der);  // dh
Hash256 operator_hash(ByteView certificate_der);                     // oh
Hash256 nonce_hash(const RegistrationNonce& nonce);                  // rh
Hash256 imsi_hash(const Hash256& nonce_hash, std::string_view imsi); // ih
Hash256 envelope_hash(ByteView envelope);                            // eh: of its octets as delivered

struct Transcript {
  std::string_view operator_id;
  std::string_view dsim_id;
  Nonce nonce_d;
  Nonce nonce_c;
  Hash256 device;        // dh
  Hash256 operator_cert; // oh
  Hash256 nonce;         // rh
};
Hash256 transcript_hash(const Transcript& transcript);  // th
// Shows that its sender knows the registration nonce, in this session alone.
Hash256 session_nonce(const RegistrationNonce& nonce, const Hash256& transcript);

}  // namespace tf::onboard
