// XML 1.0 with namespaces, read and written by libxml2 with everything dangerous off. A document is UTF-8 and has no DTD, so no
// entities but the five of XML and no external anything; processing instructions are refused; size, depth and the number of nodes
// (elements, attributes, namespace declarations, comments, pieces of text) are bounded. Nothing is printed, nothing is fetched.
//
// Errors: Code::malformed "xml.too_large" "xml.encoding" "xml.dtd" "xml.instruction" "xml.too_deep" "xml.too_many_nodes"
// "xml.not_well_formed" while reading; "xml.missing_element" "xml.repeated_element" "xml.not_a_leaf" while looking;
// "xml.unfit_text" when something to be written cannot stand in XML.
// Sources: W3C XML 1.0 (fifth edition), Namespaces in XML 1.0 (third edition).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct _xmlDoc;   // libxml2's own; private.hpp has them for the room
struct _xmlNode;

namespace tf::xml {

struct Limits {
  std::size_t bytes = 1U << 20U;
  int depth = 32;              // the root has depth 1
  std::size_t nodes = 10'000;
};

// Whether text can stand in XML: UTF-8, and every character one of XML 1.0 §2.2.
bool is_text(std::string_view text);

// A namespace by its URI (empty: none) and a local name.
struct Name {
  std::string_view space;
  std::string_view local;
};

// One element of a Document that must outlive it. As cheap to copy as a pointer.
class Element {
 public:
  [[nodiscard]] std::string_view local() const;
  [[nodiscard]] std::string_view space() const;
  [[nodiscard]] bool is(Name name) const { return local() == name.local && space() == name.space; }

  [[nodiscard]] std::vector<Element> children() const;  // elements, in their order
  [[nodiscard]] std::vector<Element> children(Name name) const;
  // The only child of that name; more than one is an error for both, none for the first.
  [[nodiscard]] Result<Element> child(Name name) const;
  [[nodiscard]] Result<std::optional<Element>> child_if_any(Name name) const;
  // Text of an element without child elements; comments are left out, CDATA is text.
  [[nodiscard]] Result<std::string> text() const;
  [[nodiscard]] std::optional<std::string> attribute(Name name) const;

  // Building. A child takes a namespace that is already declared, else declares it as the default one.
  Element add(Name name, std::string_view text = {});
  void add_text(std::string_view text);
  void declare(std::string_view prefix, std::string_view space);  // xmlns:prefix, or xmlns where the prefix is empty
  void set(Name name, std::string_view value);  // an attribute; its namespace was declared with a prefix

 private:
  friend struct Raw;
  explicit Element(_xmlNode* node) : node_(node) {}
  _xmlNode* node_;
};

class Document {
 public:
  static Result<Document> parse(ByteView bytes, const Limits& limits = {});
  // An empty document; the root declares its namespace, with a prefix if one is given.
  static Document create(Name root, std::string_view prefix = {});

  [[nodiscard]] Element root() const;
  // UTF-8 with an XML declaration; white space is as it was read or built.
  [[nodiscard]] Result<std::string> serialise() const;

 private:
  friend struct Raw;
  struct Free {
    void operator()(_xmlDoc* document) const;
  };
  explicit Document(_xmlDoc* document) : document_(document) {}
  std::unique_ptr<_xmlDoc, Free> document_;
};

}  // namespace tf::xml
