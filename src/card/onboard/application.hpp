// The module application (docs/card.md, "The module"): the card as the secure module of a device that onboards. Its vocabulary is in apdu/onboard.hpp.
//
// CLAIM makes a device the host; all else is inside the host's secure channel (SCP03, level 33). What is proved lasts until the application is selected
// again. Each command that changes something is one transaction.
#pragma once
#include "card/application.hpp"
#include "card/services.hpp"

namespace tf::card::onboard {

class ModuleApplication final : public Application {
 public:
  explicit ModuleApplication(Services& services) : services_(services) {}
  [[nodiscard]] ByteView aid() const override;
  std::unique_ptr<Session> open() override;

 private:
  Services& services_;
};

}  // namespace tf::card::onboard
