#include "platform/rki/service.hpp"

#include "crypto/digest.hpp"
#include "platform/rki/alarms.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

const Error kBeginAgain{Code::conflict, "rki.session_unknown", "no such conversation here: it ended, or the server restarted"};
constexpr int kAttempts = 3;  // when the writes of a step meet a conflict

const wire::Dsn* dsn_of(const rki::PlatformState& state) {
  if (const auto* proof = std::get_if<rki::ExpectProof>(&state)) return &proof->dsn;
  if (const auto* token = std::get_if<rki::ExpectToken>(&state)) return &token->dsn;
  if (const auto* receipt = std::get_if<rki::ExpectReceipt>(&state)) return &receipt->dsn;
  return nullptr;
}

}  // namespace

RkiService::RkiService(store::Database& database, audit::Trail& trail, audit::RefusalSampler& sampler,
                       rki::PlatformPorts ports, metrics::Registry& metrics, RkiSettings settings)
    : database_(database), trail_(trail), refusals_(database, trail, ports.clock, sampler), ports_(ports), settings_(std::move(settings)),
      conversations_(ports.clock, settings_.conversations, settings_.conversation_life_ms),
      downloads_(metrics.counter("trustferry_rki_downloads_total", "Passes confirmed by a receipt")),
      keys_delivered_(metrics.counter("trustferry_rki_deliveries_total", "Deliveries committed")),
      refused_(metrics.counter("trustferry_rki_refusals_total", "Messages refused")),
      alarms_(metrics.counter("trustferry_rki_alarms_total", "What should not happen to an honest terminal")) {}

RkiService::~RkiService() { refusals_.drain(); }

// One message on its way to its reply.
struct RkiService::Message {
  std::string route;
  std::string body;
  rki::SessionId session{};
  Hash256 hash{};
  Reply reply;
  std::optional<Table::Turn> turn{};
  rki::PlatformStep step{};
  rki::Snapshot snapshot{};  // what a token's step stood on
  int attempt = 0;
};

void RkiService::handle(const std::string& route, const wire::HttpRequest& request, Reply reply) {
  if (route != "hello") {
    message(std::make_unique<Message>(Message{.route = route, .body = request.body, .reply = std::move(reply)}));
    return;
  }
  std::string subject;
  auto answer = hello(request.body, subject);
  if (!answer) record_refusal(route, subject, answer.error());
  reply(std::move(answer));
}

Result<std::string> RkiService::hello(const std::string& body, std::string& subject) {
  const rki::Hello hello = TF_TRY(rki::decode_hello(body));
  subject = hello.dsn.text();
  rki::Snapshot snapshot;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    snapshot = TF_TRY(load_snapshot(session, hello.dsn));
    if (!snapshot.terminal) return {};
    if (const auto suite = rki::choose_suite(hello, *snapshot.terminal))
      snapshot.dik1 = TF_TRY(load_dik1(session, hello.dsn, *suite));
    return {};
  }));
  auto step = TF_TRY(rki::on_hello(hello, body, snapshot, ports_));
  const auto& next = std::get<rki::ExpectProof>(step.next);
  const rki::SessionId session = next.session;
  snapshot.dik1.reset();  // the step took it along
  TF_CHECK(conversations_.open(session, subject, {std::move(step.next), std::move(snapshot)}));
  return std::move(step.reply);
}

void RkiService::message(Pending message) {
  const auto refuse = [this](Message& refused, const std::string& subject, const Error& error) {
    record_refusal(refused.route, subject, error);
    refused.reply(error);
  };
  const auto session = rki::session_of(message->body);
  if (!session) return refuse(*message, {}, session.error());
  message->session = *session;
  const auto conversation = conversations_.find(*session);
  if (!conversation) return refuse(*message, {}, kBeginAgain);
  message->hash = crypto::sha256({as_bytes(message->route), as_bytes(message->body)});
  // Shared for the time of the call: a busy conversation gives the message back.
  const auto held = std::make_shared<Pending>(std::move(message));
  const Status taken = conversations_.take_turn(conversation, [this, held](Table::Turn turn) {
    Pending ours = std::move(*held);
    ours->turn.emplace(std::move(turn));
    advance(std::move(ours));
  });
  if (!taken) refuse(**held, conversation->subject, taken.error());
}

// With the turn: the reply given before, or a step and what it has to write.
void RkiService::advance(Pending message) {
  auto& conversation = **message->turn;
  if (conversation.superseded)
    return conclude(std::move(message), Error{Code::conflict, "rki.superseded", "a newer conversation of this terminal proved itself"});
  if (!conversation.last_reply.empty() && message->hash == conversation.last_request) {
    message->step.reply = conversation.last_reply;
    message->turn->end();
    return message->reply(std::move(message->step.reply));
  }
  auto step = next_step(*message, conversation.state);
  if (!step) return conclude(std::move(message), step.error());
  message->step = std::move(*step);
  if (message->step.writes.action.empty()) return conclude(std::move(message), {});
  commit(std::move(message));
}

