// The register of every certificate that was meant to be issued. A row's life:
//
//   intended ──► issued ◄──► revoked (certificateHold may be released)
//       └──────► failed                never good again
//
// Statements run in the caller's transaction; the caller writes the audit entry into the same.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "ca/standing.hpp"
#include "store/database.hpp"
#include "store/session.hpp"

namespace tf::ca {

enum class State { intended, issued, revoked, failed };
std::string_view name_of(State state);
Result<State> parse_state(std::string_view name);  // Code::invalid "ca.state"
std::string_view name_of(pki::RevocationReason reason);  // "keyCompromise", as RFC 5280 §5.3.1 spells it
Result<pki::RevocationReason> parse_reason(std::string_view name);  // Code::invalid "ca.reason"

struct Record {
  std::string serial_hex;
  std::string authority;
  std::string profile;
  std::string holder;   // whom it is for: "wallet:17", "device:TF000001"
  std::string subject;  // "commonName=Anna", for people
  Hash256 spki_hash{};
  Hash256 tbs_hash{};
  State state = State::intended;
  std::uint32_t shard = 0;
  std::int64_t intended_ms = 0;
  std::int64_t not_before_ms = 0;
  std::int64_t not_after_ms = 0;
  std::string renews = {};  // the serial number before this one; "" for none
  Bytes der = {};           // from issued on
  std::int64_t revoked_ms = 0;
  pki::RevocationReason reason = pki::RevocationReason::unspecified;
};

Status insert_intent(store::Session& session, const Record& record);
// Code::conflict "ca.intent_gone" unless the intent stands.
Status set_issued(store::Session& session, const std::string& serial_hex, ByteView der);
Status set_failed(store::Session& session, const std::string& serial_hex);
// Of those that began before: what a crash or a lost write left.
Result<std::vector<Record>> open_intents(store::Session& session, std::int64_t before_ms);

Result<std::optional<Record>> find(store::Session& session, std::string_view serial_hex);
// What whoever is shown a certificate has to know of it.
struct Shown {
  std::string authority;
  State state = State::intended;
  Bytes der{};  // from issued on
};
Result<std::optional<Shown>> find_shown(store::Session& session, std::string_view serial_hex);
Result<std::optional<Shown>> find_shown(store::Database& database, std::string_view serial_hex);  // in a snapshot of its own
Result<bool> is_issued(store::Session& session, std::string_view serial_hex);  // and neither revoked nor on hold
// Code::not_found "ca.no_such_certificate".
Result<Record> get(store::Session& session, std::string_view serial_hex);
Result<Standing> standing_of(store::Session& session, std::string_view authority, std::string_view serial_hex);

struct Filter {
  std::string authority = {}, holder = {};  // empty: any
  std::optional<State> state = {};
  std::string after = {};  // serial number; a page begins behind it
  std::int64_t limit = 100;
};
// In the order of serial numbers, without the certificates themselves.
Result<std::vector<Record>> list(store::Session& session, const Filter& filter);

// issued or on hold → revoked. Gives the row as it stands then. Code::conflict "ca.revoked_already"; Code::refused "ca.not_issued".
Result<Record> set_revoked(store::Session& session, std::string_view serial_hex, pki::RevocationReason reason, std::int64_t at_ms);
// Code::refused "ca.not_on_hold".
Result<Record> set_released(store::Session& session, std::string_view serial_hex);
// Serial numbers of the holder's certificates that are issued and not revoked (on_hold: that are on hold).
Result<std::vector<std::string>> serials_of(store::Session& session, std::string_view holder, bool on_hold = false);

}  // namespace tf::ca
