// What the demo did, in a few lines for people or one object for programs.
#pragma once
#include <optional>
#include <string>

#include "apps/trustferry/demo/demo_cardsign.hpp"
#include "apps/trustferry/demo/demo_onboard.hpp"
#include "apps/trustferry/demo/demo_phones.hpp"
#include "apps/trustferry/demo/demo_wallet.hpp"

namespace tf::cli {

struct DemoOutcome {
  std::string fleet, audit;  // what these commands printed, JSON
  std::optional<PhoneReport> phones;
  std::optional<WalletReport> wallets;
  std::optional<OnboardReport> modules;
  std::optional<CardsignReport> card;
  int orders = 0;
};
Status print_demo(const DemoOutcome& outcome, bool json);

}  // namespace tf::cli
