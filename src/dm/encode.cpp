#include "dm/messages.hpp"
#include "dm/names.hpp"
#include "wire/encoding.hpp"
#include "xml/document.hpp"

namespace tf::dm {
namespace {

using xml::Element;

Element add(Element at, std::string_view name, std::string_view text = {}) { return at.add({kSyncMl, name}, text); }
void add_number(Element at, std::string_view name, std::uint64_t value) { add(at, name, std::to_string(value)); }
void add_if_any(Element at, std::string_view name, std::string_view text) {
  if (!text.empty()) add(at, name, text);
}

void encode(Element at, const Meta& meta) {
  if (meta.format.empty() && meta.type.empty() && !meta.size && !meta.max_message && !meta.max_object && !meta.next_nonce) return;
  Element out = add(at, "Meta");
  const auto say = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out.add({kMetInf, name}, text);
  };
  const auto say_number = [&](std::string_view name, const std::optional<std::uint64_t>& value) {
    if (value) out.add({kMetInf, name}, std::to_string(*value));
  };
  say("Format", meta.format);
  say("Type", meta.type);
  say_number("Size", meta.size);
  if (meta.next_nonce) out.add({kMetInf, "NextNonce"}, wire::base64(*meta.next_nonce));
  say_number("MaxMsgSize", meta.max_message);
  say_number("MaxObjSize", meta.max_object);
}

void place(Element at, std::string_view name, std::string_view uri, std::string_view local_name = {}) {
  if (uri.empty()) return;
  Element out = add(at, name);
  add(out, "LocURI", uri);
  add_if_any(out, "LocName", local_name);
}

void encode(Element at, const std::vector<Item>& items) {
  for (const Item& item : items) {
    Element out = add(at, "Item");
    place(out, "Target", item.target);
    place(out, "Source", item.source);
    encode(out, item.meta);
    if (item.data) add(out, "Data", *item.data);
    if (item.more) add(out, "MoreData");
  }
}

Element begin(Element body, std::string_view name, std::uint32_t id) {
  Element out = add(body, name);
  add_number(out, "CmdID", id);
  return out;
}

void encode(Element body, const Alert& alert) {
  Element out = begin(body, "Alert", alert.id);
  add_number(out, "Data", alert.code);
  encode(out, alert.items);
}

void encode(Element body, const Order& order) {
  Element out = begin(body, name_of(order.verb), order.id);
  encode(out, order.meta);
  add_if_any(out, "Correlator", order.correlator);
  encode(out, order.items);
}

void encode(Element body, const CommandStatus& status) {
  Element out = begin(body, "Status", status.id);
  add_number(out, "MsgRef", status.message);
  add_number(out, "CmdRef", status.command);
  add(out, "Cmd", status.name);
  add_if_any(out, "TargetRef", status.target);
  add_if_any(out, "SourceRef", status.source);
  if (status.challenge) {
    Element challenge = add(out, "Chal");
    Meta asked{.format = "b64", .type = status.challenge->type};
    if (!status.challenge->nonce.empty()) asked.next_nonce = status.challenge->nonce;
    encode(challenge, asked);
  }
  add_number(out, "Data", status.code);
}

void encode(Element body, const Results& results) {
  Element out = begin(body, "Results", results.id);
  add_number(out, "MsgRef", results.message);
  add_number(out, "CmdRef", results.command);
  encode(out, results.meta);
  add_if_any(out, "TargetRef", results.target);
  add_if_any(out, "SourceRef", results.source);
  encode(out, results.items);
}

void encode(Element body, const Group& group) {
  Element out = begin(body, group.atomic ? "Atomic" : "Sequence", group.id);
  for (const Order& order : group.orders) encode(out, order);
}

void encode(Element body, const Unsupported& command) { begin(body, command.name, command.id); }

void encode(Element root, const Header& header) {
  Element out = add(root, "SyncHdr");
  add(out, "VerDTD", kVerDtd);
  add(out, "VerProto", kVerProto);
  add(out, "SessionID", header.session);
  add_number(out, "MsgID", header.message);
  place(out, "Target", header.target);
  place(out, "Source", header.source, header.source_name);
  add_if_any(out, "RespURI", header.respond_to);
  encode(out, header.meta);
}

}  // namespace

std::string_view name_of(Verb verb) {
  for (const auto& [each, name] : kVerbs)
    if (each == verb) return name;
  return "Get";
}

Result<std::string> encode(const Message& message) {
  xml::Document document = xml::Document::create({kSyncMl, "SyncML"});
  encode(document.root(), message.header);
  Element body = add(document.root(), "SyncBody");
  for (const Command& command : message.commands) std::visit([&](const auto& each) { encode(body, each); }, command);
  if (message.final) add(body, "Final");
  return document.serialise();
}

}  // namespace tf::dm
