// The registration server's side: rows from credentialing servers (0b), referrals for devices (2). Values in, values out; the
// service's store keeps one row a DSIM_ID, the nonce sealed in the vault.
//
//   row            put_registration        remove_registration
//   none           written                 nothing to do
//   same operator  replaced, or the same   removed, when the nonce's hash is that row's
//   of another     "onboard.registered_otherwise" until it expires       "onboard.other_operator"
//
// Errors: Code::refused "onboard.other_operator" (a row of another operator than its sender), "onboard.registered_otherwise",
// "onboard.expired", "onboard.expires_too_late" (beyond kMaxRegistrationMs), "onboard.unregistered", those of access_token.hpp and pki/path/path.hpp, "onboard.other_module".
#pragma once
#include <optional>
#include <string>

#include "base/ports.hpp"
#include "protocols/onboard/access_token.hpp"
#include "protocols/onboard/messages_servers.hpp"

namespace tf::onboard {

// No operator keeps a device from the others for longer.
inline constexpr std::int64_t kMaxRegistrationMs = 400LL * 24 * 3600 * 1000;

struct RegistrationPorts {
  const Clock& clock;
  Random& random;
  const ChainVerifier& verifier;
  Signer signer;        // usage onboardRegistration
  AccessPolicy access;
};

// What the store has for a DSIM_ID; the latest one.
struct RegisteredDevice {
  std::string dsim_id;
  std::string operator_id;
  std::vector<std::string> route;
  RegistrationNonce nonce;       // to be kept sealed
  std::int64_t expires_ms = 0;
  [[nodiscard]] RegisteredDevice clone() const;
};

// peer_operator: whose credentialing server the peer is, by its certificate. The row to write (as it is, or instead of the one there);
// nothing when it stands already.
Result<std::optional<RegisteredDevice>> put_registration(const RegistrationRow& row, std::string_view peer_operator,
                                                         const std::optional<RegisteredDevice>& there, std::int64_t now_ms);
// true: remove it.
Result<bool> remove_registration(const RemovalRow& row, std::string_view peer_operator, const std::optional<RegisteredDevice>& there);

// 2. open_referral says what to look up.
Result<ReferralRequest> open_referral(std::string_view body);
struct Referred {
  std::string reply;
  std::string operator_id;  // for the audit trail
  std::string pimsi;        // whom the PHLR knows him by; empty without a token
};
// authorization: of the request, or empty.
Result<Referred> refer(const ReferralRequest& request, std::string_view authorization, const std::optional<RegisteredDevice>& registered,
                       const RegistrationPorts& ports);

}  // namespace tf::onboard
