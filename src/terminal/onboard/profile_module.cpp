// Which module a profile means.
#include "module/software/software_module.hpp"
#include "module/tpm/tpm_module.hpp"
#include "terminal/onboard/profile.hpp"

namespace tf::terminal {

Result<std::unique_ptr<module::SecureModule>> create_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key,
                                                                    Random& random) {
  if (profile.module == ModuleKind::software)
    return module::software::create({.directory = directory, .storage_key = std::move(storage_key)}, profile.dsim_id, random);
  return module::tpm::create({.directory = directory, .storage_key = std::move(storage_key), .tcti = profile.tcti}, profile.dsim_id, random);
}

Result<std::unique_ptr<module::SecureModule>> open_onboard_module(const std::string& directory, const OnboardProfile& profile, Secret<32> storage_key,
                                                                  Random& random) {
  if (profile.module == ModuleKind::software)
    return module::software::open({.directory = directory, .storage_key = std::move(storage_key)}, profile.dsim_id, random);
  return module::tpm::open({.directory = directory, .storage_key = std::move(storage_key), .tcti = profile.tcti}, profile.dsim_id, random);
}

}  // namespace tf::terminal
