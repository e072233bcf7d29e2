#include "xml/document.hpp"

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "xml/private.hpp"

namespace tf::xml {
namespace {

// What the parser is watched with; the first objection stops it.
struct Watch {
  Limits limits;
  int depth = 0;
  std::size_t nodes = 0;
  const char* objection = nullptr;
};

Watch& watch_of(void* context) { return *static_cast<Watch*>(static_cast<xmlParserCtxtPtr>(context)->_private); }

void object(void* context, const char* reason) {
  Watch& watch = watch_of(context);
  if (watch.objection == nullptr) watch.objection = reason;
  xmlStopParser(static_cast<xmlParserCtxtPtr>(context));
}

bool count(void* context, std::size_t more) {
  Watch& watch = watch_of(context);
  watch.nodes += more;
  if (watch.nodes > watch.limits.nodes) object(context, "xml.too_many_nodes");
  return watch.objection == nullptr;
}

void start_element(void* context, const xmlChar* local, const xmlChar* prefix, const xmlChar* space, int declared, const xmlChar** declarations,
                   int attributes, int defaulted, const xmlChar** values) {
  Watch& watch = watch_of(context);
  if (++watch.depth > watch.limits.depth) return object(context, "xml.too_deep");
  if (!count(context, 1 + static_cast<std::size_t>(declared) + static_cast<std::size_t>(attributes))) return;
  xmlSAX2StartElementNs(context, local, prefix, space, declared, declarations, attributes, defaulted, values);
}

void end_element(void* context, const xmlChar* local, const xmlChar* prefix, const xmlChar* space) {
  --watch_of(context).depth;
  xmlSAX2EndElementNs(context, local, prefix, space);
}

void text(void* context, const xmlChar* data, int size) {
  if (count(context, 1)) xmlSAX2Characters(context, data, size);
}
void cdata(void* context, const xmlChar* data, int size) {
  if (count(context, 1)) xmlSAX2CDataBlock(context, data, size);
}
void comment(void* context, const xmlChar* data) {
  if (count(context, 1)) xmlSAX2Comment(context, data);
}

void document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) { object(context, "xml.dtd"); }
void entity(void* context, const xmlChar*, int, const xmlChar*, const xmlChar*, xmlChar*) { object(context, "xml.dtd"); }
void instruction(void* context, const xmlChar*, const xmlChar*) { object(context, "xml.instruction"); }
void silent(void*, xmlErrorPtr) {}

void watch_parser(xmlParserCtxtPtr parser, Watch& watch) {
  parser->_private = &watch;
  xmlSAXHandler& sax = *parser->sax;
  sax.internalSubset = document_type;
  sax.externalSubset = document_type;
  sax.entityDecl = entity;
  sax.processingInstruction = instruction;
  sax.startElementNs = start_element;
  sax.endElementNs = end_element;
  sax.characters = text;
  sax.ignorableWhitespace = text;
  sax.cdataBlock = cdata;
  sax.comment = comment;
  sax.serror = silent;
}

// UTF-8 only: another encoding could be found by a byte order mark, by zeros, by the first letters or by its name.
bool begins_as_utf8(ByteView bytes) {
  static constexpr std::array<std::uint8_t, 3> kMark{0xEF, 0xBB, 0xBF};
  if (!bytes.empty() && std::memchr(bytes.data(), 0, bytes.size()) != nullptr) return false;
  if (bytes.size() >= 3 && std::ranges::equal(bytes.first(3), kMark)) return true;
  return bytes.empty() || bytes[0] == '<' || bytes[0] == ' ' || bytes[0] == '\t' || bytes[0] == '\r' || bytes[0] == '\n';
}

bool named_utf8(const xmlDoc& document) {
  return document.encoding == nullptr || xmlStrcasecmp(document.encoding, BAD_CAST "UTF-8") == 0;
}

Error malformed(const char* reason) { return {Code::malformed, reason, ""}; }

}  // namespace

void start_library() {
  static const bool started = (wipe_what_is_released(), xmlInitParser(), true);
  (void)started;
}

void Document::Free::operator()(_xmlDoc* document) const { xmlFreeDoc(document); }

Result<Document> Document::parse(ByteView bytes, const Limits& limits) {
  start_library();
  if (bytes.size() > limits.bytes) return malformed("xml.too_large");
  if (!begins_as_utf8(bytes)) return malformed("xml.encoding");
  const std::unique_ptr<xmlParserCtxt, decltype([](xmlParserCtxtPtr each) { xmlFreeParserCtxt(each); })> parser(xmlNewParserCtxt());
  Watch watch{.limits = limits};
  watch_parser(parser.get(), watch);
  Document document(xmlCtxtReadMemory(parser.get(), reinterpret_cast<const char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr, nullptr,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  xmlResetLastError();
  if (watch.objection != nullptr) return malformed(watch.objection);
  const bool good = document.document_ && parser->wellFormed == 1 && parser->nsWellFormed == 1 && xmlDocGetRootElement(document.document_.get()) != nullptr;
  if (!good) return malformed("xml.not_well_formed");
  if (!named_utf8(*document.document_) || xmlStrcmp(document.document_->version, BAD_CAST "1.0") != 0) return malformed("xml.encoding");
  return document;
}

Element Document::root() const { return Raw::element(xmlDocGetRootElement(document_.get())); }

}  // namespace tf::xml
