#include "card/answer.hpp"

namespace tf::card {

StatusWord status_of(const Error& error) {
  switch (error.code) {
    case Code::not_found: return StatusWord::reference_not_found;
    case Code::denied:
    case Code::refused: return StatusWord::security_status;
    case Code::malformed:
    case Code::invalid: return StatusWord::wrong_data;
    case Code::conflict: return StatusWord::conditions_of_use;
    case Code::unavailable: return StatusWord::memory_failure;
    case Code::overloaded:
    case Code::sealed:
    case Code::integrity:
    case Code::internal: break;
  }
  return StatusWord::no_diagnosis;
}

}  // namespace tf::card
