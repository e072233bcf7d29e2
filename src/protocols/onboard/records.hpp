// What a credentialing server keeps, and what a step wants written. The service's store keeps rows of these; SQL is there.
//
//   registered ─request, OCSP good, envelope made→ released ─receipt→ closed
//       │ └─────────────── time ──────→ expired ←──── time ─┤
//       └────────────── an operator ──→ withdrawn ←─────────┘ (suspended in the HSS)
// released stays released when the same device asks again: the same envelope, a new READY. Nothing leaves closed and withdrawn. What expired
// once it was released is a credential that a module may hold: a late receipt closes it; an operator, or another contract, withdraws it.
// Another contract makes another registration.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "protocols/onboard/messages_servers.hpp"
#include "protocols/onboard/revocation.hpp"

namespace tf::onboard {

enum class RegistrationState { registered, released, closed, expired, withdrawn };
std::string_view name_of(RegistrationState state);
Result<RegistrationState> parse_registration_state(std::string_view name);  // Code::integrity "onboard.state"

// At most one of a DSIM_ID is registered or released: a UNIQUE constraint. The newest is the one that is looked up by DSIM_ID.
struct Registration {
  std::string id;  // 32 hex digits; the delivery's name too
  std::string dsim_id;
  std::string owner;
  std::string plan;
  RegistrationNonce nonce;           // to be kept sealed
  std::optional<Hash256> pinned;     // dh, when the contract named the module's certificates
  RegistrationState state = RegistrationState::registered;
  std::int64_t version = 0;          // one more with each change
  std::int64_t created_ms = 0;
  std::int64_t expires_ms = 0;
  // From the release on:
  Hash256 device{};                  // dh
  Hash256 envelope_hash{};
  Bytes envelope;                    // until closed, expired or withdrawn
  Bytes signing;                     // the module's signing certificate, DER: receipts are verified with it; empty: never released
  std::vector<Hash256> transcripts;  // of the READYs, newest last, at most kMaxTranscripts
  [[nodiscard]] Registration clone() const;
};
inline constexpr std::size_t kMaxTranscripts = 8;

// Hello to request, in memory only, 60 s, for one request.
struct Session {
  std::string id;
  std::string registration;
  std::string dsim_id;
  Shown signing;
  Shown decryption;
  Chain decryption_chain;
  Hash256 device{};
  Hash256 transcript{};
  std::int64_t expires_ms = 0;
};

// used_by_other: another module on a registration that is released. nonce_wrong: signed by the module but not with this registration's
// nonce in this session, as after a false referral or with another device's. revoked: a module's certificate. receipt_wrong: of another envelope.
enum class AlarmKind { used_by_other, nonce_wrong, revoked, receipt_wrong };
std::string_view name_of(AlarmKind kind);
struct Alarm {
  AlarmKind kind;
  std::string dsim_id;
};

// The row must still have this version, or the commit is a conflict and the step runs again.
struct Update {
  Registration to;
  std::int64_t version_was = 0;
};

struct Writes {
  std::optional<Registration> made;
  std::optional<Update> changed;
  std::optional<Alarm> alarm;
  // Effects, after the commit:
  std::optional<Session> session;           // kept in memory before the reply leaves
  std::string session_used;                 // id; gone from memory
  std::optional<RemovalRow> take_back;      // from the registration servers
  std::optional<SuspendRequest> suspend;    // in the HSS
  // Audit:
  std::string action;                       // "onboard.hello", …; empty: nothing to write
  std::string subject;                      // DSIM_ID
  std::string detail;                       // JSON
};

}  // namespace tf::onboard
