#include "apdu/status.hpp"

#include <fmt/format.h>

namespace tf::apdu {
namespace {

const char* words_for(StatusWord status) {
  switch (status) {
    case StatusWord::ok: return "done";
    case StatusWord::memory_failure: return "memory failure";
    case StatusWord::wrong_length: return "wrong length";
    case StatusWord::channel_not_supported: return "logical channel not supported";
    case StatusWord::secure_messaging_not_supported: return "secure messaging not supported";
    case StatusWord::last_of_chain_expected: return "another command inside a chain";
    case StatusWord::chaining_not_supported: return "command chaining not supported";
    case StatusWord::incompatible_file: return "command does not fit the file";
    case StatusWord::security_status: return "security status not satisfied";
    case StatusWord::blocked: return "blocked";
    case StatusWord::reference_not_usable: return "reference data not usable";
    case StatusWord::conditions_of_use: return "conditions of use not satisfied";
    case StatusWord::no_current_file: return "no file selected";
    case StatusWord::missing_sm_object: return "secure messaging object missing";
    case StatusWord::wrong_sm_object: return "secure messaging object wrong";
    case StatusWord::wrong_data: return "wrong data";
    case StatusWord::function_not_supported: return "function not supported";
    case StatusWord::file_not_found: return "file or application not found";
    case StatusWord::record_not_found: return "record not found";
    case StatusWord::not_enough_memory: return "not enough memory";
    case StatusWord::wrong_p1_p2: return "wrong P1 P2";
    case StatusWord::wrong_nc: return "Lc does not fit P1 P2";
    case StatusWord::reference_not_found: return "no such key or reference";
    case StatusWord::exists: return "exists already";
    case StatusWord::wrong_offset: return "wrong offset";
    case StatusWord::wrong_ins: return "instruction not supported";
    case StatusWord::wrong_cla: return "class not supported";
    case StatusWord::no_diagnosis: return "no precise diagnosis";
    case StatusWord::authentication_failed: return "authentication failed";
    case StatusWord::mac_wrong: return "authentication error, incorrect MAC";
  }
  if (tries_of(status) >= 0) return "wrong, tries left";
  if (number_of(status) >> 8 == 0x61) return "more data";
  if (number_of(status) >> 8 == 0x6C) return "wrong Le";
  return "unnamed";
}

}  // namespace

std::string describe(StatusWord status) { return fmt::format("{:04X} ({})", number_of(status), words_for(status)); }

}  // namespace tf::apdu
