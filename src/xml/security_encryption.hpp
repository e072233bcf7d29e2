// XML Encryption 1.1, as little of it as is needed: an element under AES-256-GCM (xmlenc11) whose key goes to one RSA key by
// rsa-oaep-mgf1p (MGF1 and hash SHA-1, empty label: what every library has; collisions do not matter in it). Made by libxmlsec1. Refused:
// CBC and 3DES, RSA-1_5, other key transports and wraps, references to cipher data elsewhere.
//
// Errors: Code::refused "xml.algorithm", Code::malformed "xml.encrypted_data" and those of document.hpp, Code::internal "xml.encrypt".
// Sources: W3C XML Encryption 1.1 §3, §5.2.4, §5.5.2.
#pragma once
#include "crypto/keys.hpp"
#include "xml/document.hpp"

namespace tf::xml {

inline constexpr Name kEncryptedData{"http://www.w3.org/2001/04/xmlenc#", "EncryptedData"};

// The element becomes an EncryptedData in its place (and must not be used after that). RSA keys only: Code::invalid "xml.recipient".
Status encrypt(Element element, const crypto::PublicKey& recipient);

// What a secure module needs to open it: it decrypts, nobody here.
struct EncryptedParts {
  Bytes wrapped_key;
  Bytes iv;  // 12 bytes
  Bytes ciphertext;
  Bytes tag;  // 16 bytes
};
Result<EncryptedParts> encrypted_parts(const Element& encrypted_data);

// Overwrites the text below an element: for a document that was read from something secret, before it goes.
void wipe_texts(Element element);

}  // namespace tf::xml
