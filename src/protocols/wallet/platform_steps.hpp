// What the steps of the platform have in common; private to platform*.cpp.
#pragma once
#include <string>

#include "protocols/wallet/keys.hpp"
#include "protocols/wallet/platform.hpp"

namespace tf::wallet {

inline Error refused(const char* reason, std::string detail) { return {Code::refused, reason, std::move(detail)}; }

// A challenge of ours for this purpose. Code::refused "wallet.challenge"; the second time "wallet.challenge_used".
Result<OneUse> open_challenge(std::string_view nonce, ChallengePurpose purpose, const PlatformPorts& ports);
// The content of a JWE to one of our encryption keys. Code::refused "wallet.unknown_key".
Result<SecretBytes> open_jwe(std::string_view jwe, std::string_view typ, const PlatformPorts& ports);
// Code::refused "wallet.other_platform"
Status check_platform(std::string_view named, const PlatformPorts& ports);
// Code::refused "wallet.suite"
Status check_suite(const Policy& policy, Suite suite);

// A registration that moves on from how it was read.
Update update_of(const Registration& was, Registration to);

// A key in the vault: of the codes, of info3, a message key.
Result<Secret<32>> derived(const vault::Wrapped& wrapped, const vault::RowId& row, std::string_view salt, std::string_view label,
                           const PlatformPorts& ports, ByteView context = {});
// A signature tells whose the request is, its MAC under the message key of which login: a stolen key alone asks for nothing.
// Code::refused "wallet.wrong_mac".
Status check_mac(const Session& session, std::string_view label, std::string_view jws, const Hash256& mac, const PlatformPorts& ports);

// The number has another active registration, and no operator approved this one in its place.
bool bound_otherwise(const ActivateSnapshot& snapshot);
// Proved, and put aside until an operator has looked.
Step waiting(const Registration& registration, const Policy& policy, std::int64_t now);
// What stood in the way goes; the approval is used up.
void take_over(const ActivateSnapshot& snapshot, Writes& writes);

// For the audit trail.
std::string detail_of(const Registration& registration, std::string_view what);

// Login, both suites: what the session's answer is sealed for, once phone and user are proved.
struct NewSession {
  Session session;
  SessionContent content;
};
Result<NewSession> make_session(const Registration& user, const Policy& policy, const PlatformPorts& ports);
Status check_user(const std::optional<Registration>& user, Suite suite);
Result<pki::Certificate> certificate_of(const Registration& user, const PlatformPorts& ports);
// The password's verdict, once the key has proved itself, so that nobody else can lock a user out: on right, counters at zero;
// on wrong, a refusal that counts.
Result<Step> with_password(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports);
Result<Step> login_modern(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports);
Result<Step> login_classic(const OpenedLogin& request, const LoginSnapshot& snapshot, const PlatformPorts& ports);
Result<OpenedLogin> open_login_modern(const LoginRequest& request, const PlatformPorts& ports);
Result<OpenedLogin> open_login_classic(const LoginRequest& request, const PlatformPorts& ports);

// Payments: the session is there, of this suite, and its user still active, with a certificate that is valid.
// certificate: how the session's stands, where that is known; else the port is asked.
Status check_session(const Session* session, bool active, Suite suite, const PlatformPorts& ports, const std::optional<Status>& certificate = {});
// What a signed request must say of itself.
Status check_binding(const RequestBinding& binding, const Session& session, const PlatformPorts& ports);
// classic: the phone's clock may be 300 s from ours; within that a nonce works once.
inline constexpr std::int64_t kClassicWindowMs = 300'000;
Status check_time(std::int64_t time_ms, const PlatformPorts& ports);

// A payment as it was signed, from either suite.
struct SignedPayment {
  Order order;
  std::optional<OneUse> once;  // modern: the challenge
};
// Signature, MAC or seal, PIN block's hash, and who it is for: everything but the books.
Result<SignedPayment> verified_payment(const OpenedPay& request, const Session& session, const Policy& policy, const PlatformPorts& ports);

}  // namespace tf::wallet
