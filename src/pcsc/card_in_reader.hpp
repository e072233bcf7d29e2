// A card of this process as what VpcdLink puts into a reader.
#pragma once
#include "card/card.hpp"
#include "pcsc/vpcd_link.hpp"

namespace tf::pcsc {

class CardInReader final : public Inserted {
 public:
  explicit CardInReader(card::Card& card) : card_(card) {}
  ByteView atr() override { return card::Card::atr(); }
  void power_on() override { card_.power_on(); }
  void power_off() override { card_.power_off(); }
  void reset() override { card_.reset(); }
  Bytes transmit(ByteView command) override { return card_.transmit(command); }

 private:
  card::Card& card_;
};

}  // namespace tf::pcsc
