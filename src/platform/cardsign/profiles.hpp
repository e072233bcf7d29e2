// The profiles of the certificate authority that [cardsign] issues after. A platform that an earlier version made may lack some.
#pragma once
#include "ca/profiles.hpp"
#include "protocols/cardsign/platform.hpp"

namespace tf::platform {

// Code::invalid "cardsign.no_profile" names the first one that is missing, and what helps.
Status check_cardsign_profiles(const ca::Profiles& profiles, const cardsign::Policy& policy);

}  // namespace tf::platform
