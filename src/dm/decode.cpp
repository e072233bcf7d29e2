#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "dm/messages.hpp"
#include "dm/names.hpp"
#include "wire/encoding.hpp"
#include "xml/document.hpp"

namespace tf::dm {
namespace {

using xml::Element;
using Names = std::initializer_list<std::string_view>;

constexpr std::size_t kLongestUri = 512;
constexpr std::size_t kLongestText = 256;   // everything but Data
constexpr std::size_t kLongestNonce = 128;  // bytes

Error malformed(const char* reason, std::string_view detail) { return {Code::malformed, reason, std::string(detail)}; }

// The children of an element: all known, and repeated only where they may be.
class Fields {
 public:
  static Result<Fields> of(Element element, std::string_view space, Names once, Names many = {}) {
    Fields out;
    const std::vector<Element> children = element.children();
    out.found_.reserve(children.size());
    for (const Element& child : children) {
      const std::string_view name = child.local();
      const auto among = [&](Names names) { return std::ranges::find(names, name) != names.end(); };
      const bool repeatable = among(many);
      if (child.space() != space || (!repeatable && !among(once))) return malformed("dm.unknown_element", name);
      if (!repeatable && out.has(name)) return malformed("dm.repeated_element", name);
      out.found_.emplace_back(name, child);
    }
    return out;
  }

  [[nodiscard]] std::vector<Element> all(std::string_view name) const {
    std::vector<Element> out;
    for (const auto& [each, element] : found_)
      if (each == name) out.push_back(element);
    return out;
  }
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != found_.end(); }
  [[nodiscard]] Result<Element> one(std::string_view name) const {
    const auto found = find(name);
    if (found == found_.end()) return malformed("dm.missing_element", name);
    return found->second;
  }

