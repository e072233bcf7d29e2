#include "dm/client.hpp"

#include <algorithm>

namespace tf::dm {
namespace {

constexpr std::size_t kLeastMessage = 2'048;

const CommandStatus* header_status(const Message& message, std::uint32_t about) {
  for (const Command& each : message.commands)
    if (const auto* status = std::get_if<CommandStatus>(&each); status != nullptr && status->command == 0 && status->message == about && status->name == "SyncHdr")
      return status;
  return nullptr;
}

bool proof_wanted(const CommandStatus& status) { return status.code == code::unauthorised || status.code == code::credentials_missing; }
bool has_nonce(const CommandStatus& status) {
  return status.challenge && status.challenge->type == kAuthMac && status.challenge->nonce.size() >= kNonceSize;
}

}  // namespace

ClientSession::ClientSession(ClientSettings settings, Nonces nonces)
    : settings_(std::move(settings)), nonces_(std::move(nonces)), proven_send_(nonces_.send), object_(settings_.max_object) {}

void ClientSession::package_1() {
  const DeviceInfo& info = settings_.info;
  Order order{.verb = Verb::replace};
  for (const auto& [name, value] : {std::pair{"DevId", &info.device_id}, {"Man", &info.manufacturer}, {"Mod", &info.model}, {"DmV", &info.dm_version}, {"Lang", &info.language}}) {
    Item item{.source = std::string("./DevInfo/") + name, .data = *value};
    item.meta.format = "chr";
    item.meta.type = "text/plain";
    order.items.push_back(std::move(item));
  }
  waiting_.emplace_back(Alert{.code = opening_});
  waiting_.emplace_back(std::move(order));
}

Result<Envelope> ClientSession::start(std::string session, bool by_server) {
  if (state_ != State::fresh) return Error{Code::conflict, "dm.session_over", session_};
  session_ = std::move(session);
  opening_ = by_server ? alert::server_initiated : alert::client_initiated;
  state_ = State::begun;
  package_1();
  return compose();
}

Status ClientSession::addressed(const Header& header) const {
  const bool ours = header.session == session_ && header.target == settings_.device_uri && header.source == settings_.server_uri &&
                    (header.source_name.empty() || header.source_name == settings_.server.name);
  if (!ours) return Error{Code::refused, "dm.other_session", header.source};
  return {};
}

Result<ClientStep> ClientSession::handle(const Envelope& in, Tree& tree, Random& random) {
  if (state_ == State::fresh || state_ == State::over) return Error{Code::conflict, "dm.session_over", session_};
  const Message message = TF_TRY(decode(in.body, {.bytes = settings_.max_message}));
  TF_CHECK(addressed(message.header));
  const Proof proof = prove(in, settings_.server, nonces_.expect);
  if (proof != Proof::good) return not_authentic(message, proof, random);
  auto out = authentic(message, tree, random);
  if (!out || !out->reply) state_ = State::over;
  return out;
}

Result<ClientStep> ClientSession::not_authentic(const Message& message, Proof proof, Random& random) {
  const Error refused{Code::refused, "dm.not_authentic", settings_.server_uri};
  if (state_ == State::trusted) return refused;
  const CommandStatus* about_us = header_status(message, message_);
  const bool asked = about_us != nullptr && proof_wanted(*about_us) && has_nonce(*about_us);
  const bool commands = std::ranges::any_of(message.commands, [](const Command& each) { return !std::holds_alternative<CommandStatus>(each); });
  // Who fails twice, and who wants nothing that a proof would help, is left.
  if (server_challenged_ || (asked && we_were_challenged_) || (!asked && !commands)) {
    state_ = State::over;
    return refused;
  }
  server_challenged_ = true;
  if (about_us != nullptr && has_nonce(*about_us)) nonces_.send = about_us->challenge->nonce;  // for our next message only
  const std::uint32_t code = proof == Proof::missing ? code::credentials_missing : code::unauthorised;
  nonces_.expect = new_nonce(random);
  header_ = CommandStatus{.message = message.header.message, .name = "SyncHdr", .target = settings_.device_uri, .source = settings_.server_uri,
                          .challenge = Challenge{std::string(kAuthMac), nonces_.expect}, .code = code};
  waiting_.clear();
  answer_all(message, code);
  if (asked) {
    we_were_challenged_ = true;
    package_1();
  }
  server_final_ = true;
  return ClientStep{.reply = TF_TRY(compose())};  // where an unproved server wants the answer does not count
}

void ClientSession::answer_all(const Message& message, std::uint32_t code) {
  for (const Command& each : message.commands) {
    if (const auto* order = std::get_if<Order>(&each)) answer(order->id, name_of(order->verb), code);
    if (const auto* group = std::get_if<Group>(&each)) answer(group->id, group->atomic ? "Atomic" : "Sequence", code);
    if (const auto* other = std::get_if<Unsupported>(&each)) answer(other->id, other->name, code);
    if (const auto* alert = std::get_if<Alert>(&each)) answer(alert->id, "Alert", code);
  }
  for (Command& each : waiting_)
    if (auto* status = std::get_if<CommandStatus>(&each)) status->message = message.header.message;
}

Result<bool> ClientSession::challenged(const Message& message) {
  const CommandStatus* about_us = header_status(message, message_);
  if (about_us == nullptr) return Error{Code::malformed, "dm.header_unanswered", ""};
  if (has_nonce(*about_us)) nonces_.send = proven_send_ = about_us->challenge->nonce;
  if (code::good(about_us->code)) return false;
  if (!proof_wanted(*about_us) || !has_nonce(*about_us) || we_were_challenged_ || state_ == State::trusted)
    return Error{Code::refused, "dm.server_refuses_us", std::to_string(about_us->code)};
  return we_were_challenged_ = true;
}

Result<ClientStep> ClientSession::authentic(const Message& message, Tree& tree, Random& random) {
  if (message.header.message <= seen_) return Error{Code::conflict, "dm.message_order", ""};
  seen_ = message.header.message;
  const Meta& bounds = message.header.meta;
  if (bounds.max_message) peer_message_ = *bounds.max_message;
  if (bounds.max_object) peer_object_ = *bounds.max_object;
  if (peer_message_ != 0 && peer_message_ < kLeastMessage) return Error{Code::malformed, "dm.message_size", ""};
  const bool again = TF_TRY(challenged(message));
  const auto is_alert = [](const Command& each, std::uint32_t code) {
    const auto* alert = std::get_if<Alert>(&each);
    return alert != nullptr && alert->code == code;
  };
  ClientStep out{.respond_to = message.header.respond_to};
  proved_ = true;
  out.store = Nonces{proven_send_, nonces_.expect};
  out.aborted = std::ranges::any_of(message.commands, [&](const Command& each) { return is_alert(each, alert::abort); });
  if (out.aborted) return out;
  const bool asks_for_more = std::ranges::any_of(message.commands, [&](const Command& each) { return is_alert(each, alert::next_message); });
  if (again) {
    waiting_.clear();
    answer_all(message, code::unauthorised);
    package_1();
  } else {
    state_ = State::trusted;
    for (const Command& each : message.commands) run(each, tree);
  }
  if (!asks_for_more) server_final_ = message.final;
  if (server_final_ && waiting_.empty() && !asks_for_more) return out;
  nonces_.expect = new_nonce(random);
  out.store->expect = nonces_.expect;
  header_ = CommandStatus{.message = seen_, .name = "SyncHdr", .target = settings_.device_uri, .source = settings_.server_uri,
                          .challenge = Challenge{std::string(kAuthMac), nonces_.expect}, .code = code::ok};
  out.reply = TF_TRY(compose());
  return out;
}

}  // namespace tf::dm
