#include "platform/onboard/credentialing/registrar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/log.hpp"
#include "protocols/onboard/transcript.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr std::int64_t kPatienceMs = 30'000;  // before what this call did not finish is taken up in the background

// Where a row is refused for itself; a store or a vault that fails now is no row's fault, and the whole call is to come again.
bool is_final(const Error& error) { return error.code == Code::refused || error.code == Code::malformed || error.code == Code::invalid; }

bool is_same(const onboard::Registration& there, const onboard::Subscription& row) {
  const auto pin = row.signing.empty() || row.decryption.empty() ? std::optional<Hash256>() : std::optional(onboard::device_hash(row.signing.front(), row.decryption.front()));
  return there.owner == row.owner && there.plan == row.plan && there.pinned == pin;
}

}  // namespace

struct Registrar::Row {
  const onboard::Subscription* asked;
  std::string result;                                   // empty: not decided yet
  std::optional<onboard::Registration> registration{};  // to be told to the registration servers
  std::optional<onboard::Step> step{};                  // to be written
  std::optional<vault::Wrapped> sealed{};
};

// What each row is to become, on what is known now. The same contract once more is told to the servers once more.
Result<std::vector<Registrar::Row>> Registrar::read_rows(const std::vector<onboard::Subscription>& asked) {
  std::vector<Row> rows;
  std::set<std::string> seen;
  for (const onboard::Subscription& one : asked) {
    Row& row = rows.emplace_back(Row{.asked = &one, .result = {}});
    if (!seen.insert(one.dsim_id).second) {
      row.result = "onboard.twice";
      continue;
    }
    const auto snapshot = TF_TRY(desk_.newest(one.dsim_id));
    auto step = onboard::subscribe(one, snapshot.registration, desk_.ports);
    if (step) {
      row.sealed = TF_TRY(desk_.seal(*step->writes.made));
      row.registration = step->writes.made->clone();
      row.step = std::move(*step);
      continue;
    }
    if (!is_final(step.error())) return step.error();
    const auto& there = snapshot.registration;
    const bool same = std::string_view(step.error().reason) == "onboard.already_registered" && is_same(*there, one);
    if (!same) row.result = step.error().reason;
    else if (there->state == onboard::RegistrationState::registered) row.registration = there->clone();
    else row.result = "registered";
  }
  return rows;
}

// All new rows and what is to be told about them, in one transaction.
Status Registrar::commit_rows(std::vector<Row>& rows, const std::string& actor) {
  const std::int64_t due = desk_.opened.clock->now_ms() + kPatienceMs;
  std::size_t made = 0;
  for (const Row& row : rows) made += row.step && row.result.empty() ? 1 : 0;
  if (made == 0) return {};
  return desk_.opened.database->write([&](store::Session& session) -> Status {
    for (const Row& row : rows) {
      if (!row.step || !row.result.empty()) continue;
      TF_CHECK(desk_.perform(session, row.step->writes, row.sealed));
      const onboard::Registration& registration = *row.registration;
      for (const auto& line : desk_.registration.all())
        TF_CHECK(place(session, line->peer().name, {registration.id, registration.dsim_id, false, onboard::nonce_hash(registration.nonce), 0}, due));
      if (!row.asked->signing.empty()) TF_CHECK(keep_chains(session, *row.asked));
    }
    return append_act(desk_.opened, session, {actor, "onboard.subscriptions", desk_.ports.operator_id, fmt::format("{{\"rows\":{},\"made\":{}}}", rows.size(), made)});
  });
}

Result<std::vector<onboard::RowResult>> Registrar::send(OnboardLine& line, const std::vector<const onboard::Registration*>& rows) {
  std::vector<onboard::RegistrationRow> body;
  for (const auto* row : rows) body.push_back(onboard::registration_row(*row, desk_.ports));
  const SecretBytes encoded = onboard::encode(body);
  const SecretBytes said = TF_TRY(line.post("registrations", std::string(as_text(encoded.reveal()))));
  auto results = TF_TRY(onboard::decode_row_results(as_text(said.reveal())));
  if (results.size() != rows.size()) return Error{Code::unavailable, "onboard.peer_answer", line.peer().name + " answers for another number of rows"};
  return results;
}

