// What the registrar does in the background: what a server missed, what ended.
#include <fmt/format.h>

#include "base/log.hpp"
#include "platform/onboard/credentialing/registrar.hpp"

namespace tf::platform::credentialing {
namespace {

constexpr std::int64_t kRows = static_cast<std::int64_t>(onboard::kMaxRows);

void complain(const std::string& what, const Status& status) {
  if (!status) log::warn("onboard: " + what + ": " + describe(status.error()));
}

}  // namespace

void Registrar::place_due(OnboardLine& line, std::int64_t now_ms) {
  const std::string& server = line.peer().name;
  std::vector<Placement> waiting;
  std::vector<std::optional<Kept>> kept;
  complain("placements", desk_.opened.database->read([&](store::Session& session) -> Status {
    waiting = TF_TRY(due(session, server, false, now_ms, kRows));
    for (const Placement& one : waiting) kept.push_back(TF_TRY(load(session, one.id)));
    return {};
  }));
  if (waiting.empty()) return;
  std::vector<onboard::Registration> rows;
  std::vector<Placement> told, over;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const bool live = kept[i] && kept[i]->value.state == onboard::RegistrationState::registered && kept[i]->value.expires_ms > now_ms;
    auto row = live ? desk_.opened_row(std::move(*kept[i])) : Result<onboard::Registration>(Error{Code::not_found, "onboard.unregistered", ""});
    if (row) rows.push_back(std::move(*row)), told.push_back(waiting[i]);
    else over.push_back(waiting[i]);
  }
  std::vector<const onboard::Registration*> pointers;
  for (const auto& row : rows) pointers.push_back(&row);
  const auto results = rows.empty() ? Result<std::vector<onboard::RowResult>>(std::vector<onboard::RowResult>()) : send(line, pointers);
  complain("registrations at " + server, results ? Status() : Status(results.error()));
  complain("placements", desk_.opened.database->write([&](store::Session& session) -> Status {
    for (const Placement& one : over) TF_CHECK(placed(session, server, one));
    for (std::size_t i = 0; i < told.size(); ++i) {
      const bool over_with = results && ((*results)[i].result == "registered" || is_about_device((*results)[i].result));
      TF_CHECK(over_with ? placed(session, server, told[i]) : postpone(session, server, told[i], next_try_ms(now_ms, told[i].tries)));
    }
    return {};
  }));
}

void Registrar::take_back_due(OnboardLine& line, std::int64_t now_ms) {
  const std::string& server = line.peer().name;
  std::vector<Placement> waiting;
  complain("placements", desk_.opened.database->read([&](store::Session& session) -> Status {
    waiting = TF_TRY(due(session, server, true, now_ms, kRows));
    return {};
  }));
  if (waiting.empty()) return;
  std::vector<onboard::RemovalRow> rows;
  for (const Placement& one : waiting) rows.push_back({one.dsim_id, one.nonce_hash});
  const auto answer = line.post("registrations/remove", onboard::encode(rows));
  complain("removals at " + server, answer ? Status() : Status(answer.error()));
  complain("placements", desk_.opened.database->write([&](store::Session& session) -> Status {
    for (const Placement& one : waiting) TF_CHECK(answer ? placed(session, server, one) : postpone(session, server, one, next_try_ms(now_ms, one.tries)));
    return {};
  }));
}

void Registrar::suspend_due(std::int64_t now_ms) {
  std::vector<onboard::SuspendRequest> waiting;
  complain("suspensions", desk_.opened.database->read([&](store::Session& session) -> Status {
    waiting = TF_TRY(suspensions(session, now_ms, 100));
    return {};
  }));
  for (const onboard::SuspendRequest& one : waiting) complain("suspensions", desk_.suspend(one, now_ms));
}

void Registrar::expire_due(std::int64_t now_ms) {
  std::vector<Kept> rows;
  complain("expiry", desk_.opened.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(overdue(session, now_ms, kRows));
    return {};
  }));
  for (Kept& row : rows) {
    const auto registration = desk_.opened_row(std::move(row));
    if (!registration) continue;
    if (const auto step = onboard::expire(*registration, now_ms)) complain("expiry", desk_.commit(step->writes, {"system"}));
  }
}

void Registrar::work(std::int64_t now_ms) {
  expire_due(now_ms);
  for (const auto& line : desk_.registration.all()) {
    place_due(*line, now_ms);
    take_back_due(*line, now_ms);
  }
  suspend_due(now_ms);
  desk_.sessions.housekeeping(now_ms);
}

}  // namespace tf::platform::credentialing
