#include "dm/messages.hpp"
#include "dm/names.hpp"
#include "wire/encoding.hpp"
#include "xml/writer.hpp"

namespace tf::dm {
namespace {

using xml::Writer;

void begin(Writer& out, std::string_view name) { out.begin({kSyncMl, name}); }
void add(Writer& out, std::string_view name, std::string_view text = {}) { out.leaf({kSyncMl, name}, text); }
void add_number(Writer& out, std::string_view name, std::uint64_t value) { add(out, name, std::to_string(value)); }
void add_if_any(Writer& out, std::string_view name, std::string_view text) {
  if (!text.empty()) add(out, name, text);
}

void encode(Writer& out, const Meta& meta) {
  if (meta.format.empty() && meta.type.empty() && !meta.size && !meta.max_message && !meta.max_object && !meta.next_nonce) return;
  const auto say = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out.leaf({kMetInf, name}, text);
  };
  const auto say_number = [&](std::string_view name, const std::optional<std::uint64_t>& value) {
    if (value) out.leaf({kMetInf, name}, std::to_string(*value));
  };
  begin(out, "Meta");
  say("Format", meta.format);
  say("Type", meta.type);
  say_number("Size", meta.size);
  if (meta.next_nonce) out.leaf({kMetInf, "NextNonce"}, wire::base64(*meta.next_nonce));
  say_number("MaxMsgSize", meta.max_message);
  say_number("MaxObjSize", meta.max_object);
  out.end();
}

void place(Writer& out, std::string_view name, std::string_view uri, std::string_view local_name = {}) {
  if (uri.empty()) return;
  begin(out, name);
  add(out, "LocURI", uri);
  add_if_any(out, "LocName", local_name);
  out.end();
}

void encode(Writer& out, const std::vector<Item>& items) {
  for (const Item& item : items) {
    begin(out, "Item");
    place(out, "Target", item.target);
    place(out, "Source", item.source);
    encode(out, item.meta);
    if (item.data) add(out, "Data", *item.data);
    if (item.more) add(out, "MoreData");
    out.end();
  }
}

void begin(Writer& out, std::string_view name, std::uint32_t id) {
  begin(out, name);
  add_number(out, "CmdID", id);
}

void encode(Writer& out, const Alert& alert) {
  begin(out, "Alert", alert.id);
  add_number(out, "Data", alert.code);
  encode(out, alert.items);
  out.end();
}

void encode(Writer& out, const Order& order) {
  begin(out, name_of(order.verb), order.id);
  encode(out, order.meta);
  add_if_any(out, "Correlator", order.correlator);
  encode(out, order.items);
  out.end();
}

void encode(Writer& out, const CommandStatus& status) {
  begin(out, "Status", status.id);
  add_number(out, "MsgRef", status.message);
  add_number(out, "CmdRef", status.command);
  add(out, "Cmd", status.name);
  add_if_any(out, "TargetRef", status.target);
  add_if_any(out, "SourceRef", status.source);
  if (status.challenge) {
    Meta asked{.format = "b64", .type = status.challenge->type};
    if (!status.challenge->nonce.empty()) asked.next_nonce = status.challenge->nonce;
    begin(out, "Chal");
    encode(out, asked);
    out.end();
  }
  add_number(out, "Data", status.code);
  out.end();
}

void encode(Writer& out, const Results& results) {
  begin(out, "Results", results.id);
  add_number(out, "MsgRef", results.message);
  add_number(out, "CmdRef", results.command);
  encode(out, results.meta);
  add_if_any(out, "TargetRef", results.target);
  add_if_any(out, "SourceRef", results.source);
  encode(out, results.items);
  out.end();
}

void encode(Writer& out, const Group& group) {
  begin(out, group.atomic ? "Atomic" : "Sequence", group.id);
  for (const Order& order : group.orders) encode(out, order);
  out.end();
}

void encode(Writer& out, const Unsupported& command) {
  begin(out, command.name, command.id);
  out.end();
}

void encode(Writer& out, const Header& header) {
  begin(out, "SyncHdr");
  add(out, "VerDTD", kVerDtd);
  add(out, "VerProto", kVerProto);
  add(out, "SessionID", header.session);
  add_number(out, "MsgID", header.message);
  place(out, "Target", header.target);
  place(out, "Source", header.source, header.source_name);
  add_if_any(out, "RespURI", header.respond_to);
  encode(out, header.meta);
  out.end();
}

}  // namespace

std::string_view name_of(Verb verb) {
  for (const auto& [each, name] : kVerbs)
    if (each == verb) return name;
  return "Get";
}

Result<std::string> encode(const Message& message) {
  Writer out({kSyncMl, "SyncML"});
  encode(out, message.header);
  begin(out, "SyncBody");
  for (const Command& command : message.commands) std::visit([&](const auto& each) { encode(out, each); }, command);
  if (message.final) add(out, "Final");
  out.end();
  return out.finish();
}

}  // namespace tf::dm
