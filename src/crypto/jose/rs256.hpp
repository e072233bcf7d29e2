// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2). Nothing of ours is signed so: it is what the gateways of e-wallets and
// card networks speak, and their keys are used for that and nothing else. Keys of 2048 bits or more (crypto/keys.hpp).
#pragma once
#include "crypto/keys.hpp"

namespace tf::crypto {

Result<Bytes> sign_rs256(const PrivateKey& key, ByteView data);  // Code::internal "crypto.wrong_key" for a P-256 key
bool verify_rs256(const PublicKey& key, ByteView data, ByteView signature);

}  // namespace tf::crypto
