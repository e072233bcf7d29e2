// The signatures and keys we make and accept: ECDSA P-256 with SHA-256, RSASSA-PSS with SHA-256 (MGF1-SHA256, 32-byte
// salt) and nothing else. Private to pki.
#pragma once
#include <optional>

#include "crypto/handles.hpp"
#include "crypto/keys.hpp"

namespace tf::pki {

// The AlgorithmIdentifier is, octet for octet, one of the two.
bool acceptable_signature(const X509_ALGOR* algorithm);
// The one a key of this kind makes; stays ours.
const X509_ALGOR* signature_algorithm(crypto::KeyKind kind);
// The signature of a structure whose signed part is tbs, in DER, by this key, under an acceptable algorithm.
bool is_signature(const crypto::PublicKey& key, const X509_ALGOR* algorithm, ByteView tbs, const ASN1_BIT_STRING* signature);
// P-256 as a named curve, its point uncompressed, or RSA of 2048 to 8192 bits (not an RSASSA-PSS key); else none.
std::optional<crypto::PublicKey> acceptable_key(const X509_PUBKEY* key);
// The same of the two parts of a SubjectPublicKeyInfo.
std::optional<crypto::PublicKey> acceptable_key(const X509_ALGOR* algorithm, const ASN1_BIT_STRING* octets);
// A library context without providers: a certificate parsed in it keeps its key as octets. acceptable_key() makes the key twenty times
// faster than OpenSSL 3.0's decoders would.
OSSL_LIB_CTX* no_providers();
// What a SubjectPublicKeyInfo of this kind names its key's algorithm; stays ours.
const X509_ALGOR* key_algorithm(crypto::KeyKind kind);

// Ready for X509_sign_ctx and its like.
Result<crypto::EvpMdCtx> signing_context(const crypto::PrivateKey& key);
// A signature under signature_algorithm(), as certificates bear it: of ECDSA in DER.
Result<Bytes> signature_of(const crypto::PrivateKey& key, ByteView tbs);
bool same_key(const crypto::PublicKey& a, const crypto::PublicKey& b);

}  // namespace tf::pki
