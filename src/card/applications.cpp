#include "card/onboard/application.hpp"
#include "card/piv/application.hpp"
#include "card/shield/application.hpp"
#include "card/software_card.hpp"
#include "card/usim/application.hpp"

namespace tf::card {

std::vector<std::unique_ptr<Application>> applications_of(Services& services) {
  std::vector<std::unique_ptr<Application>> out;
  out.push_back(std::make_unique<piv::PivApplication>(services));
  out.push_back(std::make_unique<shield::ShieldApplication>(services));
  out.push_back(std::make_unique<usim::UsimApplication>(services));
  out.push_back(std::make_unique<onboard::ModuleApplication>(services));
  return out;
}

}  // namespace tf::card
