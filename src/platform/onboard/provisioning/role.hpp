// The role provisioning: an OMA DM server that carries what it cannot read (CN101940016A parts 28, 30).
#pragma once
#include "platform/onboard/provisioning/datagram.hpp"
#include "platform/onboard/provisioning/management.hpp"

namespace tf::platform {

class ProvisioningRole final : public OnboardRole {
 public:
  static Result<std::unique_ptr<OnboardRole>> open(OnboardOpened& opened);
  [[nodiscard]] std::string_view name() const override { return onboard_role::provisioning; }
  [[nodiscard]] std::vector<OnboardRoute> routes() override;
  void work(std::int64_t now_ms) override;

 private:
  ProvisioningRole(OnboardOpened& opened, OnboardLines operators, NotifyPlaces places)
      : opened_(opened), operators_(std::move(operators)), places_(std::move(places)), management_(opened, operators_),
        taken_(opened.metrics.counter("trustferry_onboard_deliveries_total", "Deliveries taken from operators")) {}
  Result<std::string> take(const OnboardCall& call, std::string& subject);
  void notify_due(std::int64_t now_ms);
  Status notify(const provisioning::Row& row, NotifyPlaces::Kind kind);
  Status count();
  void housekeeping(std::int64_t now_ms);

  OnboardOpened& opened_;
  OnboardLines operators_;
  const NotifyPlaces places_;
  provisioning::Management management_;
  metrics::Counter& taken_;
  std::int64_t next_forget_ms_ = 0, next_count_ms_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> waiting_;  // deliveries of each peer: counted once a minute, and up with each new one
};

}  // namespace tf::platform
