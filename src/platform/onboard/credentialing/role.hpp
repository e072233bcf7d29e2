// The role credentialing: an operator's server that knows its devices (CN101940016A part 10).
#pragma once
#include "platform/onboard/credentialing/devices.hpp"
#include "platform/onboard/credentialing/staff.hpp"

namespace tf::platform {

class CredentialingRole final : public OnboardRole {
 public:
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened);
  [[nodiscard]] std::string_view name() const override { return onboard_role::credentialing; }
  [[nodiscard]] std::vector<OnboardRoute> routes() override;
  void work(std::int64_t now_ms) override { registrar_.work(now_ms); }

 private:
  explicit CredentialingRole(std::unique_ptr<credentialing::Desk> desk) : desk_(std::move(desk)), registrar_(*desk_), devices_(*desk_), staff_(*desk_, registrar_) {}
  const std::unique_ptr<credentialing::Desk> desk_;
  credentialing::Registrar registrar_;
  credentialing::Devices devices_;
  credentialing::Staff staff_;
};

}  // namespace tf::platform
