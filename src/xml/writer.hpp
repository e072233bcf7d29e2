// XML written as it goes, without a tree: for messages whose form is known. Octet for octet what Document::serialise() writes of the same elements.
// Names and namespaces are constants of the caller's, which outlive the writer; a namespace is declared as the default one where another is in force.
//
// Errors of finish(): Code::malformed "xml.unfit_text" when some text cannot stand in XML.
// Sources: W3C XML 1.0 (fifth edition) §2.4, Namespaces in XML 1.0 (third edition) §6.2.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "xml/document.hpp"

namespace tf::xml {

// How a character of text is written; empty: as it is.
constexpr std::string_view escape_of(char character) {
  switch (character) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '\r': return "&#13;";
    default: return {};
  }
}

class Writer {
 public:
  explicit Writer(Name root);

  void begin(Name name);
  void text(std::string_view text);
  void end();  // of what began last
  void leaf(Name name, std::string_view content = {});

  // Once, when all but the root has ended. UTF-8 with an XML declaration.
  Result<std::string> finish();

 private:
  void close_tag();

  std::string out_;
  std::vector<Name> open_;
  bool in_tag_ = false;  // of what began last, nothing but its name is written
  bool fits_ = true;
};

}  // namespace tf::xml
