// 10 to 12: the envelope, what OCSP says, the module, the receipt.
#include <algorithm>

#include "protocols/onboard/device_steps.hpp"

namespace tf::onboard {
namespace {

module::Content content_of(const xml::EncryptedParts& parts) { return {module::Oaep::sha1, parts.wrapped_key, parts.iv, parts.ciphertext, parts.tag}; }

Result<DeviceState> stored(const DeviceState& state, const DevicePorts& ports) {
  DeviceState out;
  out.stage = Stage::stored;
  out.operator_id = state.operator_id;
  out.route = state.route;
  out.envelope_hash = state.envelope_hash;
  out.delivery = state.delivery;
  out.receipt = TF_TRY(sign_by_module(typ::receipt, encode(ReceiptClaim{state.transcript, state.envelope_hash, state.delivery}), ports));
  return out;
}

}  // namespace

bool already_held(const DeviceState& state, const module::SecureModule& module) {
  const auto held = module.credential(module::Slot::subscription);
  return state.stage == Stage::ready && held && std::ranges::equal(held->note, state.envelope_hash);
}

Result<DeviceState> receipt_of_held(const DeviceState& state, const DevicePorts& ports) {
  if (!already_held(state, ports.module)) return wrong_stage(state);
  return stored(state, ports);
}

Result<InstallUnderWay> begin_install(const Ready& ready, ByteView envelope, const DevicePorts& ports) {
  const DeviceState& state = ready.state;
  if (state.stage != Stage::ready) return wrong_stage(state);
  const EnvelopeExpected expected{state.operator_id, ports.module.dsim_id(), own_device_hash(ports), nonce_hash(state.nonce), state.envelope_hash};
  Inspected inspected = TF_TRY(inspect_envelope(envelope, expected, ports.verifier, ports.clock.now_ms()));
  std::vector<Question> questions{ready.operator_shown, inspected.issuer};
  return InstallUnderWay{std::move(inspected), std::move(questions)};
}

Result<DeviceState> install(const Ready& ready, const InstallUnderWay& under_way, const std::vector<Outcome>& outcomes, const DevicePorts& ports) {
  if (ready.state.stage != Stage::ready) return wrong_stage(ready.state);
  for (const Question& question : under_way.questions) TF_CHECK(require_good(outcomes, question.leaf));
  const auto reader = [&](ByteView plaintext) -> Result<module::Credential> {
    SubscriberCredential credential = TF_TRY(judge_content(plaintext, under_way.inspected.header));
    return module::Credential{.imsi = std::move(credential.imsi), .key = std::move(credential.key),
                              .iccid = std::move(credential.iccid), .note = to_bytes(ready.state.envelope_hash)};
  };
  TF_CHECK(ports.module.install(module::Slot::subscription, content_of(under_way.inspected.content), reader));
  return stored(ready.state, ports);
}

std::string begin_receipt(const DeviceState& state) { return encode_receipt(state.receipt); }

Result<DeviceState> finish_receipt(const DeviceState& state, std::string_view body) {
  if (state.stage != Stage::stored) return wrong_stage(state);
  TF_CHECK(decode_result(body, "closed"));
  DeviceState out;
  out.stage = Stage::subscribed;
  out.operator_id = state.operator_id;
  out.route = state.route;
  out.envelope_hash = state.envelope_hash;
  out.delivery = state.delivery;
  return out;
}

}  // namespace tf::onboard
