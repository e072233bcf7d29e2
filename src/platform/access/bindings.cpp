#include "platform/access/bindings.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

// Twenty characters of 32 that cannot be mistaken for one another: a hundred bits.
std::string fresh_code(Random& random) {
  static constexpr string_view kAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string out;
  for (const std::uint8_t byte : random.array<20>()) {
    if (out.size() % 6 == 5) out += '-';
    out += kAlphabet[byte % kAlphabet.size()];
  }
  return out;
}

}  // namespace

Result<IssuedCode> issue_access_code(Context& context, const std::string& actor, CodeRequest request) {
  if (!context.config.services.contains(request.service))
    return Error{Code::not_found, "access.unknown_service", "no service " + log::quoted(request.service)};
  TF_TRY(access::parse_did(request.did));
  if (!request.msisdn.empty()) TF_TRY(access::parse_msisdn(request.msisdn));
  IssuedCode out{fresh_code(context.random), context.clock.now_ms() + request.minutes * 60'000};
  const Hash256 hash = access::code_hash(request.service, request.did, out.code);
  const std::string detail = fmt::format(R"({{"service":"{}","msisdn":"{}"}})", request.service, request.msisdn);
  TF_CHECK(perform_act(context, {actor, "access.code", request.did, detail}, [&](Session& session) {
    return insert_access_code(session, hash, {request.service, request.did, request.msisdn, out.ends_ms});
  }));
  return out;
}

Result<access::KeyRecord> living_access_key(Context& context, const std::string& key_id) {
  std::optional<access::KeyRecord> key;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    key = TF_TRY(load_access_key(session, key_id));
    return {};
  }));
  if (!key || context.clock.now_ms() >= key->ends_ms) return Error{Code::refused, "access.no_key", "no such key is active"};
  return std::move(*key);
}

Result<std::vector<BindingEntry>> list_bindings(Context& context, const std::string& after, std::int64_t limit) {
  std::vector<BindingEntry> out;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    return session.query("SELECT key_id, service, did, msisdn, status, info, created_ms, ends_ms, authenticated_ms FROM access_keys "
                         "WHERE key_id > $1 ORDER BY key_id LIMIT $2",
                         {string_view(after), limit}, [&](const Row& row) -> Status {
                           BindingEntry entry{row.text(0), row.text(1), row.text(2), row.is_null(3) ? std::string() : row.text(3), row.text(4),
                                              row.text(5), row.integer(6), row.integer(7), {}};
                           if (!row.is_null(8)) entry.authenticated_ms = row.integer(8);
                           out.push_back(std::move(entry));
                           return {};
                         });
  }));
  return out;
}

Status revoke_binding(Context& context, const std::string& actor, const std::string& key_id) {
  return perform_act(context, {actor, "access.revoke", key_id}, [&](Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE access_keys SET status = 'revoked' WHERE key_id = $1 AND status = 'active'", {string_view(key_id)}));
    if (changed == 1) return {};
    return Error{Code::not_found, "access.no_binding", "no active binding with key id " + log::quoted(key_id)};
  });
}

Result<std::vector<AlarmEntry>> list_alarms(Context& context, std::int64_t limit) {
  std::vector<AlarmEntry> out;
  TF_CHECK(context.database.read([&](Session& session) -> Status {
    return session.query("SELECT id, kind, service, did, msisdn, state, at_ms FROM access_alarms ORDER BY at_ms DESC, id LIMIT $1", {limit},
                         [&](const Row& row) -> Status {
                           out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.integer(6)});
                           return {};
                         });
  }));
  return out;
}

Status approve_alarm(Context& context, const std::string& actor, const std::string& id) {
  return perform_act(context, {actor, "access.approve", id}, [&](Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE access_alarms SET state = 'approved' WHERE id = $1 AND state = 'open' "
                                                "AND kind IN ('did-under-other-number', 'number-under-other-did')", {string_view(id)}));
    if (changed == 1) return {};
    return Error{Code::conflict, "access.no_open_alarm", "no open alarm " + log::quoted(id) + " that could be approved"};
  });
}

}  // namespace tf::platform
