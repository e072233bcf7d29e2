#include "platform/cardsign/profiles.hpp"

namespace tf::platform {

Status check_cardsign_profiles(const ca::Profiles& profiles, const cardsign::Policy& policy) {
  std::vector<std::string_view> wanted{"cardsign-server"};
  for (const cardsign::Slot slot : policy.wanted()) wanted.push_back(cardsign::profile_of(slot, policy.rsa ? crypto::KeyKind::rsa : crypto::KeyKind::p256));
  for (const std::string_view name : wanted)
    if (!profiles.contains(std::string(name)))
      return Error{Code::invalid, "cardsign.no_profile",
                   "there is no profile " + std::string(name) + ". The platform starts without [cardsign]: then pki authorities and pki profiles say what it lacks and how it gets that"};
  return {};
}

}  // namespace tf::platform
