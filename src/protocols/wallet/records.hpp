// What the platform keeps, and what a step wants written. The service's store keeps rows of these; SQL is there.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pki/certificate.hpp"
#include "protocols/common/challenges.hpp"
#include "protocols/wallet/messages.hpp"
#include "vault/vault.hpp"

namespace tf::wallet {

using protocols::OneUse;

// codes_sent ─activate→ proved ─certificate→ active ─a later one→ superseded
//     │ │                  └ platform's key: preparing ─file→ active
//     │ └─ number active otherwise → waiting ─operator, activate→ proved or preparing
//     └─ five wrong codes → locked
// Ends of their time make codes_sent and waiting `expired`; an operator makes any of them `closed`.
enum class RegistrationState { codes_sent, waiting, proved, preparing, active, locked, superseded, expired, closed };
std::string_view name_of(RegistrationState state);
Result<RegistrationState> parse_registration_state(std::string_view name);  // Code::integrity "wallet.state"

// A registration; the one that is active of a number is its user. At most one is active for a number: a UNIQUE constraint.
struct Registration {
  std::string id;  // 22 of base64url
  Suite suite = Suite::modern;
  KeyMaker key_maker = KeyMaker::phone;
  Subscriber subscriber;
  Person person;              // to be kept sealed
  Verifier verifier;
  Bytes spki;                 // key made by the phone; of the certificate once it is active
  Bytes csr;                  // key made by the phone, for the CA
  vault::Wrapped codes;       // codes_row(id): the key of both codes; empty once active and used
  vault::Wrapped info3;       // info3_row(id): key made by the platform, until the file is made
  RegistrationState state = RegistrationState::codes_sent;
  int tries = 0;              // wrong codes
  std::int64_t created_ms = 0;
  std::int64_t ends_ms = 0;   // of the codes
  Bytes certificate;          // DER, once active
  Hash256 thumbprint{};       // SHA-256 of it
  Bytes file;                 // PKCS#12, key made by the platform, until S08's first login
  bool used = false;          // has logged in
  int failures = 0;           // wrong passwords, one after another
  std::int64_t locked_until_ms = 0;  // INT64_MAX: until an operator unlocks

  [[nodiscard]] Registration clone() const;
};
vault::SymmetricSpec derive_spec();  // of codes, info3 and message keys
vault::SymmetricSpec pin_spec();     // of a session's PIN key: AES-256, for translate_pin alone
vault::RowId codes_row(std::string_view registration);
vault::RowId info3_row(std::string_view registration);
vault::RowId message_key_row(std::string_view session);
vault::RowId pin_key_row(std::string_view session);

// A login, in memory only; lost with the process, and then the phone logs in again.
struct Session {
  std::string id;
  std::string registration;
  Suite suite = Suite::modern;
  std::string number;
  Hash256 thumbprint{};
  crypto::PublicKey key;           // the user's
  pki::Certificate certificate;    // the user's
  vault::Wrapped message_key;      // derive_spec(), message_key_row(id)
  vault::Wrapped pin_key;          // made by PlatformPorts::keep_pin_key, pin_key_row(id)
  std::int64_t expires_ms = 0;
};

// A payment the user signed, as it goes into the books. At most one of an order number of a registration: UNIQUE.
struct Order {
  std::string registration;
  std::string number;
  OrderTerms terms;
  std::string content;
  Hash256 request{};  // SHA-256 of the JWS, classic: of the fields signed. A repetition has the same
  std::string evidence;  // the JWS, or fields and signature (base64url, a dot between): what the user signed
  bool critical = false;
  std::int64_t expires_ms = 0;
  // Never stored: goes to the front end with Session::pin_key.
  std::optional<PinBlockBytes> pin_block;
};
struct RefundOrder {
  std::string registration;
  std::string order;
  std::string refund;        // its own number; UNIQUE with registration and order
  std::int64_t amount = 0;
  Hash256 request{};
  std::string evidence;
};

enum class AlarmKind { number_bound_otherwise, codes_locked, password_locked, order_differs };
std::string_view name_of(AlarmKind kind);
struct Alarm {
  AlarmKind kind;
  std::string registration;
  std::string number;
};

struct Sms {
  std::string number;
  std::string text;  // holds the confirmation code; not to be logged
};

// A registration moves on. The row must still be as it was, or the commit is a conflict and the step runs again.
struct Update {
  Registration to;
  RegistrationState state_was = RegistrationState::codes_sent;
  int tries_was = 0;
  int failures_was = 0;
  std::int64_t locked_until_was = 0;
};

struct Writes {
  std::vector<OneUse> once;                 // consumed; taken already: Code::refused with its reason
  std::optional<Registration> made;
  std::optional<Update> changed;
  std::vector<std::string> superseded;      // registrations: state, in the same transaction
  std::optional<std::string> used_approval; // a registration's
  std::optional<Order> order;               // new: created, durable before a front end is called
  std::optional<RefundOrder> refund;
  std::optional<Alarm> alarm;
  // Effects, after the commit:
  std::optional<Sms> sms;
  std::optional<Session> session;           // kept in memory before the reply leaves
  // Audit:
  std::string action;                       // "wallet.register", "wallet.activate", …; empty: nothing to write
  std::string subject;                      // the registration
  std::string detail;                       // JSON
};

// What has to be got elsewhere before there is an answer.
struct CertificateWanted {
  std::string registration;  // the intent's id: asked twice, one certificate
  std::string number;        // the subject's commonName
  Bytes spki;
  Bytes csr;
};
struct FileWanted {          // a job off the request path: KeyPool, CA, make_file()
  std::string registration;
};

struct Step {
  std::string reply;                               // empty where something is wanted first
  Writes writes;
  std::optional<Error> refusal;                    // to be told once the writes are durable
  std::optional<CertificateWanted> certificate;    // after the commit; then finish_activate
  std::optional<FileWanted> file;                  // after the commit; the reply leaves at once
};

}  // namespace tf::wallet
