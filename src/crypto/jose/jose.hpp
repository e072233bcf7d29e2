// The few JOSE objects the modern suites are made of, in compact form (RFC 7515, 7516): JWS with ES256 or HS256, JWE with
// "dir" + A256GCM and with ECDH-ES + A256KW over P-256. The algorithm comes from our key, never from the message
// (RFC 8725 §3.1): a header must name exactly that algorithm and the expected "typ", and nothing it does not know.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "crypto/keys.hpp"

namespace tf::crypto {

// "x5c" is written when chain is not empty: DER certificates, leaf first.
Result<std::string> jws_sign_es256(const PrivateKey& key, std::string_view typ, std::string_view payload,
                                   const std::vector<Bytes>& chain = {});
// The same with a key that is elsewhere: sign gets the signing input.
using Es256Signer = std::function<Result<Es256Signature>(ByteView)>;
Result<std::string> jws_sign_es256(const Es256Signer& sign, std::string_view typ, std::string_view payload,
                                   const std::vector<Bytes>& chain = {});
std::string jws_sign_hs256(ByteView key, std::string_view typ, std::string_view payload);

// A JWS taken apart but not yet believed: its chain tells which key to verify with.
struct UnverifiedJws {
  std::string signing_input;
  Bytes payload;
  Bytes signature;
  std::vector<Bytes> chain;
};
Result<UnverifiedJws> jws_parse_es256(std::string_view compact, std::string_view typ);
// Code::refused "crypto.jws" when the signature is wrong; Code::malformed when it is no such JWS.
Result<std::string> jws_verify_es256(const PublicKey& key, std::string_view typ, std::string_view compact);
Result<std::string> jws_verify_hs256(ByteView key, std::string_view typ, std::string_view compact);

// A token for others: header alg, typ and kid, so that a stock library finds the key in our JWK set (RFC 7515, 7519).
Result<std::string> jwt_sign_es256(const Es256Signer& sign, std::string_view typ, std::string_view kid, std::string_view payload);
Result<std::string> jws_kid(std::string_view compact);  // what it claims; Code::malformed without one
Result<std::string> jwt_verify_es256(const PublicKey& key, std::string_view typ, std::string_view kid, std::string_view compact);

std::string jwe_seal_dir(const Secret<32>& key, Random& random, std::string_view typ, ByteView plaintext);
Result<SecretBytes> jwe_open_dir(const Secret<32>& key, std::string_view typ, std::string_view compact);

// ECDH-ES+A256KW, A256GCM to a P-256 key: for packages that wait for their reader.
Result<std::string> jwe_seal_to(const PublicKey& recipient, Random& random, std::string_view typ, ByteView plaintext);
Result<SecretBytes> jwe_open_with(const PrivateKey& recipient, std::string_view typ, std::string_view compact);


// A JWE to one of several published keys. The header names the key (kid); the algorithm is that key's: ECDH-ES+A256KW
// for P-256, RSA-OAEP-256 for RSA; the content is under A256GCM.
Result<std::string> jwe_seal_to(const PublicKey& recipient, std::string_view kid, Random& random, std::string_view typ, ByteView plaintext);
// The kid a JWE claims, to look the key up with; Code::malformed without one.
Result<std::string> jwe_kid(std::string_view compact);
// What the keeper of the private key does; the one that its kind does not need may be empty.
struct JweRecipient {
  KeyKind kind;
  std::function<Result<Secret<32>>(const PublicKey& ephemeral)> agree;
  std::function<Result<SecretBytes>(ByteView wrapped)> decrypt;
};
Result<SecretBytes> jwe_open(const JweRecipient& recipient, std::string_view kid, std::string_view typ, std::string_view compact);

// A public key as a JWK (RFC 7517), one JSON object; alg is written only when it is not empty.
struct PublishedKey {
  std::string kid;
  PublicKey key;
};
// The keys of a JWK set (RFC 7517) for a use ("enc", "sig") that are P-256 or RSA, in their order; others are passed over.
Result<std::vector<PublishedKey>> read_jwk_set(std::string_view text, std::string_view use);
std::string jwk_of(const PublicKey& key, std::string_view kid, std::string_view use, std::string_view alg);

}  // namespace tf::crypto
