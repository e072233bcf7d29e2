// The credentialing server's side: from a message and a snapshot to an answer and what must be written before it leaves. Stateless
// between messages but for sessions; states are drawn in records.hpp.
//
//   message        functions, in order                        becomes
//   subscriptions  subscribe, for each row                    a registration; registration_row for the registration servers
//   hello          open_hello, hello                          a session, kept in memory; the operator's certificate
//   request        open_request, prove,                       the module proved itself: Proved says what OCSP is to be asked
//                  (OCSP) release,                            revoked: refused; else the HSS's credential is wanted, …
//                  (HSS) release again, with its answer,      … then the writes that consume the nonce: Released
//                  (commit; deliveries to the provisioning servers) ready     READY
//   envelope       open_envelope_request, hand_over           the envelope, to a provisioning server that was told
//   receipt        open_receipt, receive_receipt              closed
//   (an operator)  withdraw        (time) expire
//
// A Step with a refusal is committed, then the refusal is told. Errors: Code::malformed; Code::unavailable (OCSP without a usable
// answer: 503); Code::refused
//   "onboard.unregistered" "onboard.expired" "onboard.withdrawn" "onboard.closed" "onboard.used_by_other" "onboard.pinned_otherwise"
//   "onboard.other_module", pki.*, "ocsp.revoked", "ocsp.unknown"                                           the module's certificates
//   "onboard.session" "onboard.session_expired"    "onboard.signature" (not by this module)
//   "onboard.session_nonce" (with an alarm: signed by the module, for another session or with another registration nonce)
//   "onboard.already_registered" (rows)    "onboard.other_envelope" and those of envelope.hpp (the HSS's answer is not for this registration)
//   "onboard.not_released" "onboard.other_provisioning" (envelopes)     "onboard.receipt" (not of this release)
#pragma once
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/records.hpp"

namespace tf::onboard {

inline constexpr std::int64_t kSessionMs = 60'000;

struct CredentialingPorts {
  const Clock& clock;
  Random& random;
  const ChainVerifier& verifier;
  std::string operator_id;
  Signer signer;                    // usage onboardOperator, its common name operator_id
  std::vector<std::string> route;   // URLs of this server, for referrals
  std::string own_url;              // where provisioning servers fetch envelopes
  AccessPolicy access;              // of hello and request
  std::int64_t registration_ms = 90LL * 24 * 3600 * 1000;  // a registration lives so long
};

struct Proved {
  Session session;
  std::vector<Question> questions;  // both of the module's certificates
};
// What stands in the database, and what is left to do before READY leaves.
struct Released {
  std::string dsim_id;
  Hash256 transcript{};
  Hash256 envelope_hash{};
  crypto::PublicKey module_key;     // decryption
  Delivery delivery;                // for each provisioning server, until enough took it; account and items are the caller's to add
};
struct Step {
  std::string reply;
  Writes writes;
  std::optional<Error> refusal;                   // to be told once the writes are durable
  std::optional<Proved> proved;                   // prove: ask OCSP next
  std::optional<CredentialsRequest> credentials;  // release: ask the HSS next
  std::optional<Released> released;               // release: commit, deliver, then ready()
};

// 0a. newest: the newest registration of this DSIM_ID, if any. Writes: made; changed, when that one had expired unseen, or was released and
// neither closed nor withdrawn when its time was over: it becomes withdrawn, with suspend.
Result<Step> subscribe(const Subscription& row, const std::optional<Registration>& newest, const CredentialingPorts& ports);
// 0b. For every registration server.
RegistrationRow registration_row(const Registration& registration, const CredentialingPorts& ports);

// 3.
struct OpenedHello {
  Hello hello;
};
Result<OpenedHello> open_hello(std::string_view body);
struct DeviceSnapshot {
  std::optional<Registration> registration;  // the newest of the DSIM_ID; from prove on: with the session's registration id
};
Result<Step> hello(const OpenedHello& request, std::string_view authorization, const DeviceSnapshot& snapshot, const CredentialingPorts& ports);

struct OpenedRequest {
  Request request;
};
Result<OpenedRequest> open_request(std::string_view body);
// session: with the id of the request; null: none. It is used up, whatever comes out.
Result<Step> prove(const OpenedRequest& request, const Session* session, const DeviceSnapshot& snapshot, const CredentialingPorts& ports);
// 4, 5. answer: the HSS's, when release() wanted it before.
Result<Step> release(const Proved& proved, const std::vector<Outcome>& outcomes, const DeviceSnapshot& snapshot,
                     const std::optional<CredentialsAnswer>& answer, const CredentialingPorts& ports);
// 6. For a server that is about to be given the delivery: an account of its own, new with each call.
Account new_account(std::string_view delivery, std::string_view server_id, Random& random);
// Body of the answer. provisioning: the servers that took the delivery, with the accounts they were given, in the order to try, no more than kMaxUrls;
// Code::unavailable "onboard.no_provisioning" without any.
Result<std::string> ready(const Released& released, const std::vector<Provisioning>& provisioning, const CredentialingPorts& ports);

// 9. The delivery to look up is the registration's id.
Result<std::string> open_envelope_request(std::string_view body);
// told: the peer is one of the servers that were given this delivery. Body of the answer.
Result<std::string> hand_over(const DeviceSnapshot& snapshot, bool told, const CredentialingPorts& ports);

// 12. From a provisioning server or from the device itself, in time or late; the same again changes nothing.
struct OpenedReceipt {
  std::string jws;
  ReceiptClaim claim;  // not verified yet; its delivery is what to look up
};
Result<OpenedReceipt> open_receipt(std::string_view body);
Result<Step> receive_receipt(const OpenedReceipt& receipt, const DeviceSnapshot& snapshot, const CredentialingPorts& ports);

// Nothing where there is nothing to do; Code::refused "onboard.closed" for withdraw, which suspends, also what expired after it was released.
// expire suspends what was not released: the HSS may have made a credential for a release that did not stand.
Result<std::optional<Step>> withdraw(const Registration& registration);
std::optional<Step> expire(const Registration& registration, std::int64_t now_ms);

}  // namespace tf::onboard
