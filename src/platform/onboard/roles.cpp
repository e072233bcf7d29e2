// Which class plays which role.
#include <fmt/format.h>

#include "platform/onboard/contract/role.hpp"
#include "platform/onboard/credentialing/role.hpp"
#include "platform/onboard/hss/role.hpp"
#include "platform/onboard/phlr/role.hpp"
#include "platform/onboard/provisioning/role.hpp"
#include "platform/onboard/registration/role.hpp"
#include "platform/onboard/server.hpp"

namespace tf::platform {

Result<std::unique_ptr<OnboardRole>> open_onboard_role(std::string_view role, OnboardOpened& opened) {
  if (role == onboard_role::contract) return ContractRole::open(opened);
  if (role == onboard_role::credentialing) return CredentialingRole::open(opened);
  if (role == onboard_role::registration) return RegistrationRole::open(opened);
  if (role == onboard_role::phlr) return PhlrRole::open(opened);
  if (role == onboard_role::hss) return HssRole::open(opened);
  if (role == onboard_role::provisioning) return ProvisioningRole::open(opened);
  return Error{Code::invalid, "onboard.role", fmt::format("there is no role {}", role)};
}

}  // namespace tf::platform
