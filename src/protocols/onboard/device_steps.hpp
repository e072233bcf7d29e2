// What the steps of device*.cpp share; private to them.
#pragma once
#include "protocols/onboard/device.hpp"

namespace tf::onboard {

inline Error refused(const char* reason, std::string detail) { return Error{Code::refused, reason, std::move(detail)}; }

inline Error wrong_stage(const DeviceState& state) {
  return Error{Code::conflict, "onboard.stage", "the device is " + std::string(name_of(state.stage))};
}

inline Hash256 own_device_hash(const DevicePorts& ports) {
  const auto signing = ports.module.certificates(module::Key::sign);
  const auto decryption = ports.module.certificates(module::Key::decrypt);
  if (signing.empty() || decryption.empty()) return {};  // a module without certificates is refused by everybody
  return device_hash(signing.front().der(), decryption.front().der());
}

// Without x5c: whoever reads it has the module's certificate from hello.
inline Result<std::string> sign_by_module(std::string_view typ, std::string_view payload, const DevicePorts& ports) {
  return crypto::jws_sign_es256(crypto::Es256Signer([&](ByteView input) { return ports.module.sign(input); }), typ, payload);
}

}  // namespace tf::onboard