// Keys are made on the ground of what the hello read: nearly always it still holds, and the write looks again before it
// writes. A conflict there, or a refusal here, is decided on a snapshot of now.
Result<rki::PlatformStep> RkiService::next_step(Message& message, const Talk& talk) {
  const auto try_on = [&](rki::Snapshot snapshot) {
    if (snapshot.terminal) snapshot.plan = settings_.plan_for_group(snapshot.terminal->group);
    message.snapshot = std::move(snapshot);
    return rki::step(talk.state, message.route, message.body, message.snapshot, ports_);
  };
  const auto* token = std::get_if<rki::ExpectToken>(&talk.state);
  if (token == nullptr) return rki::step(talk.state, message.route, message.body, {}, ports_);
  if (message.attempt == 0) {
    if (auto step = try_on(talk.known)) return step;
  }
  return try_on(TF_TRY(fresh_snapshot(token->dsn)));
}

void RkiService::commit(Pending message) {
  ++message->attempt;
  Message& at = *message;
  const wire::Dsn* dsn = dsn_of((*at.turn)->state.state);
  const bool on_snapshot = std::holds_alternative<rki::ExpectToken>((*at.turn)->state.state);
  const std::int64_t now = ports_.clock.now_ms();
  database_.write_async(
      [this, &at, dsn, now, on_snapshot](store::Session& session) -> Status {
        if (on_snapshot) TF_CHECK(check_unchanged(session, *dsn, at.snapshot));
        TF_CHECK(perform(session, *dsn, at.step.writes, now, settings_.grace_ms));
        return trail_.append(session, {.at_ms = now, .actor = "terminal:" + dsn->text(), .action = at.step.writes.action,
                                       .subject = dsn->text(), .outcome = audit::Outcome::accepted, .reason = "",
                                       .detail = at.step.writes.detail});
      },
      [this, message = std::move(message)](Status committed) mutable {
        const bool overtaken = !committed && committed.error().code == Code::conflict;
        if (overtaken && message->attempt < kAttempts) return advance(std::move(message));
        conclude(std::move(message), std::move(committed));
      });
}

// Commit came first; now the conversation moves on, lets the next message in, and speaks.
void RkiService::conclude(Pending message, Status outcome) {
  auto& conversation = **message->turn;
  rki::PlatformStep& step = message->step;
  if (outcome) {
    if (message->route == "token") conversations_.proved(message->turn->handle());
    if (std::holds_alternative<rki::Ended>(step.next)) conversations_.finish(message->session);
    if (step.writes.delivers) keys_delivered_.add();
    if (step.writes.activates) downloads_.add();
    if (!std::holds_alternative<rki::ExpectToken>(step.next)) conversation.state.known = {};  // the token was its one use
    conversation.state.state = std::move(step.next);
    conversation.last_request = message->hash;
    conversation.last_reply = step.reply;
  } else {
    record_refusal(message->route, conversation.subject, outcome.error(), alarm_of(*message, outcome.error()));
    // A peer that fails its proof has one try; weather (database, overload) leaves the conversation as it was.
    if (outcome.error().code == Code::refused || outcome.error().code == Code::malformed) conversation.state = {};
  }
  if (conversation.superseded) conversation.state = {};
  message->turn->end();
  if (outcome) return message->reply(std::move(step.reply));
  message->reply(outcome.error());
}

Result<rki::Snapshot> RkiService::fresh_snapshot(const wire::Dsn& dsn) {
  rki::Snapshot out;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    out = TF_TRY(load_snapshot(session, dsn));
    return {};
  }));
  return out;
}

void RkiService::record_refusal(const std::string& route, const std::string& subject, const Error& error, store::WriteFn also) {
  refused_.add();
  refusals_.record({"rki." + route, subject, error}, std::move(also));
}

// A second device proved itself for this serial: one of the two is false.
store::WriteFn RkiService::alarm_of(Message& message, const Error& error) {
  if (std::string_view(error.reason) != kOtherDeviceKey) return {};
  alarms_.add();
  const auto& token = std::get<rki::ExpectToken>((*message.turn)->state.state);
  return [alarm = RkiAlarm{.id = wire::hex_lower(ports_.random.array<8>()), .at_ms = ports_.clock.now_ms(), .kind = "other_device_key",
                           .dsn = token.dsn.text(), .device_key = token.device_key, .remembered = message.snapshot.terminal->device_key,
                           .state = "open"}](store::Session& session) { return raise_rki_alarm(session, alarm); };
}

}  // namespace tf::platform
