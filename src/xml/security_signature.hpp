// XML Signature 1.1, as little of it as is needed: one enveloped signature over the root element, exclusive canonicalisation without
// comments, ECDSA or RSA (PKCS#1 v1.5) with SHA-256, the chain in X509Data. Everything else in the standard is refused: other transforms and algorithms,
// other references, Object, Manifest, KeyValue, RetrievalMethod, a second signature, two elements of one Id, weak hashes.
//
// The private key is elsewhere: whoever has it gets SignedInfo in canonical form and answers with the signature. libxmlsec1 verifies.
//
// Errors: Code::refused "xml.root" (another element or Id than expected), "xml.signature_missing", "xml.signature_repeated",
// "xml.signature_place", "xml.signature_form", "xml.algorithm", "xml.reference", "xml.duplicate_id", "xml.signature" (wrong); Code::malformed and all
// of document.hpp for what is no such document.
// Sources: W3C XML Signature 1.1, Exclusive XML Canonicalization 1.0.
#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "xml/document.hpp"

namespace tf::xml {

struct Signer {
  crypto::KeyKind kind = crypto::KeyKind::p256;
  std::vector<Bytes> chain = {};  // DER, leaf first; at least one
  // P-256: r ‖ s of ECDSA with SHA-256; RSA: RSASSA-PKCS1-v1_5 with SHA-256.
  std::function<Result<Bytes>(ByteView signed_info)> sign = {};
};

// Appends the Signature to the root, which has an attribute Id that is an NCName (Code::invalid "xml.id"). The document
// must not be changed after that.
Status sign(Document& document, const Signer& signer);

// The element that is to be found: it is the root, and this is its Id.
struct Expected {
  Name root;
  std::string_view id;
  Limits limits = {};
};
// The key of the chain's leaf (DER, leaf first, 1 to 4), after the chain was validated: nothing else does. Its errors are handed on.
using SignatureKey = std::function<Result<crypto::PublicKey>(const std::vector<Bytes>& chain)>;

struct Verified {
  Document document;  // read from the very octets that were hashed: the root without its Signature and without comments
  std::vector<Bytes> chain;
};
Result<Verified> verify(ByteView document, const Expected& expected, const SignatureKey& key);

}  // namespace tf::xml
