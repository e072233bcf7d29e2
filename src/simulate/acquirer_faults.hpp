// Misfortune by seed: the same seed gives the same faults for the same sequence of messages.
#pragma once
#include <chrono>
#include <cstdint>
#include <random>

namespace tf::simulate::acquirer {

// Probabilities, 0 to 1, for each financial message (0200, 0400 and their repetitions). 0800 is answered as it should be.
struct Faults {
  std::chrono::milliseconds delay{0};  // of every reply
  std::chrono::milliseconds late_by{3000};
  double drop = 0;          // half of them before the host acts, half of them the reply
  double duplicate = 0;     // the reply comes twice
  double decline = 0;       // "do not honour", 0200 only
  double late = 0;          // the host acts, and the reply comes after late_by
  double wrong_amount = 0;  // in the reply, under a right MAC
  double bad_mac = 0;       // of the reply
  double cut = 0;           // the connection: before the host acts, after it, or in the middle of the reply
  bool mute = false;        // nothing is answered any more, 0800 neither
  bool deaf_to_reversals = false;  // reversals alone are not answered, nor acted on
};

struct Misfortune {
  bool lose_request = false, lose_reply = false, duplicate = false, decline = false, late = false, wrong_amount = false, bad_mac = false;
  enum class Cut : std::uint8_t { none, before, after, in_the_middle } cut = Cut::none;
};

// Draws the same number of times whatever comes of it.
Misfortune draw(const Faults& faults, std::mt19937_64& chance);

}  // namespace tf::simulate::acquirer
