// 2, 3, 6: referral, hello, request.
#include "protocols/onboard/device.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "protocols/onboard/device_steps.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::onboard {
namespace {

Result<SecretBytes> open_jwe(std::string_view jwe, std::string_view typ, const DevicePorts& ports) {
  const crypto::JweRecipient recipient{crypto::KeyKind::rsa, {}, [&](ByteView wrapped) { return ports.module.unwrap(module::Oaep::sha256, wrapped); }};
  return crypto::jwe_open(recipient, ports.module.dsim_id(), typ, jwe);
}

Status check_claim(const ReferralClaim& claim, const ReferralUnderWay& sent, const ReferralAnswer& answer, const DevicePorts& ports) {
  if (claim.dsim_id != ports.module.dsim_id()) return refused("onboard.referral", "the referral is for another module");
  if (claim.nonce_a != sent.nonce_a) return refused("onboard.referral", "the referral is an old one");
  if (claim.sealed_hash != crypto::sha256(as_bytes(answer.sealed))) return refused("onboard.referral", "another content was signed");
  return {};
}

// Signed by a registration server that this device knows, for this question.
Status check_referral(const ReferralAnswer& answer, const ReferralUnderWay& sent, const DevicePorts& ports) {
  const auto parsed = TF_TRY(crypto::jws_parse_es256(answer.referral, typ::referral));
  const Shown server = TF_TRY(ports.verifier.verify(parsed.chain, pki::Usage::onboard_registration, ports.clock.now_ms()));
  if (!ports.registration_servers.contains(server.leaf.common_name()))
    return refused("onboard.registration_server", server.leaf.common_name() + " is no registration server of this device");
  const auto payload = crypto::jws_verify_es256(TF_TRY(server.leaf.public_key()), typ::referral, answer.referral);
  if (!payload) return refused("onboard.referral", describe(payload.error()));
  return check_claim(TF_TRY(decode_referral_claim(*payload)), sent, answer, ports);
}

Result<std::vector<Provisioning>> matched(const ReadyClaim& claim, std::vector<Account> accounts) {
  if (accounts.size() != claim.provisioning.size()) return refused("onboard.accounts", "not an account for each provisioning server");
  std::vector<Provisioning> out;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const ProvisioningServer& server = claim.provisioning[i];
    if (accounts[i].user != account_user(claim.delivery, server.server_id)) return refused("onboard.accounts", "an account that is not for " + server.server_id);
    out.push_back({server, std::move(accounts[i])});
  }
  return out;
}

Status check_referred(const DeviceState& state, const DevicePorts& ports) {
  if (state.stage != Stage::referred && state.stage != Stage::ready) return wrong_stage(state);
  if (ports.clock.now_ms() >= state.expires_ms) return refused("onboard.referral_expired", "the referral's time is over");
  return {};
}

}  // namespace

Result<ReferralUnderWay> begin_referral(const DeviceState& state, const DevicePorts& ports) {
  if (state.stage >= Stage::stored || ports.module.credential(module::Slot::subscription)) return wrong_stage(state);
  ReferralUnderWay out{ports.random.array<16>(), {}};
  out.body = encode(ReferralRequest{ports.module.dsim_id(), out.nonce_a, chain_of(ports.module.certificates(module::Key::decrypt))});
  return out;
}

Result<DeviceState> finish_referral(const ReferralUnderWay& sent, std::string_view body, const DevicePorts& ports) {
  const ReferralAnswer answer = TF_TRY(decode_referral_answer(body));
  TF_CHECK(check_referral(answer, sent, ports));
  ReferralContent content = TF_TRY(decode_referral_content(TF_TRY(open_jwe(answer.sealed, typ::referral, ports))));
  if (!ports.operators.empty() && !ports.operators.contains(content.operator_id))
    return refused("onboard.operator_not_allowed", "the owner does not allow " + content.operator_id);
  DeviceState out;
  out.stage = Stage::referred;
  out.operator_id = std::move(content.operator_id);
  out.route = std::move(content.route);
  out.nonce = std::move(content.nonce);
  out.expires_ms = content.expires_ms;
  TF_CHECK(check_referred(out, ports));
  return out;
}

Result<HelloUnderWay> begin_hello(const DeviceState& state, const DevicePorts& ports) {
  TF_CHECK(check_referred(state, ports));
  HelloUnderWay out{ports.random.array<16>(), {}};
  out.body = encode(Hello{ports.module.dsim_id(), out.nonce_d, chain_of(ports.module.certificates(module::Key::sign)),
                          chain_of(ports.module.certificates(module::Key::decrypt))});
  return out;
}

Result<RequestUnderWay> begin_request(const DeviceState& state, const HelloUnderWay& sent, std::string_view body, const DevicePorts& ports) {
  TF_CHECK(check_referred(state, ports));
  const HelloAnswer answer = TF_TRY(decode_hello_answer(body));
  if (answer.operator_id != state.operator_id)
    return refused("onboard.other_operator", "referred to " + state.operator_id + ", answered by " + answer.operator_id);
  Shown shown = TF_TRY(ports.verifier.verify_named(answer.certificate, pki::Usage::onboard_operator, state.operator_id, ports.clock.now_ms()));
  const Hash256 th = transcript_hash({state.operator_id, ports.module.dsim_id(), sent.nonce_d, answer.nonce_c, own_device_hash(ports),
                                      operator_hash(shown.leaf.der()), nonce_hash(state.nonce)});
  const std::string jws = TF_TRY(sign_by_module(typ::request, encode(RequestClaim{th, session_nonce(state.nonce, th)}), ports));
  return RequestUnderWay{std::move(shown), th, encode(Request{answer.session, jws})};
}

Result<Ready> finish_request(const DeviceState& state, const RequestUnderWay& sent, std::string_view body, const DevicePorts& ports) {
  TF_CHECK(check_referred(state, ports));
  const auto payload = crypto::jws_verify_es256(TF_TRY(sent.operator_shown.leaf.public_key()), typ::ready, TF_TRY(decode_ready(body)));
  if (!payload) return refused("onboard.ready", describe(payload.error()));
  ReadyClaim claim = TF_TRY(decode_ready_claim(*payload));
  if (claim.transcript != sent.transcript) return refused("onboard.ready", "READY is of another session");
  auto accounts = TF_TRY(decode_accounts(TF_TRY(open_jwe(claim.accounts, typ::accounts, ports))));
  auto provisioning = TF_TRY(matched(claim, std::move(accounts)));
  DeviceState out = state.clone();
  out.stage = Stage::ready;
  out.transcript = claim.transcript;
  out.envelope_hash = claim.envelope_hash;
  out.delivery = std::move(claim.delivery);
  return Ready{std::move(out), sent.operator_shown, std::move(provisioning)};
}

}  // namespace tf::onboard
