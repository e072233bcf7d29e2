#include <charconv>

#include "platform/admin/handlers.hpp"
#include "platform/estate.hpp"
#include "platform/rki/alarms.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kAlarmsPage = 1000;

void write_entry(wire::JsonWriter& writer, const EstateEntry& entry) {
  writer.begin_object().member("serial", entry.row.dsn.text()).member("model", entry.row.model);
  writer.member("group", entry.row.group).member("suites", entry.row.policy.text()).member("denied", entry.denied);
  writer.member("personalised", entry.personalised).member("completed_set", entry.completed_set);
  if (!entry.device_key.empty()) writer.member("device_key", entry.device_key);
  if (entry.completed_at_ms) writer.member("completed_at_ms", *entry.completed_at_ms);
  writer.end_object();
}

Result<HttpResponse> set_denied_and_show(Context& context, const AdminCall& call, bool denied) {
  const wire::Dsn dsn = TF_TRY(wire::Dsn::parse(call.words[0]));
  TF_CHECK(set_denied(context, call.actor(), dsn, denied));
  return estate_show(context, call);
}

}  // namespace

Result<HttpResponse> estate_import(Context& context, const AdminCall& call) {
  if (call.request.content_type != "text/csv")
    return Error{Code::invalid, "admin.content_type", "an estate is imported as text/csv"};
  const auto rows = TF_TRY(parse_estate_csv(call.request.body));
  const ImportCount count = TF_TRY(import_estate(context, call.actor(), rows));
  wire::JsonWriter writer;
  writer.begin_object().member("added", count.added).member("changed", count.changed).member("unchanged", count.unchanged).end_object();
  return json_reply(writer);
}

Result<HttpResponse> estate_list(Context& context, const AdminCall& call) {
  const std::string after = TF_TRY(query_value(call, "after", ""));
  const std::string limit_text = TF_TRY(query_value(call, "limit", "100"));
  std::int64_t limit = 0;
  const auto parsed = std::from_chars(limit_text.data(), limit_text.data() + limit_text.size(), limit);
  if (parsed.ec != std::errc() || parsed.ptr != limit_text.data() + limit_text.size() || limit < 1 || limit > 1000)
    return Error{Code::invalid, "admin.limit", "limit is a number from 1 to 1000"};
  const auto entries = TF_TRY(list_estate(context, after, limit));
  wire::JsonWriter writer;
  writer.begin_object().key("terminals").begin_array();
  for (const EstateEntry& entry : entries) write_entry(writer, entry);
  writer.end_array();
  if (static_cast<std::int64_t>(entries.size()) == limit) writer.member("next_after", entries.back().row.dsn.text());
  writer.end_object();
  return json_reply(writer);
}

Result<HttpResponse> estate_show(Context& context, const AdminCall& call) {
  const EstateEntry entry = TF_TRY(show_terminal(context, TF_TRY(wire::Dsn::parse(call.words[0]))));
  wire::JsonWriter writer;
  write_entry(writer, entry);
  return json_reply(writer);
}

Result<HttpResponse> estate_deny(Context& context, const AdminCall& call) { return set_denied_and_show(context, call, true); }
Result<HttpResponse> estate_allow(Context& context, const AdminCall& call) { return set_denied_and_show(context, call, false); }

Result<HttpResponse> estate_forget_key(Context& context, const AdminCall& call) {
  TF_CHECK(forget_device_key(context, call.actor(), TF_TRY(wire::Dsn::parse(call.words[0]))));
  return estate_show(context, call);
}

Result<HttpResponse> rki_alarms(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("alarms").begin_array();
  for (const RkiAlarm& alarm : TF_TRY(list_rki_alarms(context, kAlarmsPage))) {
    writer.begin_object().member("id", alarm.id).member("at_ms", alarm.at_ms).member("kind", alarm.kind).member("serial", alarm.dsn);
    writer.member("device_key", alarm.device_key).member("remembered", alarm.remembered).member("state", alarm.state).end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
