// The role contract: where owners order subscriptions, one or many (CN101940016A part 34).
#pragma once
#include "platform/onboard/contract/desk.hpp"
#include "platform/onboard/contract/form.hpp"

namespace tf::platform {

class ContractRole final : public OnboardRole {
 public:
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened);
  [[nodiscard]] std::string_view name() const override { return onboard_role::contract; }
  [[nodiscard]] std::vector<OnboardRoute> routes() override;
  void work(std::int64_t now_ms) override;

 private:
  ContractRole(OnboardOpened& opened, OnboardLines credentialing) : opened_(opened), desk_(opened, std::move(credentialing)) {}
  Result<std::string> contracts(const OnboardCall& call, std::string& subject, bool again);
  Result<std::string> list(const OnboardCall& call);
  Result<std::string> owners(const OnboardCall& call, std::string& subject);
  wire::HttpResponse form(const OnboardCall& call);
  Result<std::string> submit(const contract::FormValues& values);

  OnboardOpened& opened_;
  contract::Desk desk_;
  std::int64_t next_forget_ms_ = 0;
};

}  // namespace tf::platform
