// The device's side: what to send, what an answer means, and what to persist before the next message. No I/O. What it remembers is one
// sealed record of its secure module (kDeviceRecord), so that the registration nonce lies in no file.
//
//   stage         what to do                                                         becomes
//   preliminary   begin_referral, POST referral to a registration server, finish_referral          referred
//   referred      begin_hello, begin_request, finish_request (POST hello, POST request             ready
//                 to a server of the route)
//   ready         a DM session at a provisioning server brings the envelope:                       stored
//                 begin_install, (OCSP about operator and issuer), install
//                 after a power-off: hello and request again (the same envelope comes)
//   stored        the receipt goes out by the DM session, where that is still open, and in any case       subscribed
//                 begin_receipt, POST receipt, finish_receipt: a provisioning server's word counts nothing
//   subscribed    nothing; the module authenticates with its subscription (digest_aka.hpp)
// Persist (save_state) the state each step gives before the next message. A 403 erases nothing: advice_of(read_refusal(body)).
//
// Errors: Code::refused
//   "onboard.registration_server" (not one this device knows)  "onboard.referral" (not for this question, module or content)
//   "onboard.operator_not_allowed"    "onboard.referral_expired"
//   "onboard.other_operator" (hello answered for another operator than referred to)
//   "onboard.ready" (not signed by that operator, or for another session)    "onboard.accounts" (not one for each server, in their order)
//   "onboard.stage" (Code::conflict: not what comes next)
//   those of envelope.hpp, pki.*, module.*, outcomes.
#pragma once
#include <optional>
#include <set>
#include <string>

#include "module/module.hpp"
#include "protocols/onboard/envelope.hpp"
#include "protocols/onboard/revocation.hpp"

namespace tf::onboard {

enum class Stage { preliminary, referred, ready, stored, subscribed };
std::string_view name_of(Stage stage);

inline constexpr std::string_view kDeviceRecord = "onboard";

struct DeviceState {
  Stage stage = Stage::preliminary;
  std::string operator_id;         // from referred on
  std::vector<std::string> route;  // from referred on
  RegistrationNonce nonce;         // referred and ready
  std::int64_t expires_ms = 0;     // of the referral
  Hash256 transcript{};            // ready
  Hash256 envelope_hash{};         // from ready on
  std::string delivery;            // from ready on
  std::string receipt;             // stored: JWS
  [[nodiscard]] DeviceState clone() const;
};
SecretBytes encode(const DeviceState& state);
Result<DeviceState> decode_device_state(const SecretBytes& record);  // Code::integrity "onboard.state"
// From and to the module; preliminary when there is no record.
Result<DeviceState> load_state(const module::SecureModule& module);
Status save_state(module::SecureModule& module, const DeviceState& state);

struct DevicePorts {
  const Clock& clock;
  Random& random;
  const ChainVerifier& verifier;         // under the root in the device
  module::SecureModule& module;
  std::set<std::string> registration_servers;  // RegServ_IDs: common names of their certificates
  std::set<std::string> operators = {};        // those the owner allows; empty: any of the root's
};

// --- 2 ---------------------------------------------------------------------------------------------------------------
struct ReferralUnderWay {
  Nonce nonce_a{};
  std::string body;
};
// Until it is stored; again after any refusal of hello or request: the operator may have another registration by now. What the device
// has stays until finish_referral gives it another. Code::conflict "onboard.stage", also when the module has a subscription.
Result<ReferralUnderWay> begin_referral(const DeviceState& state, const DevicePorts& ports);
Result<DeviceState> finish_referral(const ReferralUnderWay& sent, std::string_view body, const DevicePorts& ports);

// --- 3, 6 ------------------------------------------------------------------------------------------------------------
struct HelloUnderWay {
  Nonce nonce_d{};
  std::string body;
};
// referred or ready. Code::refused "onboard.referral_expired": begin_referral once more.
Result<HelloUnderWay> begin_hello(const DeviceState& state, const DevicePorts& ports);
struct RequestUnderWay {
  Shown operator_shown;   // its certificate, valid and of the operator referred to
  Hash256 transcript{};
  std::string body;
};
Result<RequestUnderWay> begin_request(const DeviceState& state, const HelloUnderWay& sent, std::string_view body, const DevicePorts& ports);
// What is not state stays in memory: after a power-off the device says hello again, and gets other accounts.
struct Ready {
  DeviceState state;
  Shown operator_shown;                         // for begin_install
  std::vector<Provisioning> provisioning = {};  // in the order to try, each with the account that is for it alone
};
Result<Ready> finish_request(const DeviceState& state, const RequestUnderWay& sent, std::string_view body, const DevicePorts& ports);
// --- 10 to 12 --------------------------------------------------------------------------------------------------------
// After a power-off between installing and persisting: the module holds what READY named already, and only the receipt is missing.
bool already_held(const DeviceState& state, const module::SecureModule& module);
Result<DeviceState> receipt_of_held(const DeviceState& state, const DevicePorts& ports);

struct InstallUnderWay {
  Inspected inspected;
  std::vector<Question> questions;  // the operator's certificate and the issuer's
};
Result<InstallUnderWay> begin_install(const Ready& ready, ByteView envelope, const DevicePorts& ports);
// The credential is in the module when this returns, and state.receipt is there to be sent. The note with the credential is the envelope's hash.
Result<DeviceState> install(const Ready& ready, const InstallUnderWay& under_way, const std::vector<Outcome>& outcomes, const DevicePorts& ports);

std::string begin_receipt(const DeviceState& state);  // POST receipt to a server of the route
// What is left is whose subscriber the device is.
Result<DeviceState> finish_receipt(const DeviceState& state, std::string_view body);

}  // namespace tf::onboard
