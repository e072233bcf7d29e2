// The form of a Signature that is accepted, octet for octet where it matters. Private to the room.
#pragma once
#include <libxml/tree.h>

#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "xml/document.hpp"

namespace tf::xml {

inline constexpr std::size_t kMaxChain = 4;

bool is_ncname(std::string_view text);  // of ASCII
// Base64 as XML has it: white space anywhere. Code::malformed.
Result<Bytes> base64_text(const Element& element);

// The one Signature of the document, a child of the root. Code::refused "xml.signature_missing", "…_repeated", "…_place".
Result<Element> only_signature(const Document& document);
// No two elements answer to one Id, whatever the attribute's case and namespace. Code::refused "xml.duplicate_id".
Status distinct_ids(const Document& document);

struct SignatureForm {
  crypto::KeyKind kind;
  std::vector<Bytes> chain;
};
// Code::refused "xml.signature_form", "xml.algorithm", "xml.reference".
Result<SignatureForm> signature_form(const Element& signature, std::string_view id);

}  // namespace tf::xml
