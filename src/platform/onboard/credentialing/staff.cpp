#include "platform/onboard/credentialing/staff.hpp"

#include <fmt/format.h>

#include "protocols/onboard/identity.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr std::int64_t kMostListed = 1000;
constexpr std::int64_t kMostJudged = 500;
constexpr std::int64_t kMostAlarms = 1000;
constexpr const char* kBase = "/onboard/v1/subscriptions";

std::string query_of(const wire::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.query)
    if (key == name) return value;
  return {};
}

std::string actor_of(const OnboardCall& call) { return "staff:" + call.peer->name; }

void write(wire::JsonWriter& writer, const onboard::Registration& value, std::int64_t changed_ms, const std::optional<Verdict>& verdict = {}) {
  writer.begin_object().member("dsim_id", value.dsim_id).member("state", onboard::name_of(value.state)).member("owner", value.owner).member("plan", value.plan);
  writer.member("delivery", value.id).member("created_ms", value.created_ms).member("expires_ms", value.expires_ms).member("changed_ms", changed_ms).member("pinned", value.pinned.has_value());
  if (!value.signing.empty()) writer.member("device_hash", wire::hex_lower(value.device)).member("envelope_hash", wire::hex_lower(value.envelope_hash));
  if (verdict) writer.member("verdict", verdict->verdict).member("checked_ms", verdict->checked_ms);
  writer.end_object();
}

Result<std::string> device_in(const wire::HttpRequest& request, std::string_view ending) {
  std::string_view path = request.path;
  path.remove_prefix(std::string_view(kBase).size() + 1);
  if (!path.ends_with(ending)) return Error{Code::not_found, "onboard.no_such_route", "there is nothing at this path"};
  path.remove_suffix(ending.size());
  return onboard::parse_dsim_id(path);
}

}  // namespace

std::vector<OnboardRoute> Staff::routes() {
  const std::vector<std::string> from{std::string(onboard_role::staff)};
  return {{.path = kBase, .method = "GET", .from = from, .handler = [this](const OnboardCall& call, std::string&) { return list(call); }},
          {.path = kBase, .method = "GET", .from = from, .handler = [this](const OnboardCall& call, std::string& subject) { return show(call, subject); }, .below = true},
          {.path = kBase, .from = from, .handler = [this](const OnboardCall& call, std::string& subject) { return withdraw(call, subject); }, .below = true},
          {.path = "/onboard/v1/alarms", .method = "GET", .from = from, .handler = [this](const OnboardCall&, std::string&) { return alarms(); }},
          {.path = "/onboard/v1/status", .method = "GET", .from = from, .handler = [this](const OnboardCall&, std::string&) { return status(); }},
          {.path = "/onboard/v1/authentications", .from = from, .handler = [this](const OnboardCall& call, std::string&) { return authenticate(call); }}};
}

