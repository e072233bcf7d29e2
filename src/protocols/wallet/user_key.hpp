// What a user's key signs. The key fixes the algorithm: ES256 of a P-256 key, PS256 of an RSA key (the stated way).
#pragma once
#include <string>
#include <string_view>

#include "crypto/keys.hpp"

namespace tf::wallet {

// SHA-256 of the SubjectPublicKeyInfo.
Hash256 key_thumbprint(const crypto::PublicKey& key);

// A JWS in compact form; header: alg, typ.
Result<std::string> sign_jws(const crypto::PrivateKey& key, std::string_view typ, std::string_view payload);
// The payload. Code::refused "wallet.wrong_signature"; Code::malformed when it is no such JWS.
Result<std::string> verify_jws(const crypto::PublicKey& key, std::string_view typ, std::string_view compact);
// The same for who has read the payload already.
Status check_jws(const crypto::PublicKey& key, std::string_view typ, std::string_view compact);
// The payload of a JWS nobody verified yet, to find the key with. Code::malformed.
Result<std::string> unverified_payload(std::string_view compact);

// Suite classic: the bare signature.
Result<Bytes> sign(const crypto::PrivateKey& key, ByteView data);
bool verify(const crypto::PublicKey& key, ByteView data, ByteView signature);

}  // namespace tf::wallet
