// Requests and their replies; signing on, keys and echoes are in line_service.cpp.
#include "frontends/card/line.hpp"

#include "frontends/card/requests.hpp"

namespace tf::frontends::card {
namespace {

constexpr int kBadMacLimit = 3;

bool is_network(const std::string& mti) { return mti[1] == '8'; }

net::LinkOptions with_framing(net::LinkOptions link, const Profile& profile) {
  link.framing = profile.framing;
  return link;
}

}  // namespace

std::string_view name_of(Incident::Kind kind) {
  constexpr std::string_view kNames[] = {"malformed",       "no_mac",       "bad_mac",      "unmatched", "misfit",     "late_approval", "late_reply",
                                         "unexpected",      "sign_on_refused", "keys_refused", "keys_changed", "echo_lost", "in_service",    "line_down"};
  return kNames[static_cast<std::size_t>(kind)];
}

Line::Line(const Profile& profile, net::LinkOptions link, KeyRing& keys, const Clock& clock, Watch watch)
    : profile_(profile), keys_(keys), clock_(clock), watch_(std::move(watch)),
      link_(with_framing(std::move(link), profile), {.up = [this] { on_up(); }, .frame = [this](ByteView bytes) { on_frame(bytes); },
                                                     .down = [this](const Error& why) { on_down(why); }}) {}

Status Line::start() {
  timers_.start();
  TF_CHECK(link_.start());
  timers_.after(profile_.echo_interval, [this] { tick(); });
  return {};
}

void Line::stop() {
  link_.stop();
  timers_.stop();
  give_up_all("stopped");
}

bool Line::healthy() const { return in_service_ && echoes_lost_ == 0 && unanswered_ < kUnansweredLimit; }

void Line::note(Incident::Kind kind, std::string transaction, std::string detail) {
  if (watch_) watch_({kind, std::move(transaction), std::move(detail)});
}

void Line::ask(const Message& request, std::string transaction, std::int64_t generation, Answered answered) {
  if (!in_service_) return answered({.kind = Answer::Kind::not_sent, .code = "out_of_service", .additional = {}});
  const auto bytes = encode_with_mac(request.clone(), profile_.coding, [&](ByteView data) { return keys_.mac(data, generation); });
  if (!bytes) return answered({.kind = Answer::Kind::not_sent, .code = bytes.error().reason, .additional = {}});
  dispatch(request, bytes->reveal(), std::move(transaction), profile_.reply_timeout, std::move(answered));
}

void Line::dispatch(const Message& request, ByteView bytes, std::string transaction, std::chrono::milliseconds timeout, Answered answered) {
  const std::string key = match_key(request);
  Waiting waiting{.id = 0, .expected = expected_of(request), .transaction = std::move(transaction), .answered = std::move(answered)};
  const auto id = pending_.add(key, std::move(waiting));
  if (!id) return waiting.answered({.kind = Answer::Kind::none, .code = "in_progress", .additional = {}});
  timers_.after(timeout, [this, key, id = *id] { expire(key, id); });
  if (const Status sent = link_.send(bytes); !sent) {
    // Not taken whole: no host acts on a part of a frame.
    if (auto unsent = pending_.take(key, *id)) unsent->answered({.kind = Answer::Kind::not_sent, .code = sent.error().reason, .additional = {}});
  }
}

void Line::expire(const std::string& key, std::uint64_t id) {
  auto waiting = pending_.take(key, id);
  if (!waiting) return;
  if (!is_network(waiting->expected.mti)) {
    pending_.remember_late(key, waiting->transaction);
    ++unanswered_;
  }
  waiting->answered({.kind = Answer::Kind::none, .code = "timeout", .additional = {}});
}

void Line::give_up_all(const char* why) {
  for (auto& [key, waiting] : pending_.take_all()) {
    if (!is_network(waiting.expected.mti)) pending_.remember_late(key, waiting.transaction);
    waiting.answered({.kind = Answer::Kind::none, .code = why, .additional = {}});
  }
}

void Line::on_frame(ByteView bytes) {
  const Result<Message> message = decode(bytes, profile_.coding);
  if (!message) return note(Incident::Kind::malformed, {}, describe(message.error()));
  if (is_request(message->mti())) return on_request(*message);
  on_reply(*message, bytes);
}

bool Line::believed(const Message& reply, ByteView bytes) {
  const auto parts = mac_of(reply, bytes);
  if (!parts) {
    note(Incident::Kind::no_mac, {}, reply.mti());
    return false;
  }
  if (const Status status = keys_.verify(parts->data, parts->mac); !status) {
    note(Incident::Kind::bad_mac, {}, status.error().reason);
    if (++bad_macs_ % kBadMacLimit == 0) exchange_keys();
    return false;
  }
  bad_macs_ = 0;
  return true;
}

void Line::on_reply(const Message& reply, ByteView bytes) {
  if (!is_network(reply.mti()) && !believed(reply, bytes)) return;
  const std::string key = match_key(reply);
  auto waiting = pending_.take(key);
  if (!waiting) return on_stray(key, reply);
  unanswered_ = 0;
  if (const auto what = misfit(waiting->expected, reply)) {
    note(Incident::Kind::misfit, waiting->transaction, std::string(*what));
    return waiting->answered({.kind = Answer::Kind::strange, .code = std::string(*what), .additional = {}});
  }
  waiting->answered({.kind = Answer::Kind::reply, .code = std::string(reply.text(f::response)), .additional = std::string(reply.text(f::additional))});
}

// Its payment was given up, and is undone by a reversal: what the host says now changes nothing.
void Line::on_stray(const std::string& key, const Message& reply) {
  const auto transaction = pending_.take_late(key);
  const std::string code(reply.text(f::response));
  if (!transaction) return note(Incident::Kind::unmatched, {}, reply.mti());
  const bool approval = reply.mti() == "0210" && payment_verdict(code) == Verdict::done;
  note(approval ? Incident::Kind::late_approval : Incident::Kind::late_reply, *transaction, code);
}

}  // namespace tf::frontends::card
