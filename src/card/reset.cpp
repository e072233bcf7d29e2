#include <algorithm>

#include "card/personalise.hpp"
#include "card/piv/personalise.hpp"
#include "card/piv/pins.hpp"

namespace tf::card {
namespace {

bool of_the_card(std::string_view record) { return record.starts_with("key/card/") || record.starts_with("file/card/") || record.starts_with("file/usim/"); }

}  // namespace

Status reset(Services& services, const Plan& plan) {
  Memory& memory = services.memory;
  if (!piv::valid_pin(plan.pin.reveal()) || !piv::valid_puk(plan.puk.reveal())) return Error{Code::invalid, "card.plan", "a PIN is 6 to 8 digits, a PUK 6 to 8 characters"};
  Memory::Batch all(memory);
  for (const std::string_view folder : {"key/", "file/", "onboard/"})
    for (const std::string& name : memory.names(folder))
      if (!of_the_card(name)) TF_CHECK(memory.erase(name));
  for (const std::uint8_t number : containers(memory)) {
    if (number == 0) continue;
    TF_CHECK(memory.erase("pin/" + pin_name(number)));
    TF_CHECK(memory.erase("pin/" + puk_name(number)));
  }
  TF_CHECK(set_containers(memory, {0}));
  TF_CHECK(services.pins.create(pin_name(0), plan.pin.reveal(), plan.tries));
  TF_CHECK(services.pins.create(puk_name(0), plan.puk.reveal(), plan.tries));
  TF_CHECK(piv::personalise(services, plan));
  return all.commit();
}

}  // namespace tf::card
