#include "platform/rki_service.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "crypto/digest.hpp"

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

RkiService::RkiService(store::Database& database, audit::Trail& trail, audit::RefusalSampler& refusals,
                       rki::PlatformPorts ports, metrics::Registry& metrics, RkiSettings settings)
    : database_(database), trail_(trail), refusals_(refusals), ports_(ports), settings_(std::move(settings)),
      conversations_(ports.clock, settings_.conversations, settings_.conversation_life_ms),
      downloads_(metrics.counter("trustferry_rki_downloads_total", "Passes confirmed by a receipt")),
      keys_delivered_(metrics.counter("trustferry_rki_deliveries_total", "Deliveries committed")),
      refused_(metrics.counter("trustferry_rki_refusals_total", "Messages refused")) {}

// Writes are done in order: behind this empty one, no refusal is waiting that would still use the trail.
RkiService::~RkiService() {
  if (const Status drained = database_.write([](store::Session&) -> Status { return {}; }); !drained)
    log::warn("the last refusals may not be in the audit trail: " + describe(drained.error()));
}

Result<std::string> RkiService::handle(const std::string& route, const wire::HttpRequest& request) {
  std::string subject;
  auto reply = route == "hello" ? hello(request, subject) : message(route, request, subject);
  if (!reply) record_refusal(route, subject, reply.error());
  return reply;
}

Result<std::string> RkiService::hello(const wire::HttpRequest& request, std::string& subject) {
  const rki::Hello hello = TF_TRY(rki::decode_hello(request.body));
  subject = hello.dsn.text();
  rki::Snapshot snapshot;
  TF_CHECK(database_.read([&](store::Session& session) -> Status {
    snapshot.terminal = TF_TRY(load_terminal(session, hello.dsn));
    return {};
  }));
  auto step = TF_TRY(rki::on_hello(hello, request.body, snapshot, ports_));
  const auto& next = std::get<rki::ExpectProof>(step.next);
  const rki::SessionId session = next.session;
  TF_CHECK(conversations_.open(session, subject, std::move(step.next)));
  return std::move(step.reply);
}

Result<std::string> RkiService::message(const std::string& route, const wire::HttpRequest& request, std::string& subject) {
  const rki::SessionId session = TF_TRY(rki::session_of(request.body));
  const auto conversation = conversations_.find(session);
  if (!conversation) return kBeginAgain;
  subject = conversation->subject;
  const std::lock_guard lock(conversation->mutex);
  if (conversation->superseded) return Error{Code::conflict, "rki.superseded", "a newer conversation of this terminal proved itself"};
  const Hash256 hash = crypto::sha256({as_bytes(route), as_bytes(request.body)});
  if (!conversation->last_reply.empty() && hash == conversation->last_request) return conversation->last_reply;
  auto step = step_and_commit(*conversation, route, request.body);
  if (!step) {
    // A peer that fails its proof has one try; weather (database, overload) leaves the conversation as it was.
    if (step.error().code == Code::refused || step.error().code == Code::malformed) conversation->state = rki::Ended();
    return step.error();
  }
  if (route == "token") conversations_.proved(conversation);
  if (std::holds_alternative<rki::Ended>(step->next)) conversations_.finish(session);
  if (step->writes.delivers) keys_delivered_.add();
  if (step->writes.activates) downloads_.add();
  conversation->state = std::move(step->next);
  conversation->last_request = hash;
  conversation->last_reply = step->reply;
  return std::move(step->reply);
}

Result<rki::PlatformStep> RkiService::step_and_commit(Table::Conversation& conversation, const std::string& route,
                                                      const std::string& body) {
  const wire::Dsn* dsn = dsn_of(conversation.state);
  for (int attempt = 1;; ++attempt) {
    const rki::Snapshot snapshot = TF_TRY(snapshot_for(conversation.state));
    auto step = TF_TRY(rki::step(conversation.state, route, body, snapshot, ports_));
    if (step.writes.action.empty()) return step;
    const Status committed = commit(*dsn, step);
    if (committed) return step;
    if (committed.error().code != Code::conflict || attempt == kAttempts) return committed.error();
  }
}

Result<rki::Snapshot> RkiService::snapshot_for(const rki::PlatformState& state) {
  rki::Snapshot out;
  if (const auto* proof = std::get_if<rki::ExpectProof>(&state)) {
    TF_CHECK(database_.read([&](store::Session& session) -> Status {
      out.dik1 = TF_TRY(load_dik1(session, proof->dsn, proof->suite));
      return {};
    }));
  } else if (const auto* token = std::get_if<rki::ExpectToken>(&state)) {
    TF_CHECK(database_.read([&](store::Session& session) -> Status {
      out.terminal = TF_TRY(load_terminal(session, token->dsn));
      out.keys = TF_TRY(load_newest_keys(session, token->dsn));
      return {};
    }));
    if (out.terminal) out.plan = settings_.plan_for_group(out.terminal->group);
  }
  return out;
}

Status RkiService::commit(const wire::Dsn& dsn, const rki::PlatformStep& step) {
  const std::int64_t now = ports_.clock.now_ms();
  return database_.write([&](store::Session& session) -> Status {
    TF_CHECK(perform(session, dsn, step.writes, now, settings_.grace_ms));
    return trail_.append(session, {.at_ms = now, .actor = "terminal:" + dsn.text(), .action = step.writes.action,
                                   .subject = dsn.text(), .outcome = audit::Outcome::accepted, .reason = "",
                                   .detail = step.writes.detail});
  });
}

// The unauthenticated are counted and sampled: nobody fills the disk from outside.
void RkiService::record_refusal(const std::string& route, const std::string& subject, const Error& error) {
  refused_.add();
  const auto suppressed = refusals_.admit();
  if (!suppressed) return;
  log::info(fmt::format("refused rki/{} dsn={} {}", route, subject.empty() ? "-" : subject, describe(error)));
  const std::int64_t now = ports_.clock.now_ms();
  database_.write_async(
      [this, now, subject, route, reason = error.reason, suppressed = *suppressed](store::Session& session) -> Status {
        return trail_.append(session, {.at_ms = now, .actor = "terminal:" + (subject.empty() ? "unknown" : subject),
                                       .action = "rki." + route, .subject = subject, .outcome = audit::Outcome::refused,
                                       .reason = reason, .detail = fmt::format(R"({{"suppressed":{}}})", suppressed)});
      },
      [this, suppressed = *suppressed](const Status& written) {
        if (written) return;
        refusals_.give_back(suppressed);
        log::error("a refusal could not be written to the audit trail: " + describe(written.error()));
      });
}

}  // namespace tf::platform
