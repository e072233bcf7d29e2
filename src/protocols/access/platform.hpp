// The platform side of access: from a message and a snapshot to an answer and what must be written before it leaves.
// Stateless between messages: a challenge carries its own end, and using it is a write.
//
//   message       needs                                              becomes
//   challenge     nothing                                            a sealed nonce
//   initialise    fresh nonce (modern) or an EDKey never seen        a new active key; or, where Did or number is bound
//                 (classic), gateway's number = claimed number,      otherwise without the old key's consent, an alarm and
//                 enrolment proof, no other binding                  the refusal "waiting"
//   authenticate  fresh nonce or time, an active key that has not    Did and info updated, a ticket
//                 ended, number, Did, KeyTime and MAC that fit
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/ports.hpp"
#include "pki/certificate.hpp"
#include "protocols/access/challenges.hpp"
#include "protocols/access/keys.hpp"
#include "protocols/access/policy.hpp"
#include "vault/vault.hpp"

namespace tf::access {

// A binding as the database keeps it.
struct KeyRecord {
  std::string key_id;
  std::string service;
  std::string did;
  std::string msisdn;  // empty where the service has no gateway
  Suite suite = Suite::modern;
  vault::Wrapped wrapped;
  std::int64_t created_ms = 0;
  std::int64_t ends_ms = 0;
  std::string info;
  bool proved = false;   // by certificate, code or an earlier key, and not by first use
  std::string made_by;   // "code …" or "key …": the proof that a lost answer may show again; empty for others
  bool used = false;     // has authenticated
};
vault::SymmetricSpec dkey_spec(Suite suite);
vault::RowId dkey_row(std::string_view key_id);

struct PlatformPorts {
  const Clock& clock;
  Random& random;
  vault::Vault& vault;
  const Challenges& challenges;
  // The vault's name of the platform key with this kid, and its kind; nothing for a kid that is not in use.
  std::function<std::optional<std::pair<std::string, crypto::KeyKind>>(std::string_view kid)> platform_key;
  // A device's chain verified for this Did; its public key.
  std::function<Result<crypto::PublicKey>(const std::vector<Bytes>& chain, const std::string& did)> verify_device;
  std::string ticket_key;  // in the vault; its kid too
  std::string issuer;      // of tickets
};

// S203, first half: the request opened, before anything is looked up.
struct Opened {
  std::string service;
  Initialisation content;
  std::string edkey;       // classic
  bool did_beside = false;
  OneUse once;
};
Result<Opened> open_initialise(std::string_view body, const PlatformPorts& ports);

// An enrolment code as kept: only its hash. Bound to service and Did, and to a number where the operator named one.
struct CodeRecord {
  std::string msisdn;  // empty: any
  std::int64_t ends_ms = 0;
  bool used = false;
};
Hash256 code_hash(std::string_view service, std::string_view did, std::string_view code);

struct InitialiseSnapshot {
  ServicePolicy policy;
  std::optional<KeyRecord> by_did;     // active, perhaps beyond its time
  std::optional<KeyRecord> by_number;  // as above
  std::optional<KeyRecord> before;     // superseded by by_did, whose word it was made by and which was never used
  std::optional<std::string> approval; // of an operator, for this Did with this number
  bool denied = false;                 // the terminal, in the estate
  std::optional<CodeRecord> code;      // used ones too; with the hash of the code shown
  bool code_locked = false;            // too many wrong ones for this Did
};

enum class AlarmKind { did_under_other_number, number_under_other_did, wrong_code, key_from_other_number };
std::string_view name_of(AlarmKind kind);
struct Alarm {
  AlarmKind kind;
  std::string service;
  std::string did;
  std::string msisdn;
};

struct Writes {
  OneUse once;                             // consumed
  std::optional<Hash256> consumed_code;
  std::optional<std::string> consumed_approval;
  std::vector<std::string> superseded;     // key ids
  std::optional<KeyRecord> new_key;
  std::optional<KeyRecord> updated;        // authenticate: Did and info of this key
  bool did_changes = false;                // of updated
  std::optional<Alarm> alarm;
  std::string action;                      // audit: "access.initialise", "access.authenticate"
  std::string subject;                     // audit
  std::string detail;                      // audit: JSON
};
struct PlatformStep {
  std::string reply;
  Writes writes;
  std::optional<Error> refusal;  // to be told once the writes are done
};

// number: what the gateway says; empty without one.
Result<PlatformStep> initialise(const Opened& request, const std::string& number, const InitialiseSnapshot& snapshot, const PlatformPorts& ports);

struct AuthenticateSnapshot {
  ServicePolicy policy;
  bool denied = false;           // the terminal, in the estate
  std::optional<KeyRecord> key;  // active; modern: with the key id of the request; classic: of the claimed number, or Did
};
Result<PlatformStep> authenticate(const AuthenticateRequest& request, const std::string& number, const AuthenticateSnapshot& snapshot,
                                  const PlatformPorts& ports);

}  // namespace tf::access
