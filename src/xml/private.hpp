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

// All of a block of malloc's.
void wipe_block(void* block);
// libxml2's memory is wiped before it is given back; to be said before anything else is said to the library.
void wipe_what_is_released();

}  // namespace tf::xml
