// What the device's messages bring.
#include <algorithm>

#include "crypto/digest.hpp"
#include "dm/server.hpp"

namespace tf::dm {
namespace {

constexpr std::uint32_t kLeastAnswer = 2'048;  // bytes; less holds no answer to package 1
constexpr std::size_t kMostDeviceInfo = 64;

Error malformed_message(const char* reason, std::string detail = {}) { return {Code::malformed, reason, std::move(detail)}; }

Hash256 fingerprint(const Envelope& in) { return crypto::sha256({as_bytes(in.mac), as_bytes("\n"), as_bytes(in.body)}); }

}  // namespace

Result<Received> ServerSession::receive(const Envelope& in, Random& random, const Message* read) {
  const Hash256 print = fingerprint(in);
  if (last_in_ == print) return Received{.repeated = true};
  if (state_ == State::over) return Error{Code::conflict, "dm.session_over", settings_.session};
  const bool known = read != nullptr && in.body.size() <= settings_.max_message;
  const std::optional<Message> own = known ? std::nullopt : std::optional(TF_TRY(decode(in.body, {.bytes = settings_.max_message})));
  const Message& message = known ? *read : *own;
  TF_CHECK(addressed(message.header));
  const Proof proof = prove(in, settings_.device, nonces_.expect);
  auto out = proof == Proof::good ? authentic(message, random) : not_authentic(message, proof, random);
  if (!out && proof == Proof::good) {
    state_ = State::over;
    last_in_.reset();
    last_out_.reset();
    answering_ = false;
  }
  if (!out) return out;
  answering_ = true;
  last_in_ = print;
  last_out_.reset();
  answered_message_ = message.header.message;
  return out;
}

Status ServerSession::addressed(const Header& header) const {
  const bool ours = header.session == settings_.session && header.target == settings_.server_uri && header.source == settings_.device_uri &&
                    (header.source_name.empty() || header.source_name == settings_.device.name);
  if (!ours) return Error{Code::refused, "dm.other_session", header.source};
  return {};
}

Result<Received> ServerSession::not_authentic(const Message& message, Proof proof, Random& random) {
  if (state_ != State::setup) return Error{Code::refused, "dm.not_authentic", settings_.device_uri};
  TF_CHECK(take_sizes(message.header));
  header_code_ = proof == Proof::missing ? code::credentials_missing : code::unauthorised;
  answers_.clear();
  for (const Command& each : message.commands) {
    if (const auto* order = std::get_if<Order>(&each)) answer(order->id, name_of(order->verb), header_code_);
    if (const auto* alert = std::get_if<Alert>(&each)) answer(alert->id, "Alert", header_code_);
  }
  // The nonce it gives is for this session's next message only; what is stored stays as it is.
  for (const Command& each : message.commands)
    if (const auto* status = std::get_if<CommandStatus>(&each); status != nullptr && status->challenge && status->challenge->nonce.size() >= kNonceSize)
      nonces_.send = status->challenge->nonce;
  if (challenged_) state_ = State::over;
  else nonces_.expect = new_nonce(random);
  challenged_ = true;
  final_in_ = message.final;
  return Received{};
}

Status ServerSession::take_sizes(const Header& header) {
  if (header.meta.max_message) peer_message_ = *header.meta.max_message;
  if (header.meta.max_object) peer_object_ = *header.meta.max_object;
  if (peer_message_ != 0 && peer_message_ < kLeastAnswer) return malformed_message("dm.message_size");
  return {};
}

Result<Received> ServerSession::authentic(const Message& message, Random& random) {
  if (message.header.message <= seen_) return Error{Code::conflict, "dm.message_order", ""};
  seen_ = message.header.message;
  TF_CHECK(take_sizes(message.header));
  header_code_ = code::ok;
  answers_.clear();
  final_in_ = message.final;
  Received out{.authentic = true};
  const bool taken = TF_TRY(header_status(message));
  if (!taken) requeue();
  for (const Command& command : message.commands)
    if (taken || !std::holds_alternative<CommandStatus>(command)) TF_CHECK(take(command, out));
  if (out.aborted) {
    state_ = State::over;
  } else if (state_ == State::setup) {
    note_package_1(message, out);
    if (final_in_ && !(alert_seen_ && information_seen_)) return malformed_message("dm.package_1");
    if (final_in_) state_ = State::management;
  } else if (final_in_ && !package_open_ && !sent_.empty()) {
    return malformed_message("dm.unanswered", sent_.front().task.uri);
  }
  nonces_.expect = new_nonce(random);
  out.store = Nonces{proven_send_, nonces_.expect};
  return out;
}

// What the device says about our last message: taken, or proved wrongly. A nonce that it gives is the next to prove with.
Result<bool> ServerSession::header_status(const Message& message) {
  const CommandStatus* found = nullptr;
  for (const Command& each : message.commands)
    if (const auto* status = std::get_if<CommandStatus>(&each); status != nullptr && status->command == 0) {
      if (found != nullptr || status->name != "SyncHdr" || status->message != message_) return malformed_message("dm.unknown_reference", "SyncHdr");
      found = status;
    }
  if (found == nullptr) {
    if (message_ == 0) return true;  // the first message has nothing to say about
    return malformed_message("dm.header_unanswered");
  }
  if (found->challenge && found->challenge->nonce.size() >= kNonceSize) nonces_.send = proven_send_ = found->challenge->nonce;
  if (found->code == code::ok || found->code == code::authenticated) return accepted_ = true;
  const bool asked = (found->code == code::unauthorised || found->code == code::credentials_missing) && found->challenge && found->challenge->type == kAuthMac;
  if (!asked || accepted_ || refused_by_device_) return Error{Code::refused, "dm.device_refuses_us", std::to_string(found->code)};
  refused_by_device_ = true;
  return false;
}

Status ServerSession::take(const Command& command, Received& out) {
  if (const auto* status = std::get_if<CommandStatus>(&command)) return status->command == 0 ? Status() : take_status(*status, out);
  if (const auto* results = std::get_if<Results>(&command)) return take_results(*results, out);
  if (const auto* alert = std::get_if<Alert>(&command)) return take_alert(*alert, out), Status();
  if (const auto* order = std::get_if<Order>(&command)) return take_order(*order, out), Status();
  if (const auto* group = std::get_if<Group>(&command)) answer(group->id, group->atomic ? "Atomic" : "Sequence", code::unsupported);
  if (const auto* other = std::get_if<Unsupported>(&command)) answer(other->id, other->name, code::unsupported);
  return {};
}

Status ServerSession::take_status(const CommandStatus& status, Received& out) {
  if (std::erase(alerts_sent_, std::pair(status.message, status.command)) > 0) return {};
  if (status.name == "Results") return {};
  const auto found = std::ranges::find_if(sent_, [&](const Sent& each) { return each.message == status.message && each.command == status.command; });
  if (found == sent_.end() || found->code || status.name != name_of(found->task.verb)) return malformed_message("dm.unknown_reference", status.name);
  found->code = status.code;
  if (found->piece) {
    if (status.code != code::chunk_accepted) {
      large_.reset();
      done(found->task, code::good(status.code) ? code::failed : status.code, std::nullopt, out);
    }
    sent_.erase(found);
    return {};
  }
  finish(*found, out);
  return {};
}

// A Get is done when its Status and, if that is good, its value are here; in either order.
void ServerSession::finish(Sent& sent, Received& out) {
  if (!sent.code || (sent.task.verb == Verb::get && *sent.code == code::ok && !sent.value)) return;
  done(sent.task, *sent.code, std::move(sent.value), out);
  const auto same = [&](const Sent& each) { return &each == &sent; };
  sent_.erase(std::ranges::find_if(sent_, same));
}

void ServerSession::done(Task& task, std::uint32_t code, std::optional<Value> value, Received& out) {
  last_good_ = code::good(code);
  out.done.push_back({task.tag, code, std::move(value)});
}

Status ServerSession::take_results(const Results& results, Received& out) {
  const auto found = std::ranges::find_if(sent_, [&](const Sent& each) { return each.message == results.message && each.command == results.command; });
  if (found == sent_.end() || found->task.verb != Verb::get || found->value || results.items.size() != 1) return malformed_message("dm.results");
  const Item& item = results.items.front();
  const std::string& uri = item.source.empty() ? results.source : item.source;
  if (!uri.empty() && uri != found->task.uri) return malformed_message("dm.results", uri);
  const Meta meta = in_force(item.meta, results.meta);
  if (!item.more && !found->result.under_way()) {
    if (item.data.value_or("").size() > settings_.max_object) return malformed_message("dm.results", "too large");
    found->value = TF_TRY(value_of(meta, item.data.value_or("")));
  } else {
    const std::uint32_t code = found->result.take(found->task.uri, item, meta);
    if (code == code::chunk_accepted) answer(results.id, "Results", code);
    if (!code::good(code)) return malformed_message("dm.results", std::to_string(code));
    if (code == code::ok) found->value = TF_TRY(value_of(meta, found->result.release()));
  }
  finish(*found, out);
  return {};
}

void ServerSession::take_alert(const Alert& alert, Received& out) {
  answer(alert.id, "Alert", code::ok);
  if (alert.code == alert::abort) out.aborted = true;
  if (alert.code == alert::client_event || alert.code == alert::generic) out.alerts.push_back({alert.code, alert.items});
  if (alert.code != alert::no_end_of_data) return;
  // The device lost the thread of what we sent in pieces: that object is not there.
  if (large_) {
    done(large_->task, alert::no_end_of_data, std::nullopt, out);
    large_.reset();
  }
}

void ServerSession::take_order(const Order& order, Received& out) {
  const auto known = [](const Item& item) { return item.source.starts_with("./DevInfo/") && item.data && !item.more; };
  const bool information = order.verb == Verb::replace && order.items.size() <= kMostDeviceInfo && std::ranges::all_of(order.items, known);
  answer(order.id, name_of(order.verb), information ? code::ok : code::not_allowed);
  if (!information) return;
  for (const Item& item : order.items) out.device[item.source] = *item.data;
}

void ServerSession::note_package_1(const Message& message, const Received& out) {
  const auto begins = [](const Command& each) {
    const auto* alert = std::get_if<Alert>(&each);
    return alert != nullptr && (alert->code == alert::server_initiated || alert->code == alert::client_initiated);
  };
  alert_seen_ = alert_seen_ || std::ranges::any_of(message.commands, begins);
  information_seen_ = information_seen_ || out.device.contains("./DevInfo/DevId");
}

// Our message was not taken: what it held goes out again, in its order.
void ServerSession::requeue() {
  if (large_) {
    std::erase_if(sent_, [](const Sent& each) { return each.piece; });
    queue_.push_front(std::move(large_->task));
    large_.reset();
  }
  for (auto each = sent_.rbegin(); each != sent_.rend(); ++each) queue_.push_front(std::move(each->task));
  sent_.clear();
  alerts_sent_.clear();
  package_open_ = false;
}

void ServerSession::answer(std::uint32_t id, std::string_view name, std::uint32_t code) {
  answers_.push_back({.message = 0, .command = id, .name = std::string(name), .code = code});
}

}  // namespace tf::dm
