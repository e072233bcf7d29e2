#include "terminal/onboard/make.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "protocols/onboard/certificates.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

Result<Secret<16>> key_in(wire::JsonObject& object, std::string_view name) {
  std::string text = TF_TRY(object.text(name, 64));
  auto bytes = wire::secret_from_hex(text);
  wipe(text.data(), text.size());
  if (!bytes || bytes->size() != 16) return Error{Code::malformed, "terminal.preliminary", std::string(name) + " is not 32 hex digits"};
  return Secret<16>(bytes->reveal().first<16>());
}

Result<module::Credential> read(const SecretBytes& text) {
  auto object = TF_TRY(wire::JsonObject::parse(as_text(text.reveal())));
  module::Credential out;
  out.imsi = TF_TRY(object.text("pimsi", 15));
  const auto k = TF_TRY(key_in(object, "k"));
  out.key = {k, TF_TRY(key_in(object, "opc"))};
  TF_CHECK(object.finish());
  return out;
}

}  // namespace

Result<MadeOnboardDevice> onboard_requests(module::SecureModule& module) {
  return MadeOnboardDevice{TF_TRY(module.request(module::Key::sign, module.dsim_id())), TF_TRY(module.request(module::Key::decrypt, module.dsim_id()))};
}

Result<MadeOnboardDevice> make_onboard_device(const std::string& directory, OnboardProfile profile, const pki::Certificate& root, Secret<32> storage_key,
                                              Random& random) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return Error{Code::unavailable, "base.file_write", directory + ": " + failed.message()};
  if (std::filesystem::exists(onboard_profile_path(directory))) return Error{Code::conflict, "terminal.exists", directory + " holds a device already"};
  TF_CHECK(decode_onboard_profile(encode(profile)));
  profile.root = "root.crt";
  TF_CHECK(write_file_atomic(directory + "/root.crt", as_bytes(root.to_pem()), 0644));
  auto module = create_onboard_module(directory, profile, storage_key.clone(), random);
  if (!module && std::string_view(module.error().reason) == "module.exists")  // the visit before was interrupted
    module = open_onboard_module(directory, profile, std::move(storage_key), random);
  if (!module) return module.error();
  auto out = TF_TRY(onboard_requests(**module));
  TF_CHECK(write_onboard_profile(directory, profile));
  return out;
}

Result<module::Credential> decode_preliminary(const SecretBytes& text) {
  auto out = read(text);
  if (!out) return Error{Code::malformed, "terminal.preliminary", "not {\"pimsi\", \"k\", \"opc\"}: " + out.error().detail};
  return out;
}

Status certify_onboard_device(const std::string& directory, module::SecureModule& module, const OnboardCertificates& certificates,
                              module::Credential preliminary, const Clock& clock) {
  const auto profile = TF_TRY(read_onboard_profile(directory));
  const onboard::ChainVerifier verifier({TF_TRY(onboard_root(directory, profile))});
  const std::int64_t now = clock.now_ms();
  TF_TRY(verifier.verify_module(onboard::chain_of(certificates.signing), pki::Usage::onboard_module, module.dsim_id(), now));
  TF_TRY(verifier.verify_module(onboard::chain_of(certificates.decryption), pki::Usage::onboard_module_decryption, module.dsim_id(), now));
  TF_CHECK(module.store_certificates(module::Key::sign, certificates.signing));
  TF_CHECK(module.store_certificates(module::Key::decrypt, certificates.decryption));
  return module.store_credential(module::Slot::preliminary, std::move(preliminary));
}

Status retire_onboard_device(const std::string& directory, Secret<32> storage_key, Random& random) {
  const Status removed = remove_onboard_module(directory, TF_TRY(read_onboard_profile(directory)), std::move(storage_key), random);
  if (!removed && std::string_view(removed.error().reason) != "module.no_module") return removed;
  std::error_code failed;
  std::filesystem::remove(onboard_profile_path(directory), failed);
  if (failed) return Error{Code::unavailable, "base.file_write", onboard_profile_path(directory) + ": " + failed.message()};
  return {};
}

}  // namespace tf::terminal
