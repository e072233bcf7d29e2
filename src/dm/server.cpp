#include "dm/server.hpp"

#include <algorithm>

namespace tf::dm {
namespace {

constexpr std::size_t kLeastPiece = 64;  // bytes; a message that has room for less waits for the next
constexpr std::size_t kOrderMarkup = 512;  // bytes; more than the elements around an order's URI and data
constexpr std::size_t kStatusMarkup = 512, kMessageMarkup = 1024;  // the same of a Status and of all the rest

// At most so many bytes: cheaper to know than the size itself.
std::size_t most_of(const Task& task, std::string_view text) {
  return kOrderMarkup + escaped_size(task.uri) + escaped_size(task.value.format) + escaped_size(task.value.type) + escaped_size(text);
}

// The same for a message of statuses alone, as each is before its tasks are in it.
std::size_t most_of(const Message& message) {
  const Header& header = message.header;
  std::size_t out = kMessageMarkup;
  for (const std::string* text : {&header.session, &header.target, &header.source, &header.source_name}) out += escaped_size(*text);
  for (const Command& command : message.commands) {
    const auto& status = std::get<CommandStatus>(command);
    out += kStatusMarkup + escaped_size(status.name) + escaped_size(status.target) + escaped_size(status.source);
    if (status.challenge) out += escaped_size(status.challenge->type) + 2 * status.challenge->nonce.size();
  }
  return out;
}

Order order_of(const Task& task, std::uint32_t id, const std::string& text) {
  Item item{.target = task.uri};
  const bool with_data = task.verb == Verb::add || task.verb == Verb::replace || (task.verb == Verb::exec && !text.empty());
  if (with_data) {
    item.meta.format = task.value.format == "bin" ? "b64" : task.value.format;
    item.meta.type = task.value.type;
    item.data = text;
  }
  return {.id = id, .verb = task.verb, .items = {std::move(item)}};
}

}  // namespace

ServerSession::ServerSession(ServerSettings settings, Nonces nonces) : settings_(std::move(settings)), nonces_(std::move(nonces)), proven_send_(nonces_.send) {}

Status ServerSession::push(Task task) {
  const bool good = task.uri.starts_with("./") && task.uri.size() <= 255 && std::ranges::all_of(task.uri, [](char each) { return each > 0x20 && each < 0x7F; });
  if (!good) return Error{Code::invalid, "dm.uri", task.uri};
  TF_TRY(wire_text(task.value));
  queue_.push_back(std::move(task));
  return {};
}

Result<ServerReply> ServerSession::reply() {
  if (last_out_) return ServerReply{*last_out_};
  if (!answering_) return Error{Code::conflict, "dm.nothing_to_answer", ""};
  ServerReply out;
  const Message message = TF_TRY(compose(out.unsent));
  out.message.body = TF_TRY(encode(message));
  out.message.mac = mac_header(settings_.server, nonces_.send, out.message.body);
  answering_ = false;
  last_out_ = out.message;
  return out;
}

// The Status of the device's header and of its commands.
void ServerSession::add_answers(Message& out) {
  std::uint32_t id = 0;
  CommandStatus header{.id = ++id, .message = answered_message_, .command = 0, .name = "SyncHdr", .target = settings_.server_uri, .source = settings_.device_uri, .code = header_code_};
  // Whoever failed twice gets no further nonce.
  if (header_code_ == code::ok || state_ != State::over) header.challenge = Challenge{std::string(kAuthMac), nonces_.expect};
  out.commands.emplace_back(std::move(header));
  for (CommandStatus& each : answers_) {
    each.id = ++id;
    each.message = answered_message_;
    out.commands.emplace_back(std::move(each));
  }
  answers_.clear();
}

Result<Message> ServerSession::compose(std::vector<Done>& unsent) {
  Message out;
  ++message_;
  out.header = {.session = settings_.session, .message = message_, .target = settings_.device_uri, .source = settings_.server_uri, .source_name = settings_.server.name};
  out.header.meta.max_message = settings_.max_message;
  out.header.meta.max_object = settings_.max_object;
  add_answers(out);
  const auto next_id = [&] { return static_cast<std::uint32_t>(out.commands.size() + 1); };
  const bool refused = state_ == State::setup && header_code_ != code::ok;
  if (state_ == State::over || refused || aborting_) {
    if (aborting_) out.commands.emplace_back(Alert{.id = next_id(), .code = alert::abort});
    if (!refused) state_ = State::over;
    out.final = true;
    return out;
  }
  if (!final_in_ && !package_open_) {  // the device has more to say
    alerts_sent_.emplace_back(message_, next_id());
    out.commands.emplace_back(Alert{.id = next_id(), .code = alert::next_message});
    return out;
  }
  TF_CHECK(fill(out, unsent));
  out.final = !large_;
  package_open_ = !out.final;
  if (out.final && sent_.empty()) state_ = State::over;
  return out;
}

Result<std::size_t> ServerSession::size_of(const Message& message) const { return TF_TRY(encode(message)).size(); }

Status ServerSession::fill(Message& out, std::vector<Done>& unsent) {
  const std::size_t most = std::min(settings_.max_message, peer_message_ == 0 ? settings_.max_message : peer_message_);
  if (large_) return add_piece(out);
  if (queue_.empty()) return {};
  std::size_t size = most_of(out);  // at most
  while (!queue_.empty() && (sent_.empty() || queue_.front().together)) {
    Task& task = queue_.front();
    const std::string text = TF_TRY(wire_text(task.value));
    const bool skipped = task.only_after_good && !last_good_;
    if (skipped || (peer_object_ != 0 && text.size() > peer_object_)) {
      unsent.push_back({task.tag, skipped ? code::not_executed : code::too_large, std::nullopt});
      last_good_ = false;
      queue_.pop_front();
      continue;
    }
    const auto id = static_cast<std::uint32_t>(out.commands.size() + 1);
    out.commands.emplace_back(order_of(task, id, text));
    size += most_of(task, text);
    if (size > most) size = TF_TRY(size_of(out));
    if (size > most) {
      out.commands.pop_back();
      if (!sent_.empty()) break;
      large_ = Large{.task = std::move(task), .text = text};
      queue_.pop_front();
      return add_piece(out);
    }
    sent_.push_back({.message = message_, .command = id, .task = std::move(task), .piece = false, .result = Assembly(settings_.max_object)});
    queue_.pop_front();
  }
  return {};
}

Status ServerSession::add_piece(Message& out) {
  const std::size_t most = std::min(settings_.max_message, peer_message_ == 0 ? settings_.max_message : peer_message_);
  const auto id = static_cast<std::uint32_t>(out.commands.size() + 1);
  Order order = order_of(large_->task, id, " ");
  Item& item = order.items.front();
  const std::string_view rest = std::string_view(large_->text).substr(large_->sent);
  if (large_->sent == 0) item.meta.size = large_->text.size();
  item.more = true;
  out.commands.emplace_back(order);
  const std::size_t used = TF_TRY(size_of(out)) + sizeof("<Final/>");
  if (used + kLeastPiece > most) return Error{Code::malformed, "dm.message_size", ""};
  const std::string_view piece = fitting(rest, most - used);
  const bool last = piece.size() == rest.size();
  item.data = std::string(piece);
  item.more = !last;
  out.commands.back() = std::move(order);
  large_->sent += piece.size();
  Task task = last ? std::move(large_->task) : Task{.tag = large_->task.tag, .verb = large_->task.verb, .uri = large_->task.uri};
  sent_.push_back({.message = message_, .command = id, .task = std::move(task), .piece = !last, .result = Assembly(settings_.max_object)});
  if (last) large_.reset();
  return {};
}

}  // namespace tf::dm
