#include "ca/notes.hpp"

#include "wire/json.hpp"

namespace tf::ca {
namespace {

audit::Entry note(const Record& record, const std::string& actor, const char* action, std::int64_t now_ms) {
  wire::JsonWriter detail;
  detail.begin_object().member("authority", record.authority).member("profile", record.profile).member("holder", record.holder);
  if (!record.renews.empty()) detail.member("renews", record.renews);
  if (record.state == State::revoked) detail.member("reason", name_of(record.reason));
  return {.at_ms = now_ms, .actor = actor, .action = action, .subject = record.serial_hex, .outcome = audit::Outcome::accepted, .reason = "",
          .detail = detail.end_object().take()};
}

}  // namespace

audit::Entry note_issued(const Record& record, const std::string& actor, std::int64_t now_ms) {
  return note(record, actor, record.renews.empty() ? "pki.issue" : "pki.renew", now_ms);
}

audit::Entry note_failed(const Record& record, const std::string& actor, const char* reason, std::int64_t now_ms) {
  audit::Entry out = note(record, actor, "pki.issue", now_ms);
  out.outcome = audit::Outcome::failed;
  out.reason = reason;
  return out;
}

audit::Entry note_revoked(const Record& record, const std::string& actor, std::int64_t now_ms) { return note(record, actor, "pki.revoke", now_ms); }
audit::Entry note_released(const Record& record, const std::string& actor, std::int64_t now_ms) { return note(record, actor, "pki.release", now_ms); }

}  // namespace tf::ca
