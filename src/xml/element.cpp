// Looking into elements, building them, writing them out.
#include <libxml/tree.h>
#include <libxml/xmlmemory.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "xml/document.hpp"
#include "xml/private.hpp"

namespace tf::xml {
namespace {

std::string_view view(const xmlChar* text) { return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text); }
// libxml2 wants zero-terminated text.
class Terminated {
 public:
  explicit Terminated(std::string_view text) : text_(text) {}
  operator const xmlChar*() const { return reinterpret_cast<const xmlChar*>(text_.c_str()); }

 private:
  std::string text_;
};
using Owned = std::unique_ptr<xmlChar, decltype([](xmlChar* text) { xmlFree(text); })>;

Error malformed(const char* reason, std::string_view detail) { return {Code::malformed, reason, std::string(detail)}; }

bool has_text(const xmlNode& node) { return node.type == XML_TEXT_NODE || node.type == XML_CDATA_SECTION_NODE; }

// A declaration of the namespace that is in force at the node. For attributes the default one does not count.
xmlNsPtr in_force(xmlNodePtr node, std::string_view space, bool with_prefix) {
  for (xmlNodePtr at = node; at != nullptr && at->type == XML_ELEMENT_NODE; at = at->parent)
    for (xmlNsPtr each = at->nsDef; each != nullptr; each = each->next)
      if (view(each->href) == space && (each->prefix != nullptr || !with_prefix) && xmlSearchNs(node->doc, node, each->prefix) == each) return each;
  return nullptr;
}

// Most text is ASCII, whose characters are all well formed.
bool is_plain(unsigned char each) { return (each >= 0x20 && each < 0x80) || each == '\t' || each == '\n' || each == '\r'; }

// XML 1.0 §2.2 Char: libxml2 writes what it is given, valid or not.
bool fits(const xmlChar* text) {
  if (text == nullptr) return true;
  while (is_plain(*text)) ++text;
  if (*text == 0) return true;
  if (xmlCheckUTF8(text) == 0) return false;
  for (int size = 4; *text != 0; text += size, size = 4) {
    const int point = xmlGetUTF8Char(text, &size);
    const bool control = point < 0x20 && point != '\t' && point != '\n' && point != '\r';
    if (control || point == 0xFFFE || point == 0xFFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
  }
  return true;
}

bool fits(const xmlNode& node) {
  for (const xmlAttr* each = node.type == XML_ELEMENT_NODE ? node.properties : nullptr; each != nullptr; each = each->next)
    for (const xmlNode* part = each->children; part != nullptr; part = part->next)
      if (!fits(part->content)) return false;
  if (has_text(node) && !fits(node.content)) return false;
  for (const xmlNode* each = node.children; each != nullptr; each = each->next)
    if (!fits(*each)) return false;
  return true;
}

}  // namespace

bool is_text(std::string_view text) { return std::ranges::all_of(text, is_plain) || (!text.contains('\0') && fits(Terminated(text))); }

std::string_view Element::local() const { return view(node_->name); }
std::string_view Element::space() const { return node_->ns == nullptr ? std::string_view() : view(node_->ns->href); }

std::vector<Element> Element::children() const {
  std::vector<Element> out;
  out.reserve(xmlChildElementCount(node_));
  for (xmlNodePtr each = node_->children; each != nullptr; each = each->next)
    if (each->type == XML_ELEMENT_NODE) out.push_back(Element(each));
  return out;
}

std::vector<Element> Element::children(Name name) const {
  std::vector<Element> out = children();
  std::erase_if(out, [name](const Element& each) { return !each.is(name); });
  return out;
}

Result<std::optional<Element>> Element::child_if_any(Name name) const {
  const std::vector<Element> found = children(name);
  if (found.size() > 1) return malformed("xml.repeated_element", name.local);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

Result<Element> Element::child(Name name) const {
  const std::optional<Element> found = TF_TRY(child_if_any(name));
  if (!found) return malformed("xml.missing_element", name.local);
  return *found;
}

Result<std::string> Element::text() const {
  std::string out;
  for (const xmlNode* each = node_->children; each != nullptr; each = each->next) {
    if (has_text(*each)) out += view(each->content);
    else if (each->type != XML_COMMENT_NODE) return malformed("xml.not_a_leaf", local());
  }
  return out;
}

std::optional<std::string> Element::attribute(Name name) const {
  const Terminated local(name.local);
  const Owned found(name.space.empty() ? xmlGetNoNsProp(node_, local) : xmlGetNsProp(node_, local, Terminated(name.space)));
  if (!found) return std::nullopt;
  return std::string(view(found.get()));
}

Element Element::add(Name name, std::string_view text) {
  xmlNodePtr made = xmlNewDocNode(node_->doc, nullptr, Terminated(name.local), nullptr);
  xmlAddChild(node_, made);
  xmlNsPtr space = in_force(made, name.space, false);
  const bool none_in_force = name.space.empty() && xmlSearchNs(node_->doc, node_, nullptr) == nullptr;
  if (space == nullptr && !none_in_force) space = xmlNewNs(made, Terminated(name.space), nullptr);
  xmlSetNs(made, name.space.empty() ? nullptr : space);
  Element out(made);
  if (!text.empty()) out.add_text(text);
  return out;
}

void Element::add_text(std::string_view text) {
  // A zero would cut the text short without a word; it is kept as one that serialise() refuses.
  std::string whole(text);
  std::ranges::replace(whole, '\0', '\x01');
  xmlAddChild(node_, xmlNewDocTextLen(node_->doc, reinterpret_cast<const xmlChar*>(whole.data()), static_cast<int>(whole.size())));
}

void Element::declare(std::string_view prefix, std::string_view space) {
  const Terminated wanted(prefix);
  xmlNewNs(node_, Terminated(space), prefix.empty() ? nullptr : static_cast<const xmlChar*>(wanted));
}

void Element::set(Name name, std::string_view value) {
  std::string whole(value);
  std::ranges::replace(whole, '\0', '\x01');
  xmlNsPtr space = name.space.empty() ? nullptr : in_force(node_, name.space, true);
  if (!name.space.empty() && space == nullptr) {
    log::error("an attribute's namespace was not declared with a prefix: " + std::string(name.space));
    std::abort();
  }
  xmlSetNsProp(node_, space, Terminated(name.local), Terminated(whole));
}

Document Document::create(Name root, std::string_view prefix) {
  start_library();
  xmlDocPtr document = xmlNewDoc(BAD_CAST "1.0");
  xmlNodePtr node = xmlNewDocNode(document, nullptr, Terminated(root.local), nullptr);
  xmlDocSetRootElement(document, node);
  const Terminated wanted(prefix);
  if (!root.space.empty()) xmlSetNs(node, xmlNewNs(node, Terminated(root.space), prefix.empty() ? nullptr : static_cast<const xmlChar*>(wanted)));
  return Document(document);
}

Result<std::string> Document::serialise() const {
  if (!fits(*xmlDocGetRootElement(document_.get()))) return malformed("xml.unfit_text", "");
  xmlChar* memory = nullptr;
  int size = 0;
  xmlDocDumpMemoryEnc(document_.get(), &memory, &size, "UTF-8");
  const Owned owned(memory);
  if (!owned) return Error{Code::internal, "xml.serialise", ""};
  return std::string(reinterpret_cast<const char*>(memory), static_cast<std::size_t>(size));
}

}  // namespace tf::xml
