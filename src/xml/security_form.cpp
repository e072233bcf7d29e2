#include "xml/security_form.hpp"

#include <algorithm>
#include <set>

#include "wire/encoding.hpp"
#include "xml/private.hpp"
#include "xml/security_library.hpp"

namespace tf::xml {
namespace {

std::string_view view(const xmlChar* text) { return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text); }

Error refused(const char* reason, std::string_view detail = {}) { return {Code::refused, reason, std::string(detail)}; }

// All elements, in document order.
template <class Visit>
void each_element(xmlNodePtr node, const Visit& visit) {
  visit(node);
  for (xmlNodePtr child = node->children; child != nullptr; child = child->next)
    if (child->type == XML_ELEMENT_NODE) each_element(child, visit);
}

bool is_id_name(std::string_view name) {
  return name.size() == 2 && (name[0] == 'I' || name[0] == 'i') && (name[1] == 'D' || name[1] == 'd');
}

// Exactly these children, in this order, between white space and comments.
bool has_exactly(const Element& element, std::initializer_list<std::string_view> names) {
  const std::vector<Element> children = element.children();
  if (!std::ranges::equal(children, names, [](const Element& child, std::string_view name) { return child.is({kDsig, name}); })) return false;
  for (const xmlNode* node = Raw::of(element)->children; node != nullptr; node = node->next) {
    const bool text = node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
    if (text && view(node->content).find_first_not_of(" \t\r\n") != std::string_view::npos) return false;
  }
  return true;
}

std::size_t attributes_of(const Element& element) {
  std::size_t out = 0;
  for (const xmlAttr* each = Raw::of(element)->properties; each != nullptr; each = each->next) ++out;
  return out;
}

// An element that says an algorithm and no more.
bool says(const Element& element, std::string_view algorithm) {
  return has_exactly(element, {}) && attributes_of(element) == 1 && element.attribute({"", "Algorithm"}) == algorithm;
}

Status check_reference(const Element& reference, std::string_view id) {
  if (!has_exactly(reference, {"Transforms", "DigestMethod", "DigestValue"})) return refused("xml.signature_form", "Reference");
  if (attributes_of(reference) != 1 || reference.attribute({"", "URI"}) != "#" + std::string(id)) return refused("xml.reference");
  const std::vector<Element> parts = reference.children();
  const std::vector<Element> transforms = parts[0].children();
  if (attributes_of(parts[0]) != 0 || !has_exactly(parts[0], {"Transform", "Transform"}) || !says(transforms[0], std::string(kDsig) + "enveloped-signature") ||
      !says(transforms[1], kExclusive))
    return refused("xml.algorithm", "transforms");
  if (!says(parts[1], std::string(kXenc) + "sha256")) return refused("xml.algorithm", "digest");
  if (TF_TRY(base64_text(parts[2])).size() != 32) return refused("xml.signature_form", "DigestValue");
  return {};
}

Result<crypto::KeyKind> check_signed_info(const Element& info, std::string_view id) {
  if (attributes_of(info) != 0 || !has_exactly(info, {"CanonicalizationMethod", "SignatureMethod", "Reference"}))
    return refused("xml.signature_form", "SignedInfo");
  const std::vector<Element> parts = info.children();
  if (!says(parts[0], kExclusive)) return refused("xml.algorithm", "canonicalisation");
  const bool ecdsa = says(parts[1], std::string(kDsigMore) + "ecdsa-sha256");
  if (!ecdsa && !says(parts[1], std::string(kDsigMore) + "rsa-sha256")) return refused("xml.algorithm", "signature");
  TF_CHECK(check_reference(parts[2], id));
  return ecdsa ? crypto::KeyKind::p256 : crypto::KeyKind::rsa;
}

Result<std::vector<Bytes>> chain_of(const Element& key_info) {
  if (attributes_of(key_info) != 0 || !has_exactly(key_info, {"X509Data"})) return refused("xml.signature_form", "KeyInfo");
  const std::vector<Element> certificates = key_info.children()[0].children();
  if (certificates.empty() || certificates.size() > kMaxChain) return refused("xml.signature_form", "X509Data");
  std::vector<Bytes> out;
  for (const Element& each : certificates) {
    if (!each.is({kDsig, "X509Certificate"})) return refused("xml.signature_form", "X509Data");
    out.push_back(TF_TRY(base64_text(each)));
  }
  return out;
}

}  // namespace

bool is_ncname(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 64 && letter(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

Result<Bytes> base64_text(const Element& element) {
  std::string text = TF_TRY(element.text());
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return wire::from_base64(text);
}

Result<Element> only_signature(const Document& document) {
  std::vector<xmlNodePtr> found;
  const xmlNodePtr root = Raw::of(document.root());
  each_element(root, [&](xmlNodePtr node) {
    if (Raw::element(node).is({kDsig, "Signature"})) found.push_back(node);
  });
  if (found.empty()) return refused("xml.signature_missing");
  if (found.size() > 1) return refused("xml.signature_repeated");
  if (found[0]->parent != root) return refused("xml.signature_place");
  return Raw::element(found[0]);
}

Status distinct_ids(const Document& document) {
  std::set<std::string_view, std::less<>> seen;
  bool repeated = false;
  each_element(Raw::of(document.root()), [&](xmlNodePtr node) {
    for (const xmlAttr* each = node->properties; each != nullptr; each = each->next)
      if (is_id_name(view(each->name))) repeated |= !seen.insert(each->children == nullptr ? std::string_view() : view(each->children->content)).second;
  });
  if (repeated) return refused("xml.duplicate_id");
  return {};
}

Result<SignatureForm> signature_form(const Element& signature, std::string_view id) {
  if (attributes_of(signature) != 0 || !has_exactly(signature, {"SignedInfo", "SignatureValue", "KeyInfo"})) return refused("xml.signature_form", "Signature");
  const std::vector<Element> parts = signature.children();
  const crypto::KeyKind kind = TF_TRY(check_signed_info(parts[0], id));
  if (attributes_of(parts[1]) != 0 || TF_TRY(base64_text(parts[1])).empty()) return refused("xml.signature_form", "SignatureValue");
  return SignatureForm{kind, TF_TRY(chain_of(parts[2]))};
}

}  // namespace tf::xml