// What ended while it was told: at a slow server it may stand behind its own removal, and in the place of a newer one. That is said once more.
Status Registrar::correct(store::Session& session, const onboard::Registration& told) {
  const auto there = TF_TRY(load(session, told.id));
  if (!there || there->value.state == onboard::RegistrationState::registered || there->value.state == onboard::RegistrationState::released) return {};
  auto newest = TF_TRY(load_newest(session, told.dsim_id));
  std::optional<onboard::Registration> newer;
  if (newest && newest->value.state == onboard::RegistrationState::registered) newer = TF_TRY(desk_.opened_row(std::move(*newest)));
  const std::int64_t now = desk_.opened.clock->now_ms();
  for (const auto& line : desk_.registration.all()) {
    const std::string& server = line->peer().name;
    TF_CHECK(place(session, server, {told.id, told.dsim_id, true, onboard::nonce_hash(told.nonce), 0}, now));
    if (newer) TF_CHECK(place(session, server, {newer->id, newer->dsim_id, false, onboard::nonce_hash(newer->nonce), 0}, now));
  }
  return {};
}

// Every server hears of every row, a silent one later; a row is registered when one server has it. Code::unavailable while rows are open: the
// same call again is as good as one.
Status Registrar::tell(std::vector<Row>& rows) {
  std::vector<Row*> open;
  std::vector<const onboard::Registration*> registrations;
  for (Row& row : rows)
    if (row.result.empty() && row.registration) open.push_back(&row), registrations.push_back(&*row.registration);
  if (open.empty()) return {};
  std::vector<std::pair<std::string, Placement>> done;
  std::vector<std::string> refusals(open.size());
  std::vector<bool> good(open.size(), false);
  Error silent{Code::unavailable, "onboard.silent", "no registration server answers"};
  for (OnboardLine* line : desk_.registration.to_try()) {
    if (line->silent_lately() && std::ranges::all_of(good, std::identity())) continue;  // its placements are due later
    const auto results = send(*line, registrations);
    if (!results) silent.detail = describe(results.error()), log::warn("onboard: " + silent.detail);
    for (std::size_t i = 0; results && i < open.size(); ++i) {
      const std::string& result = (*results)[i].result;
      if (result == "registered") good[i] = true;
      else if (is_about_device(result)) refusals[i] = result;
      else silent.detail = line->peer().name + " refuses: " + result;
      if (result == "registered" || is_about_device(result)) done.emplace_back(line->peer().name, Placement{registrations[i]->id, {}, false, {}, 0});
    }
  }
  TF_CHECK(desk_.opened.database->write([&](store::Session& session) -> Status {
    for (const auto& [server, placement] : done) TF_CHECK(placed(session, server, placement));
    for (const auto* told : registrations) TF_CHECK(correct(session, *told));
    return {};
  }));
  bool undecided = false;
  for (std::size_t i = 0; i < open.size(); ++i) {
    open[i]->result = good[i] ? "registered" : refusals[i];
    undecided = undecided || open[i]->result.empty();
    if (good[i]) desk_.subscribed.add();
    if (good[i] || refusals[i].empty()) continue;
    // No server has it and none will: what was made is withdrawn again.
    if (auto ended = onboard::withdraw(*open[i]->registration); ended && *ended) TF_CHECK(desk_.commit((*ended)->writes, {"system"}));
  }
  return undecided ? Status(silent) : Status();
}

Result<std::string> Registrar::subscribe(const OnboardCall& call) {
  if (call.peer->operator_id != desk_.ports.operator_id)
    return Error{Code::refused, "onboard.other_operator", "the settings say that " + call.peer->name + " is of another operator"};
  const auto asked = TF_TRY(onboard::decode_subscriptions(call.request.body));
  for (int attempt = 1;; ++attempt) {
    std::vector<Row> rows = TF_TRY(read_rows(asked));
    const Status written = commit_rows(rows, "server:" + call.peer->name);
    if (!written && written.error().code == Code::conflict && attempt < 3) continue;
    TF_CHECK(written);
    TF_CHECK(tell(rows));
    std::vector<onboard::RowResult> results;
    for (const Row& row : rows) results.push_back({row.asked->dsim_id, row.result});
    return onboard::encode(results);
  }
}

Result<onboard::Registration> Registrar::withdraw(const std::string& dsim_id, const std::string& actor) {
  for (int attempt = 1;; ++attempt) {
    const auto snapshot = TF_TRY(desk_.newest(dsim_id));
    if (!snapshot.registration) return Error{Code::not_found, "onboard.unregistered", "nobody registered " + dsim_id};
    auto step = TF_TRY(onboard::withdraw(*snapshot.registration));
    if (!step) return snapshot.registration->clone();
    const Status written = desk_.commit(step->writes, {actor});
    if (!written && written.error().code == Code::conflict && attempt < 3) continue;
    TF_CHECK(written);
    return step->writes.changed->to.clone();
  }
}

}  // namespace tf::platform::credentialing
