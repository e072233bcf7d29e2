#include "platform/rki/alarms.hpp"

namespace tf::platform {

Status raise_rki_alarm(store::Session& session, const RkiAlarm& alarm) {
  using std::string_view;
  TF_TRY(session.execute("INSERT INTO rki_alarms (id, at_ms, kind, dsn, device_key, remembered, state) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                         "ON CONFLICT DO NOTHING",
                         {string_view(alarm.id), alarm.at_ms, string_view(alarm.kind), string_view(alarm.dsn), string_view(alarm.device_key),
                          string_view(alarm.remembered), string_view(alarm.state)}));
  return {};
}

Status end_rki_alarms(store::Session& session, std::string_view dsn) {
  TF_TRY(session.execute("UPDATE rki_alarms SET state = 'done' WHERE dsn = $1 AND state = 'open'", {dsn}));
  return {};
}

Result<std::vector<RkiAlarm>> list_rki_alarms(Context& context, std::int64_t limit) {
  std::vector<RkiAlarm> out;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    return session.query("SELECT id, at_ms, kind, dsn, device_key, remembered, state FROM rki_alarms ORDER BY at_ms DESC, id LIMIT $1", {limit},
                         [&](const store::Row& row) -> Status {
                           out.push_back({row.text(0), row.integer(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6)});
                           return {};
                         });
  }));
  return out;
}

}  // namespace tf::platform
