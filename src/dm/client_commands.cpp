// The server's commands, run on the tree.
#include "dm/client.hpp"

namespace tf::dm {

void ClientSession::answer(std::uint32_t id, std::string_view name, std::uint32_t code, std::string target) {
  waiting_.emplace_back(CommandStatus{.message = seen_, .command = id, .name = std::string(name), .target = std::move(target), .code = code});
}

void ClientSession::run(const Command& command, Tree& tree) {
  if (const auto* order = std::get_if<Order>(&command)) return run(*order, tree);
  if (const auto* alert = std::get_if<Alert>(&command)) {
    // A wish for the next message is answered by it; user interaction is not offered here.
    const bool next = alert->code == alert::next_message;
    if (!next || waiting_.empty()) answer(alert->id, "Alert", next ? code::ok : code::unsupported);
  }
  if (const auto* other = std::get_if<Unsupported>(&command)) {
    lose_object();
    answer(other->id, other->name, code::unsupported);
  }
  const auto* group = std::get_if<Group>(&command);
  if (group == nullptr) return;
  lose_object();
  answer(group->id, group->atomic ? "Atomic" : "Sequence", group->atomic ? code::unsupported : code::ok);
  for (const Order& order : group->orders) {
    if (group->atomic) answer(order.id, name_of(order.verb), code::not_executed);
    else run(order, tree);
  }
}

void ClientSession::run(const Order& order, Tree& tree) {
  for (const Item& item : order.items) run_item(order, item, tree);
}

// A new command before the object is whole: what was gathered is thrown away and the server told.
void ClientSession::lose_object() {
  if (!object_.under_way()) return;
  waiting_.emplace_back(Alert{.code = alert::no_end_of_data, .items = {Item{.target = object_.uri()}}});
  object_.drop();
}

void ClientSession::run_item(const Order& order, const Item& item, Tree& tree) {
  const std::string& uri = item.target;
  const Meta meta = in_force(item.meta, order.meta);
  if (object_.under_way() && (uri != object_.uri() || order.verb != object_verb_)) lose_object();
  if (uri.empty()) return answer(order.id, name_of(order.verb), code::bad_request);
  if (order.verb == Verb::get && !item.more && !object_.under_way()) return get(order, uri, tree);
  const bool in_pieces = item.more || object_.under_way();
  const std::uint32_t result = in_pieces ? take_piece(order, item, meta, tree) : apply(order, uri, meta, item.data.value_or(""), tree);
  answer(order.id, name_of(order.verb), result, uri);
}

std::uint32_t ClientSession::take_piece(const Order& order, const Item& item, const Meta& meta, Tree& tree) {
  if (order.verb == Verb::get || order.verb == Verb::remove) return code::bad_request;
  object_verb_ = order.verb;
  const std::uint32_t taken = object_.take(item.target, item, meta);
  if (taken != code::ok) return taken;
  const std::string text = object_.release();
  return apply(order, item.target, meta, text, tree);
}

std::uint32_t ClientSession::apply(const Order& order, const std::string& uri, const Meta& meta, const std::string& text, Tree& tree) {
  if (order.verb == Verb::remove) return tree.remove(uri);
  if (text.size() > settings_.max_object) return code::too_large;
  const auto value = value_of(meta, text);
  if (!value) return code::bad_request;
  switch (order.verb) {
    case Verb::add: return tree.add(uri, *value);
    case Verb::replace: return tree.replace(uri, *value);
    case Verb::exec: return tree.exec(uri, *value);
    default: return code::not_allowed;
  }
}

void ClientSession::get(const Order& order, const std::string& uri, Tree& tree) {
  Tree::Got got = tree.get(uri);
  if (got.code != code::ok || !got.value) return answer(order.id, name_of(order.verb), got.code == code::ok ? code::failed : got.code, uri);
  const auto text = wire_text(*got.value);
  if (!text) return answer(order.id, name_of(order.verb), code::failed, uri);
  if (peer_object_ != 0 && text->size() > peer_object_) return answer(order.id, name_of(order.verb), code::too_large, uri);
  answer(order.id, name_of(order.verb), code::ok, uri);
  Item item{.source = uri, .data = *text};
  item.meta.format = got.value->format == "bin" ? "b64" : got.value->format;
  item.meta.type = got.value->type;
  waiting_.emplace_back(Results{.message = seen_, .command = order.id, .items = {std::move(item)}});
}

}  // namespace tf::dm