 private:
  using Found = std::vector<std::pair<std::string_view, Element>>;  // names as the document has them, which outlives this
  [[nodiscard]] Found::const_iterator find(std::string_view name) const {
    return std::ranges::find(found_, name, [](const auto& each) { return each.first; });
  }
  Found found_;
};

Result<std::string> visible(Element element, std::size_t longest, const char* reason) {
  std::string out = TF_TRY(element.text());
  const bool good = std::ranges::all_of(out, [](char each) { return each > 0x20 && each < 0x7F; });
  if (out.empty() || out.size() > longest || !good) return malformed(reason, element.local());
  return out;
}
Result<std::string> uri(Element element) { return visible(element, kLongestUri, "dm.uri"); }
Result<std::string> short_text(Element element) {
  std::string out = TF_TRY(element.text());
  if (out.empty() || out.size() > kLongestText) return malformed("dm.text", element.local());
  return out;
}

Result<std::uint32_t> number(Element element) {
  const std::string text = TF_TRY(element.text());
  std::uint32_t out = 0;
  const bool decimal = !text.empty() && text.size() <= 9 && (text[0] != '0' || text.size() == 1) &&
                       std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
  if (!decimal) return malformed("dm.number", element.local());
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}
Result<std::uint32_t> number(const Fields& fields, std::string_view name) { return number(TF_TRY(fields.one(name))); }

Result<Bytes> nonce(Element element) {
  Bytes out = TF_TRY(wire::from_base64(TF_TRY(element.text())));
  if (out.empty() || out.size() > kLongestNonce) return malformed("dm.nonce", "");
  return out;
}

Result<Meta> meta(const Fields& parent) {
  Meta out;
  if (!parent.has("Meta")) return out;
  const Fields fields = TF_TRY(Fields::of(TF_TRY(parent.one("Meta")), kMetInf, {"Format", "Type", "Size", "NextNonce", "MaxMsgSize", "MaxObjSize", "Mark",
                                                                               "Version", "FieldLevel", "Anchor", "Mem"}, {"EMI"}));
  if (fields.has("Format")) out.format = TF_TRY(short_text(TF_TRY(fields.one("Format"))));
  if (fields.has("Type")) out.type = TF_TRY(short_text(TF_TRY(fields.one("Type"))));
  if (fields.has("Size")) out.size = TF_TRY(number(fields, "Size"));
  if (fields.has("MaxMsgSize")) out.max_message = TF_TRY(number(fields, "MaxMsgSize"));
  if (fields.has("MaxObjSize")) out.max_object = TF_TRY(number(fields, "MaxObjSize"));
  if (fields.has("NextNonce")) out.next_nonce = TF_TRY(nonce(TF_TRY(fields.one("NextNonce"))));
  return out;
}

struct Place {
  std::string uri, name;
};
Result<Place> place(const Fields& parent, std::string_view name) {
  if (!parent.has(name)) return Place{};
  const Fields fields = TF_TRY(Fields::of(TF_TRY(parent.one(name)), kSyncMl, {"LocURI", "LocName"}));
  Place out{.uri = TF_TRY(uri(TF_TRY(fields.one("LocURI")))), .name = {}};
  if (fields.has("LocName")) out.name = TF_TRY(short_text(TF_TRY(fields.one("LocName"))));
  return out;
}

Result<std::vector<Item>> items(const Fields& parent) {
  std::vector<Item> out;
  for (const Element& each : parent.all("Item")) {
    const Fields fields = TF_TRY(Fields::of(each, kSyncMl, {"Target", "Source", "Meta", "Data", "MoreData"}));
    Item item;
    item.target = TF_TRY(place(fields, "Target")).uri;
    item.source = TF_TRY(place(fields, "Source")).uri;
    item.meta = TF_TRY(meta(fields));
    if (fields.has("Data")) item.data = TF_TRY(TF_TRY(fields.one("Data")).text());
    item.more = fields.has("MoreData");
    out.push_back(std::move(item));
  }
  return out;
}

Result<std::string> uri_if_any(const Fields& fields, std::string_view name) {
  if (!fields.has(name)) return std::string();
  return uri(TF_TRY(fields.one(name)));
}

Result<Command> alert(Element element) {
  const Fields fields = TF_TRY(Fields::of(element, kSyncMl, {"CmdID", "Data", "Correlator"}, {"Item"}));
  return Command(Alert{.id = TF_TRY(number(fields, "CmdID")), .code = TF_TRY(number(fields, "Data")), .items = TF_TRY(items(fields))});
}

Result<Order> order(Element element, Verb verb) {
  const Fields fields = TF_TRY(Fields::of(element, kSyncMl, {"CmdID", "Meta", "Correlator"}, {"Item"}));
  Order out{.id = TF_TRY(number(fields, "CmdID")), .verb = verb, .meta = TF_TRY(meta(fields)), .items = TF_TRY(items(fields))};
  if (!fields.has("Item")) return malformed("dm.missing_element", "Item");
  if (fields.has("Correlator")) out.correlator = TF_TRY(short_text(TF_TRY(fields.one("Correlator"))));
  return out;
}

Result<Command> status(Element element) {
  const Fields fields = TF_TRY(Fields::of(element, kSyncMl, {"CmdID", "MsgRef", "CmdRef", "Cmd", "Cred", "Chal", "Data"}, {"TargetRef", "SourceRef", "Item"}));
  CommandStatus out{.id = TF_TRY(number(fields, "CmdID")), .message = TF_TRY(number(fields, "MsgRef")), .command = TF_TRY(number(fields, "CmdRef")),
                    .name = TF_TRY(short_text(TF_TRY(fields.one("Cmd")))), .target = TF_TRY(uri_if_any(fields, "TargetRef")),
                    .source = TF_TRY(uri_if_any(fields, "SourceRef")), .challenge = {}, .code = TF_TRY(number(fields, "Data"))};
  if (!fields.has("Chal")) return Command(std::move(out));
  const Meta asked = TF_TRY(meta(TF_TRY(Fields::of(TF_TRY(fields.one("Chal")), kSyncMl, {"Meta"}))));
  if (asked.type.empty() || (asked.next_nonce && asked.format != "b64")) return malformed("dm.missing_element", "Chal");
  out.challenge = Challenge{asked.type, asked.next_nonce.value_or(Bytes())};
  return Command(std::move(out));
}

Result<Command> results(Element element) {
  const Fields fields = TF_TRY(Fields::of(element, kSyncMl, {"CmdID", "MsgRef", "CmdRef", "Meta", "TargetRef", "SourceRef"}, {"Item"}));
  if (!fields.has("Item")) return malformed("dm.missing_element", "Item");
  return Command(Results{.id = TF_TRY(number(fields, "CmdID")), .message = TF_TRY(number(fields, "MsgRef")), .command = TF_TRY(number(fields, "CmdRef")),
                         .target = TF_TRY(uri_if_any(fields, "TargetRef")), .source = TF_TRY(uri_if_any(fields, "SourceRef")),
                         .meta = TF_TRY(meta(fields)), .items = TF_TRY(items(fields))});
}

std::optional<Verb> verb_of(std::string_view name) {
  for (const auto& [verb, each] : kVerbs)
    if (each == name) return verb;
  return std::nullopt;
}

Result<Command> group(Element element) {
  Group out{.atomic = element.local() == "Atomic"};
  bool numbered = false;
  for (const Element& child : element.children()) {
    const auto verb = verb_of(child.local());
    const bool id = child.is({kSyncMl, "CmdID"}) && !numbered;
    if (child.space() != kSyncMl || (!verb && !id)) return malformed("dm.unknown_element", child.local());
    if (verb) out.orders.push_back(TF_TRY(order(child, *verb)));
    else out.id = TF_TRY(number(child));
    numbered = numbered || id;
  }
  if (!numbered) return malformed("dm.missing_element", "CmdID");
  return Command(std::move(out));
}

Result<Command> command(Element element) {
  const std::string_view name = element.local();
  if (element.space() != kSyncMl) return malformed("dm.unknown_element", name);
  if (name == "Alert") return alert(element);
  if (name == "Status") return status(element);
  if (name == "Results") return results(element);
  if (name == "Sequence" || name == "Atomic") return group(element);
  if (const auto verb = verb_of(name)) return Command(TF_TRY(order(element, *verb)));
  static constexpr std::array<std::string_view, 5> kNotSpoken{"Copy", "Map", "Put", "Search", "Sync"};
  if (std::ranges::find(kNotSpoken, name) == kNotSpoken.end()) return malformed("dm.unknown_element", name);
  return Command(Unsupported{.id = TF_TRY(number(TF_TRY(element.child({kSyncMl, "CmdID"})))), .name = std::string(name)});
}

Result<Header> header(Element element) {
  const Fields fields = TF_TRY(Fields::of(element, kSyncMl, {"VerDTD", "VerProto", "SessionID", "MsgID", "Target", "Source", "RespURI", "Cred", "Meta"}));
  if (TF_TRY(TF_TRY(fields.one("VerDTD")).text()) != kVerDtd || TF_TRY(TF_TRY(fields.one("VerProto")).text()) != kVerProto)
    return malformed("dm.version", "");
  for (const char* needed : {"Target", "Source"}) TF_TRY(fields.one(needed));
  const Place source = TF_TRY(place(fields, "Source"));
  Header out{.session = TF_TRY(visible(TF_TRY(fields.one("SessionID")), 16, "dm.text")), .message = TF_TRY(number(fields, "MsgID")),
             .target = TF_TRY(place(fields, "Target")).uri, .source = source.uri, .source_name = source.name, .meta = TF_TRY(meta(fields))};
  if (fields.has("RespURI")) out.respond_to = TF_TRY(uri(TF_TRY(fields.one("RespURI"))));
  if (!fields.has("Cred")) return out;
  const Meta credential = TF_TRY(meta(TF_TRY(Fields::of(TF_TRY(fields.one("Cred")), kSyncMl, {"Meta", "Data"}))));
  out.credential_type = credential.type;
  return out;
}

}  // namespace

Result<Message> decode(std::string_view body, const MessageLimits& limits) {
  const xml::Document document = TF_TRY(xml::Document::parse(as_bytes(body), {.bytes = limits.bytes, .depth = 12, .nodes = 4'000}));
  const Element root = document.root();
  if (!root.is({kSyncMl, "SyncML"})) return malformed("dm.unknown_element", root.local());
  const Fields fields = TF_TRY(Fields::of(root, kSyncMl, {"SyncHdr", "SyncBody"}));
  Message out{.header = TF_TRY(header(TF_TRY(fields.one("SyncHdr")))), .commands = {}, .final = false};
  for (const Element& each : TF_TRY(fields.one("SyncBody")).children()) {
    if (out.final) return malformed("dm.unknown_element", each.local());  // Final is the last
    if (each.is({kSyncMl, "Final"})) out.final = true;
    else out.commands.push_back(TF_TRY(command(each)));
  }
  return out;
}

}  // namespace tf::dm