Result<std::string> Staff::list(const OnboardCall& call) {
  const std::string state = query_of(call.request, "state"), after = query_of(call.request, "after"), limit_text = query_of(call.request, "limit");
  if (!state.empty()) (void)TF_TRY(onboard::parse_registration_state(state));
  const bool number = !limit_text.empty() && limit_text.size() <= 4 && limit_text.find_first_not_of("0123456789") == std::string::npos;
  const std::int64_t limit = number ? std::clamp<std::int64_t>(std::stoll(limit_text), 1, kMostListed) : 100;
  std::vector<Kept> rows;
  TF_CHECK(desk_.opened.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(credentialing::list(session, state, after, limit));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("subscriptions").begin_array();
  for (const Kept& row : rows) write(writer, row.value, row.changed_ms);
  writer.end_array();
  if (rows.size() == static_cast<std::size_t>(limit)) writer.member("next_after", rows.back().value.dsim_id);
  return writer.end_object().take();
}

Result<std::string> Staff::show(const OnboardCall& call, std::string& subject) {
  subject = TF_TRY(device_in(call.request, ""));
  std::optional<Kept> row;
  std::optional<Verdict> verdict;
  TF_CHECK(desk_.opened.database->read([&](store::Session& session) -> Status {
    row = TF_TRY(load_newest(session, subject));
    verdict = TF_TRY(verdict_of(session, subject));
    return {};
  }));
  if (!row) return Error{Code::not_found, "onboard.unregistered", "nobody registered " + subject};
  wire::JsonWriter writer;
  write(writer, row->value, row->changed_ms, verdict);
  return writer.take();
}

Result<std::string> Staff::withdraw(const OnboardCall& call, std::string& subject) {
  subject = TF_TRY(device_in(call.request, "/withdraw"));
  const auto done = TF_TRY(registrar_.withdraw(subject, actor_of(call)));
  wire::JsonWriter writer;
  write(writer, done, desk_.opened.clock->now_ms());
  return writer.take();
}

Result<std::string> Staff::alarms() {
  std::vector<Alarm> rows;
  TF_CHECK(desk_.opened.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(credentialing::alarms(session, kMostAlarms));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("alarms").begin_array();
  for (const Alarm& alarm : rows)
    writer.begin_object().member("id", alarm.id).member("at_ms", alarm.at_ms).member("kind", alarm.kind).member("dsim_id", alarm.dsim_id).member("last_ms", alarm.last_ms)
        .member("times", alarm.times).end_object();
  return writer.end_array().end_object().take();
}

Result<std::string> Staff::status() {
  std::vector<std::pair<std::string, std::int64_t>> counts;
  std::int64_t waiting = 0;
  TF_CHECK(desk_.opened.database->read([&](store::Session& session) -> Status {
    counts = TF_TRY(count(session));
    waiting = TF_TRY(unplaced(session));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().member("operator", desk_.ports.operator_id).key("subscriptions").begin_object();
  for (const auto& [state, number] : counts) writer.member(state, number);
  return writer.end_object().member("to_be_told", waiting).end_object().take();
}

Result<std::string> Staff::authenticate(const OnboardCall& call) {
  auto asked = TF_TRY(wire::JsonObject::parse(call.request.body));
  const std::string after = TF_TRY(asked.optional_text("after")).value_or("");
  TF_CHECK(asked.finish());
  std::vector<Pinned> rows;
  TF_CHECK(desk_.opened.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(chains_behind(session, after, kMostJudged));
    return {};
  }));
  const std::int64_t now = desk_.opened.clock->now_ms();
  std::vector<std::string> verdicts(rows.size());
  std::vector<onboard::Shown> shown;
  std::vector<std::size_t> whose;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto signing = desk_.verifier->verify_module(rows[i].signing, pki::Usage::onboard_module, rows[i].dsim_id, now);
    const auto decryption = desk_.verifier->verify_module(rows[i].decryption, pki::Usage::onboard_module_decryption, rows[i].dsim_id, now);
    verdicts[i] = !signing ? signing.error().reason : !decryption ? decryption.error().reason : "good";
    if (!signing || !decryption) continue;
    shown.push_back(*signing), shown.push_back(*decryption);
    whose.push_back(i), whose.push_back(i);
  }
  const auto outcomes = desk_.revocation->judge(shown);
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (!outcomes[i].status) verdicts[whose[i]] = outcomes[i].status.error().reason;
  TF_CHECK(desk_.opened.database->write([&](store::Session& session) -> Status {
    for (std::size_t i = 0; i < rows.size(); ++i) TF_CHECK(note_verdict(session, rows[i].dsim_id, verdicts[i], now));
    return append_act(desk_.opened, session, {actor_of(call), "onboard.authenticate", desk_.ports.operator_id, fmt::format("{{\"devices\":{}}}", rows.size())});
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("devices").begin_array();
  for (std::size_t i = 0; i < rows.size(); ++i) writer.begin_object().member("dsim_id", rows[i].dsim_id).member("verdict", verdicts[i]).end_object();
  writer.end_array();
  if (rows.size() == kMostJudged) writer.member("next_after", rows.back().dsim_id);
  return writer.end_object().take();
}

}  // namespace tf::platform::credentialing
