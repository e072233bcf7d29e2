// The platform side of wallet: from a message and a snapshot to an answer and what must be written before it leaves.
// Stateless between messages but for sessions; a challenge carries its own end, and using it is a write.
//
//   message    functions, in order                          becomes
//   challenge  challenge                                    a sealed nonce
//   register   open_register, registration_of               a registration with codes; an SMS. Slow: one or two scrypts
//   activate   open_activate, activate, finish_activate     key of the phone: certificate wanted, then active, certificate out
//                                                           key of the platform: a job wanted (make_file), then active
//   (fetch)    open_file_request, file_answer               the certificate file, once it is there
//   login      open_login, login                            a session. Slow: one scrypt
//   pay        open_pay, pay, then result_of                an order to carry out, or the answer it has already
//   query      open_inquiry, query                          a signed answer out of the books
//   refund     open_inquiry, refund, then result_of         a refund to carry out, or the answer it has already
//
// open_… reads and decrypts, and says what to look up; the step proper decides. A Step with a refusal is committed, then the
// refusal is told (wrong codes and passwords are counted so). Errors: Code::malformed, Code::refused with the reasons of
// refusal.cpp, and those of the vault.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/ports.hpp"
#include "pki/certificate.hpp"
#include "protocols/wallet/policy.hpp"
#include "protocols/wallet/records.hpp"

