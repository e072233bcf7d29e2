// A public key as a file has it: PEM, "-----BEGIN PUBLIC KEY-----" (RFC 7468 §13).
#pragma once
#include <string>
#include <string_view>

#include "crypto/keys.hpp"

namespace tf::crypto {

std::string public_key_to_pem(const PublicKey& key);
// Code::malformed "crypto.public_key" for anything else, or a key of another kind than PublicKey takes.
Result<PublicKey> public_key_from_pem(std::string_view pem);

}  // namespace tf::crypto
