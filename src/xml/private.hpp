// libxml2 behind documents and elements; for the units of this room only.
#pragma once
#include <libxml/tree.h>

#include "xml/document.hpp"

namespace tf::xml {

struct Raw {
  static xmlDocPtr of(const Document& document) { return document.document_.get(); }
  static xmlNodePtr of(const Element& element) { return element.node_; }
  static Document adopt(xmlDocPtr document) { return Document(document); }  // not null; freed by the Document
  static Element element(xmlNodePtr node) { return Element(node); }
};

// Initialises libxml2 once for all threads; every way into the library begins with it.
void start_library();

}  // namespace tf::xml
