// A card whose certificates are renewed by short messages: the platform, the message centre and the phone with the card, all in the test's hand.
#pragma once
#include <gtest/gtest.h>

#include "tests/platform/cardsign/desk.hpp"
#include "tests/platform/cardsign/network.hpp"

namespace tf::platform::test {

using sms::smpp::ShortMessage;
using Messages = std::vector<ShortMessage>;

inline constexpr const char* kSerialA = "TF-000001";
inline constexpr const char* kNumberA = "8613800138000";

struct CardsignAir : testing::Test {
  CardsignAir() : centre(desk.now) {
    desk.sms = &centre;
    desk.restart();
    centre.on_incoming = [this](const sms::Incoming& message) { desk.service->arrived(message); };
    card = desk.enrolled(kSerialA, "anna");
    phone.emplace(card->in_reach);
    must(desk.service->cards().set_number("test", kSerialA, kNumberA));
    desk.now.advance(std::chrono::hours(24));
  }
  ~CardsignAir() override { phone.reset(); }

  // What was begun is written, and what it let go.
  void settle() {
    for (int i = 0; i < 3; ++i) must(desk.opened->database->write([](store::Session&) -> Status { return {}; }));
  }
  Messages sent() {
    settle();
    return centre.collect();
  }
  void renew() {
    must(desk.service->cards().renew("test", kSerialA));
    desk.service->air();
  }
  // Each as it comes to the phone; what its card said to the last that it answered.
  Bytes hand_over(const Messages& messages) {
    Bytes report;
    for (const ShortMessage& each : messages) {
      const auto taken = must(phone->take(MessageCentre::pdu_of(each)));
      EXPECT_TRUE(taken.for_card);
      if (!taken.report.empty()) report = taken.report;
    }
    return report;
  }
  [[nodiscard]] std::int64_t waiting() const { return must(desk.service->cards().show(kSerialA)).updates; }

  CardsignDesk desk;
  MessageCentre centre;
  std::unique_ptr<HeldCard> card;
  std::optional<terminal::CardMessages> phone;
};

}  // namespace tf::platform::test
