// [cardsign]: smart cards that sign payments. It needs [wallet], whose books, front ends and merchants it uses.
#pragma once
#include <cstdint>
#include <string>

#include "platform/config/wallet.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::platform {

struct CardsignConfig {
  Listen listen{"127.0.0.1", 8449};   // /cardsign: terminals, browsers and merchants
  std::string name = "trustferry";    // the platform's, in every text that is signed
  std::string terminal = "CARDSIGN";  // the point of sale at the front ends
  std::int64_t order_hours = 24;      // an order lives no longer
  std::int64_t sessions = 20'000;
  std::int64_t repeat_seconds = 3'600;  // a short message to a card is sent again after that, where nothing proved that it came
  cardsign::Policy policy;
};

}  // namespace tf::platform