namespace tf::wallet {

struct PlatformPorts {
  const Clock& clock;
  Random& random;
  vault::Vault& vault;
  const protocols::SealedChallenges& challenges;  // domain "wallet challenge"
  std::string platform;                           // its name in every signed and sealed text
  // The vault's name of the encryption key with this kid, and its kind; nothing for a kid that is not in use.
  std::function<std::optional<std::pair<std::string, crypto::KeyKind>>(std::string_view kid)> encryption_key;
  std::string result_key;                         // in the vault, P-256; its kid too
  // A user's certificate is valid now and not revoked. Code::refused "wallet.certificate_revoked", "wallet.certificate_expired".
  std::function<Status(const pki::Certificate& certificate)> check_certificate;
  // Wraps a session's PIN key (AES-256) for the vault's PIN operations, at this row.
  std::function<Result<vault::Wrapped>(SecretBytes key, const vault::RowId& row)> keep_pin_key;
};

// POST challenge.
Result<std::string> challenge(std::string_view body, const PlatformPorts& ports);

// --- S02–S05: register ----------------------------------------------------------------------------------------------
struct OpenedRegister {
  RegisterContent content;
  OneUse once;
};
Result<OpenedRegister> open_register(std::string_view body, const PlatformPorts& ports);
struct RegisterSnapshot {
  const Policy& policy;
  int lately = 0;  // registrations of this number within the last hour
};
Result<Step> registration_of(const OpenedRegister& request, const RegisterSnapshot& snapshot, const PlatformPorts& ports);

// --- S07: activate --------------------------------------------------------------------------------------------------
struct OpenedActivate {
  ActivateContent content;
  OneUse once;
};
Result<OpenedActivate> open_activate(std::string_view body, const PlatformPorts& ports);
struct ActivateSnapshot {
  const Policy& policy;
  std::optional<Registration> registration;  // with the id of the request
  std::optional<std::string> active;         // the id of the one that is active for its number
  bool approved = false;                     // by an operator, for this registration
};
// Shown again after a lost answer, the codes give the same certificate until the first login.
Result<Step> activate(const OpenedActivate& request, const ActivateSnapshot& snapshot, const PlatformPorts& ports);
// The CA answered. Code::integrity "wallet.other_certificate" when it is not for this key.
Result<Step> finish_activate(const OpenedActivate& request, const ActivateSnapshot& snapshot, const pki::Certificate& certificate,
                             const PlatformPorts& ports);
// S04–S06, the job: slow (two derivations of file_iterations). key: of the KeyPool, gone afterwards; the step makes the
// registration active with the file; or, where the number became another one's meanwhile, lets it wait (a refusal with writes).
// Code::conflict "wallet.not_preparing".
Result<Step> make_file(const ActivateSnapshot& snapshot, const crypto::PrivateKey& key, const pki::Certificate& certificate, const PlatformPorts& ports);

struct OpenedFileRequest {
  FileRequest request;
  OneUse once;
};
Result<OpenedFileRequest> open_file_request(std::string_view body, const PlatformPorts& ports);
Result<Step> file_answer(const OpenedFileRequest& request, const ActivateSnapshot& snapshot, const PlatformPorts& ports);

// --- S34–S38: login -------------------------------------------------------------------------------------------------
struct OpenedLogin {
  Suite suite = Suite::modern;
  std::string number;
  LoginClaim claim;    // modern; not verified yet
  std::string jws;     // modern
  ClassicLoginContent classic;
  Secret<32> r;
  SecretBytes password;
  OneUse once;
};
Result<OpenedLogin> open_login(std::string_view body, const PlatformPorts& ports);
struct LoginSnapshot {
  const Policy& policy;
  std::optional<Registration> user;  // active for the number
};
Result<Step> login(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports);

// --- S44–S46: pay ---------------------------------------------------------------------------------------------------
struct OpenedPay {
  PayRequest request;
  std::optional<PayClaim> claim;  // modern: what its jws says; not verified yet
  std::string order;              // to look up; not verified yet
  [[nodiscard]] const std::string& session() const { return request.session; }
};
Result<OpenedPay> open_pay(std::string_view body);

// An order or a refund as the books have it.
struct Booked {
  Hash256 request{};
  std::string transaction;
  Outcome outcome = Outcome::pending;
  std::int64_t amount = 0;
  std::int64_t refunded = 0;  // of the order, in sum
  std::string currency;
  std::string tn{};           // of a direct order that waits for the phone
};
struct Instrument {
  bool needs_pin = false;
};
struct PaySnapshot {
  const Policy& policy;
  const Session* session = nullptr;     // with the id of the request; null: none
  bool active = false;                  // the session's registration still is
  std::optional<Booked> booked;         // this order number of the session's registration
  std::optional<Instrument> instrument; // the user's, with this token; nothing where there is none or it is closed
  bool gateway = false;                 // phones may pay at the gateway that is named
  std::optional<Status> certificate{};  // how the session's stands, where it was read with the rest; else the port is asked
};
// What the request names to pay with, to look up: an instrument's token, or the gateway. Not verified yet. Sealed ones too (session's message
// key).
struct Means {
  std::string instrument, gateway;
};
Result<Means> means_of(const OpenedPay& request, const Session& session, const PlatformPorts& ports);
// A new order: writes.order, and no reply. The same request again: the reply. Another one under the same number:
// a refusal with an alarm.
Result<Step> pay(const OpenedPay& request, const PaySnapshot& snapshot, const PlatformPorts& ports);

struct OpenedInquiry {
  InquiryRequest request;
  ChallengePurpose purpose = ChallengePurpose::query;
  std::string order;   // to look up; not verified yet
  std::string refund;  // as above
  // What the phone brought back from the network's gateway. Not of the user's signature: the network's must be good.
  [[nodiscard]] const std::string& returned() const { return request.returned; }
  [[nodiscard]] const std::string& session() const { return request.session; }
};
Result<OpenedInquiry> open_query(std::string_view body);
Result<OpenedInquiry> open_refund(std::string_view body);
struct InquirySnapshot {
  const Policy& policy;
  const Session* session = nullptr;
  bool active = false;
  std::optional<Booked> booked;         // the order
  std::optional<Booked> refund;         // the refund with this number
};
Result<Step> query(const OpenedInquiry& request, const InquirySnapshot& snapshot, const PlatformPorts& ports);
// As pay(): writes.refund and no reply, or the reply. Refused unless the order is approved and the sum does not exceed it.
Result<Step> refund(const OpenedInquiry& request, const InquirySnapshot& snapshot, const PlatformPorts& ports);

// S46: the body of the answer, signed. order: its number; refund: its number, or empty.
Result<std::string> result_of(const Booked& booked, std::string_view order, std::string_view refund, const PlatformPorts& ports);

}  // namespace tf::wallet
