#include "terminal/onboard/onboard.hpp"

#include <algorithm>
#include <filesystem>

#include "terminal/onboard/run.hpp"

namespace tf::terminal {

namespace fs = std::filesystem;

OnboardDevice::OnboardDevice(std::string directory, OnboardProfile profile, pki::Certificate root, std::unique_ptr<module::SecureModule> module,
                             OnboardPorts ports)
    : directory_(std::move(directory)), profile_(std::move(profile)), root_(std::move(root)), module_(std::move(module)), ports_(std::move(ports)) {}

Result<OnboardDevice> OnboardDevice::open(const std::string& directory, Secret<32> storage_key, OnboardPorts ports) {
  auto profile = TF_TRY(read_onboard_profile(directory));
  auto root = TF_TRY(onboard_root(directory, profile));
  auto module = TF_TRY(open_onboard_module(directory, profile, std::move(storage_key), ports.random));
  return OnboardDevice(directory, std::move(profile), std::move(root), std::move(module), std::move(ports));
}

std::vector<std::string> OnboardDevice::items() const {
  std::vector<std::string> out;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(items_directory(), none)) out.push_back(entry.path().filename().string());
  std::ranges::sort(out);
  return out;
}

Result<OnboardFacts> OnboardDevice::facts() const {
  const auto state = TF_TRY(onboard::load_state(*module_));
  OnboardFacts out{.stage = state.stage, .dsim_id = module_->dsim_id(), .operator_id = state.operator_id, .delivery = state.delivery, .pimsi = {}, .imsi = {}, .items = items()};
  if (const auto preliminary = module_->credential(module::Slot::preliminary)) out.pimsi = preliminary->imsi;
  if (const auto subscription = module_->credential(module::Slot::subscription)) out.imsi = subscription->imsi;
  out.certified = !module_->certificates(module::Key::sign).empty() && !module_->certificates(module::Key::decrypt).empty();
  const SecretBytes used = module_->record(kOnboardUsedRecord);
  out.used = !out.imsi.empty() && as_text(used.reveal()) == out.imsi;
  return out;
}

Status OnboardDevice::reset() {
  TF_CHECK(module_->erase(module::Slot::subscription));
  TF_CHECK(module_->store_record(kOnboardUsedRecord, {}));
  TF_CHECK(module_->store_record(onboard::kDeviceRecord, {}));
  std::error_code failed;
  fs::remove_all(items_directory(), failed);
  if (failed) return Error{Code::unavailable, "base.file_write", items_directory() + ": " + failed.message()};
  return {};
}

Result<OnboardFacts> OnboardDevice::run(const OnboardRun& options) {
  const auto now = TF_TRY(facts());
  if (!now.certified) return Error{Code::not_found, "terminal.not_certified", "the module has no certificates: terminal onboard certify"};
  if (profile_.phlr && now.pimsi.empty()) return Error{Code::not_found, "terminal.no_preliminary", "the module has no preliminary credential: terminal onboard certify"};
  const auto run = TF_TRY(Run::begin(*this, options));
  TF_CHECK(run->all());
  return facts();
}

}  // namespace tf::terminal
