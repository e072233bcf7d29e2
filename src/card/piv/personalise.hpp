// What PIV finds on a new card: the administrator's key, CHUID, capability container, and certificates that come with it.
#pragma once
#include "card/personalise.hpp"

namespace tf::card::piv {

// Within the caller's batch. Code::invalid "card.plan".
Status personalise(Services& services, const Plan& plan);

}  // namespace tf::card::piv
