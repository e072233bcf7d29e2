#include "simulate/acquirer_faults.hpp"

namespace tf::simulate::acquirer {

Misfortune draw(const Faults& faults, std::mt19937_64& chance) {
  // Not std::bernoulli_distribution: libraries differ in what they make of the same numbers.
  const auto happens = [&chance](double probability) { return static_cast<double>(chance() >> 11) * 0x1p-53 < probability; };
  Misfortune out;
  const bool drop = happens(faults.drop);
  const bool first_half = happens(0.5);
  out.lose_request = drop && first_half;
  out.lose_reply = drop && !first_half;
  out.duplicate = happens(faults.duplicate);
  out.decline = happens(faults.decline);
  out.late = happens(faults.late);
  out.wrong_amount = happens(faults.wrong_amount);
  out.bad_mac = happens(faults.bad_mac);
  const bool cut = happens(faults.cut);
  const auto third = static_cast<std::uint8_t>(chance() % 3);
  if (cut) out.cut = static_cast<Misfortune::Cut>(third + 1);
  return out;
}

}  // namespace tf::simulate::acquirer
