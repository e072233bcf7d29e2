// The platform side of rki: load, step, commit, reply. No I/O here; platform/ performs the effects.
//
//   state           expects                     then                                                    else
//   (none)          hello (S301)                server hello (S302)                                     refused
//   ExpectProof     factor (S304)               S305–S310: DIK2, AT, TK1                                S320
//   ExpectToken     AT ‖ TK2 (S314)             S316–S319: keys, as blocks under TK; writes             S320, alarm: another device key
//   ExpectReceipt   receipt                     keys become active; acknowledgement; writes             S320
//   Ended           nothing
//
// Nothing is written before ExpectToken has verified S317 and S318, so nobody can be locked out by strangers. A step reads
// its state and returns the next: when the writes meet a conflict, the same state steps again on a fresh snapshot.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/ports.hpp"
#include "crypto/keys.hpp"
#include "pki/certificate.hpp"
#include "protocols/rki/messages.hpp"
#include "protocols/rki/records.hpp"
#include "protocols/rki/transcript.hpp"

namespace tf::rki {

// The platform's work certificate for a suite; its private key stays in the vault under key_name.
struct WorkCertificate {
  std::string key_name;
  std::vector<Bytes> chain;  // DER, work certificate first
  Bytes ocsp = {};           // OCSP response about it, made ahead, DER; empty when there is none
};

// Work certificates and CRL as they stand now.
class Credentials {
 public:
  virtual ~Credentials() = default;
  // The certificate whose range holds the DSN; Code::refused "rki.no_work_certificate".
  [[nodiscard]] virtual Result<WorkCertificate> work_certificate(Suite suite, const wire::Dsn& dsn) const = 0;
  [[nodiscard]] virtual Bytes crl() const = 0;
  // Verifies a device's chain up to our root, now, for this DSN; the device's public key.
  [[nodiscard]] virtual Result<crypto::PublicKey> verify_device(const std::vector<Bytes>& chain, const wire::Dsn& dsn,
                                                                std::int64_t now_ms) const = 0;
};

struct PlatformPorts {
  const Clock& clock;
  Random& random;
  vault::Vault& vault;
  const Credentials& credentials;
};

struct ExpectProof {
  Suite suite;
  SessionId session;
  wire::Dsn dsn;
  std::int64_t part;
  std::string work_key;                         // name in the vault
  std::optional<Dik1Record> dik1;
  Transcript transcript;
  std::optional<crypto::PrivateKey> ephemeral;  // modern
  std::optional<crypto::PublicKey> device_key;  // modern
};
struct ExpectToken {
  Suite suite;
  SessionId session;
  wire::Dsn dsn;
  std::int64_t part;
  std::string work_key;
  Transcript transcript;
  SecretBytes at_tk1;
  std::optional<Secret<32>> k;                  // modern
  std::string device_key = {};                  // modern: fingerprint of the key that signed the proof
};
struct ExpectReceipt {
  Suite suite;
  SessionId session;
  wire::Dsn dsn;
  Transcript transcript;
  SecretBytes tk;
  Receipt expected;
  std::int64_t of;
};
struct Ended {};
using PlatformState = std::variant<Ended, ExpectProof, ExpectToken, ExpectReceipt>;

// What must be durable before the reply leaves. Nothing is written while action is empty.
struct Writes {
  std::vector<KeyRecord> new_keys;    // insert: the keys of a new set
  std::int64_t set = 0;
  std::int64_t part = 0;
  bool delivers = false;              // the part's keys: pending → delivered
  bool activates = false;             // the part's keys: delivered → active, older ones of their slots → superseded
  bool completes = false;             // it was the last part
  bool proves_modern = false;         // the terminal completed a modern pass
  std::string remembers = {};         // the terminal's device key from now on; Code::conflict where there is one meanwhile
  std::string action;                 // audit: "rki.deliver", "rki.receipt"
  std::string detail;                 // audit: JSON
};

struct PlatformStep {
  PlatformState next;
  std::string reply;
  Writes writes;
};

// What a device key is remembered by: SHA-256 of its SubjectPublicKeyInfo, hex.
std::string fingerprint(const crypto::PublicKey& device_key);

// Code::refused with the exact reason for the audit trail; the peer gets none of it. S320 has reasons
// rki.wrong_dik2, rki.wrong_at, rki.wrong_tk_hash, rki.wrong_factor, …
// hello is the decoded body; the caller read it first to know whose snapshot to load.
// The strongest suite that the offer and the terminal's policy share; the caller loads its DIK1 for the snapshot.
Result<Suite> choose_suite(const Hello& hello, const TerminalRecord& terminal);
Result<PlatformStep> on_hello(const Hello& hello, std::string_view body, const Snapshot& snapshot, PlatformPorts ports);
Result<PlatformStep> step(const PlatformState& state, std::string_view route, std::string_view body,
                          const Snapshot& snapshot, PlatformPorts ports);

}  // namespace tf::rki
