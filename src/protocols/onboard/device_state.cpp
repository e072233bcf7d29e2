// What a device remembers, as the record of its module.
#include "protocols/onboard/device.hpp"
#include "protocols/onboard/messages_parts.hpp"

namespace tf::onboard {
namespace {

constexpr std::string_view kStages[] = {"preliminary", "referred", "ready", "stored", "subscribed"};

Result<DeviceState> read_state(std::string_view text) {
  auto object = TF_TRY(JsonObject::parse(text, kLimits));
  const std::string stage = TF_TRY(object.text("stage", 16));
  DeviceState out;
  while (name_of(out.stage) != stage) {
    if (out.stage == Stage::subscribed) return Error{Code::integrity, "onboard.state", "the device is at no known stage"};
    out.stage = static_cast<Stage>(static_cast<int>(out.stage) + 1);
  }
  const bool before_stored = out.stage == Stage::referred || out.stage == Stage::ready;
  if (out.stage != Stage::preliminary) {
    out.operator_id = TF_TRY(id_in(object, "operator"));
    out.route = TF_TRY(route_in(object, "route"));
  }
  if (before_stored) {
    out.nonce = TF_TRY(secret32_in(object, "nonce"));
    out.expires_ms = TF_TRY(time_in(object, "expires"));
  }
  if (out.stage >= Stage::ready) {
    out.envelope_hash = TF_TRY(object.base64url<32>("envelope_hash"));
    out.delivery = TF_TRY(id_in(object, "delivery"));
  }
  if (out.stage == Stage::ready) out.transcript = TF_TRY(object.base64url<32>("transcript"));
  if (out.stage == Stage::stored) out.receipt = TF_TRY(object.text("receipt", 2048));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace

std::string_view name_of(Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }

DeviceState DeviceState::clone() const {
  return {stage, operator_id, route, nonce.clone(), expires_ms, transcript, envelope_hash, delivery, receipt};
}

SecretBytes encode(const DeviceState& state) {
  JsonWriter writer;
  writer.begin_object().member("stage", name_of(state.stage));
  if (state.stage != Stage::preliminary) {
    writer.member("operator", state.operator_id);
    write_texts(writer, "route", state.route);
  }
  if (state.stage == Stage::referred || state.stage == Stage::ready) {
    write_secret(writer, "nonce", state.nonce.reveal());
    writer.member("expires", state.expires_ms);
  }
  if (state.stage >= Stage::ready) writer.member("envelope_hash", base64url(state.envelope_hash)).member("delivery", state.delivery);
  if (state.stage == Stage::ready) writer.member("transcript", base64url(state.transcript));
  if (state.stage == Stage::stored) writer.member("receipt", state.receipt);
  writer.end_object();
  return secret_text(writer);
}

Result<DeviceState> decode_device_state(const SecretBytes& record) {
  auto state = read_state(as_text(record.reveal()));
  if (!state) return Error{Code::integrity, "onboard.state", describe(state.error())};
  return state;
}

Result<DeviceState> load_state(const module::SecureModule& module) {
  const SecretBytes record = module.record(kDeviceRecord);
  if (record.empty()) return DeviceState{};
  return decode_device_state(record);
}

Status save_state(module::SecureModule& module, const DeviceState& state) { return module.store_record(kDeviceRecord, encode(state)); }

}  // namespace tf::onboard
