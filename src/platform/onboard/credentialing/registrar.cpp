#include "platform/onboard/credentialing/registrar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr std::int64_t kPatienceMs = 30'000;  // before what this call did not finish is taken up in the background

}  // namespace

struct Registrar::Row {
  const onboard::Subscription* asked;
  std::string result;                                   // empty: not decided yet
  std::optional<onboard::Registration> registration{};  // to be told to the registration servers
  std::optional<onboard::Step> step{};                  // to be written
  std::optional<vault::Wrapped> sealed{};
};

// What each row is to become, on what is known now. The same contract once more is told to the servers once more.
std::vector<Registrar::Row> Registrar::read_rows(const std::vector<onboard::Subscription>& asked) {
  std::vector<Row> rows;
  std::set<std::string> seen;
  for (const onboard::Subscription& one : asked) {
    Row& row = rows.emplace_back(Row{.asked = &one, .result = {}});
    if (!seen.insert(one.dsim_id).second) {
      row.result = "onboard.twice";
      continue;
    }
    auto snapshot = desk_.newest(one.dsim_id);
    if (!snapshot) {
      row.result = snapshot.error().reason;
      continue;
    }
    auto step = onboard::subscribe(one, snapshot->registration, desk_.ports);
    if (step) {
      auto sealed = desk_.seal(*step->writes.made);
      if (!sealed) row.result = sealed.error().reason;
      else row.sealed = std::move(*sealed);
      row.registration = step->writes.made->clone();
      row.step = std::move(*step);
      continue;
    }
    const auto& there = snapshot->registration;
    const bool same = std::string_view(step.error().reason) == "onboard.already_registered" && there->owner == one.owner && there->plan == one.plan;
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
      TF_CHECK(desk_.perform(session, row.step->writes, row.sealed, {}));
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
  auto results = TF_TRY(onboard::decode_row_results(TF_TRY(line.post("registrations", std::string(as_text(encoded.reveal()))))));
  if (results.size() != rows.size()) return Error{Code::unavailable, "onboard.peer_answer", line.peer().name + " answers for another number of rows"};
  return results;
}

// Every server hears of every row; a row is registered when one server has it.
Status Registrar::tell(std::vector<Row>& rows) {
  std::vector<Row*> open;
  std::vector<const onboard::Registration*> registrations;
  for (Row& row : rows)
    if (row.result.empty() && row.registration) open.push_back(&row), registrations.push_back(&*row.registration);
  if (open.empty()) return {};
  std::vector<std::pair<const OnboardLine*, std::vector<std::size_t>>> done;
  std::vector<std::string> refusals(open.size());
  std::vector<bool> good(open.size(), false);
  Error silent{Code::unavailable, "onboard.silent", "no registration server answers"};
  bool answered = false;
  for (const auto& line : desk_.registration.all()) {
    const auto results = send(*line, registrations);
    if (!results) {
      silent.detail = describe(results.error());
      log::warn("onboard: " + silent.detail);
      continue;
    }
    answered = true;
    auto& [of, places] = done.emplace_back(line.get(), std::vector<std::size_t>());
    for (std::size_t i = 0; i < open.size(); ++i) {
      places.push_back(i);
      if ((*results)[i].result == "registered") good[i] = true;
      else refusals[i] = (*results)[i].result;
    }
  }
  if (!answered) return silent;
  TF_CHECK(desk_.opened.database->write([&](store::Session& session) -> Status {
    for (const auto& [line, places] : done)
      for (const std::size_t i : places) TF_CHECK(placed(session, line->peer().name, {registrations[i]->id, {}, false, {}, 0}));
    return {};
  }));
  for (std::size_t i = 0; i < open.size(); ++i) {
    open[i]->result = good[i] ? "registered" : refusals[i];
    if (good[i]) desk_.subscribed.add();
    // No server has it and none will: what was made is withdrawn again.
    else if (auto ended = onboard::withdraw(*open[i]->registration); ended && *ended) TF_CHECK(desk_.commit((*ended)->writes));
  }
  return {};
}

Result<std::string> Registrar::subscribe(const OnboardCall& call) {
  if (call.peer->operator_id != desk_.ports.operator_id)
    return Error{Code::refused, "onboard.other_operator", "the settings say that " + call.peer->name + " is of another operator"};
  const auto asked = TF_TRY(onboard::decode_subscriptions(call.request.body));
  for (int attempt = 1;; ++attempt) {
    std::vector<Row> rows = read_rows(asked);
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
    const Status written = desk_.commit(step->writes, [&](store::Session& session) { return append_act(desk_.opened, session, {actor, "onboard.withdraw_ordered", dsim_id}); });
    if (!written && written.error().code == Code::conflict && attempt < 3) continue;
    TF_CHECK(written);
    return step->writes.changed->to.clone();
  }
}

}  // namespace tf::platform::credentialing
