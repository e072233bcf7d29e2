// The role registration: takes rows of credentialing servers and refers devices to the right one (CN101940016A part 14).
#pragma once
#include "platform/onboard/role.hpp"
#include "protocols/onboard/registration.hpp"

namespace tf::platform {

class RegistrationRole final : public OnboardRole {
 public:
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened);
  [[nodiscard]] std::string_view name() const override { return onboard_role::registration; }
  [[nodiscard]] std::vector<OnboardRoute> routes() override;
  void work(std::int64_t now_ms) override;  // expiry

 private:
  explicit RegistrationRole(OnboardOpened& opened);
  Result<std::string> put(const OnboardCall& call);
  Result<std::string> remove(const OnboardCall& call);
  Result<std::string> refer(const OnboardCall& call, std::string& subject);

  OnboardOpened& opened_;
  const onboard::ChainVerifier verifier_;
  const onboard::RegistrationPorts ports_;
  metrics::Counter& registered_;
  metrics::Counter& referred_;
  std::int64_t next_expiry_ms_ = 0;
};

}  // namespace tf::platform
