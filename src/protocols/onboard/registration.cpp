#include "protocols/onboard/registration.hpp"

#include "crypto/digest.hpp"

namespace tf::onboard {
namespace {

Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

bool same(const RegisteredDevice& there, const RegistrationRow& row) {
  return there.operator_id == row.operator_id && there.route == row.route && there.nonce == row.nonce && there.expires_ms == row.expires_ms;
}

}  // namespace

RegisteredDevice RegisteredDevice::clone() const { return {dsim_id, operator_id, route, nonce.clone(), expires_ms}; }

Result<std::optional<RegisteredDevice>> put_registration(const RegistrationRow& row, std::string_view peer_operator,
                                                         const std::optional<RegisteredDevice>& there, std::int64_t now_ms) {
  if (row.operator_id != peer_operator) return refused("onboard.other_operator", "a server of " + std::string(peer_operator) + " registers for another");
  if (row.expires_ms <= now_ms) return refused("onboard.expired", "the registration has expired already");
  if (row.expires_ms > now_ms + kMaxRegistrationMs) return refused("onboard.expires_too_late", "a registration lives 400 days at most");
  if (there && there->operator_id != row.operator_id && there->expires_ms > now_ms)
    return refused("onboard.registered_otherwise", row.dsim_id + " is registered by another operator");
  if (there && same(*there, row)) return std::optional<RegisteredDevice>();
  return std::optional<RegisteredDevice>(RegisteredDevice{row.dsim_id, row.operator_id, row.route, row.nonce.clone(), row.expires_ms});
}

Result<bool> remove_registration(const RemovalRow& row, std::string_view peer_operator, const std::optional<RegisteredDevice>& there) {
  if (!there) return false;
  if (there->operator_id != peer_operator) return refused("onboard.other_operator", row.dsim_id + " is registered by another operator");
  return nonce_hash(there->nonce) == row.nonce_hash;
}

Result<ReferralRequest> open_referral(std::string_view body) { return decode_referral_request(body); }

Result<Referred> refer(const ReferralRequest& request, std::string_view authorization, const std::optional<RegisteredDevice>& registered,
                       const RegistrationPorts& ports) {
  const std::int64_t now = ports.clock.now_ms();
  const auto access = TF_TRY(check_access(authorization, ports.access, ports.verifier, now));
  const Shown module = TF_TRY(ports.verifier.verify_module(request.decryption, pki::Usage::onboard_module_decryption, request.dsim_id, now));
  if (!registered || registered->dsim_id != request.dsim_id) return refused("onboard.unregistered", "nobody registered " + request.dsim_id);
  if (now >= registered->expires_ms) return refused("onboard.expired", "the registration of " + request.dsim_id + " has expired");
  const SecretBytes content = encode(ReferralContent{registered->operator_id, registered->route, registered->nonce.clone(), registered->expires_ms});
  const std::string sealed = TF_TRY(crypto::jwe_seal_to(TF_TRY(module.leaf.public_key()), request.dsim_id, ports.random, typ::referral, content.reveal()));
  const ReferralClaim claim{request.dsim_id, request.nonce_a, crypto::sha256(as_bytes(sealed))};
  const std::string signature = TF_TRY(crypto::jws_sign_es256(ports.signer.sign, typ::referral, encode(claim), ports.signer.chain));
  return Referred{encode(ReferralAnswer{sealed, signature}), registered->operator_id, access ? access->pimsi : ""};
}

}  // namespace tf::onboard
