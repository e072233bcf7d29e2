#include "apps/trustferry/line/exit_code.hpp"

namespace tf::cli {

const std::string_view kExitCodes =
    "Exit codes: 0 done · 1 internal error · 2 usage · 3 bad input · 4 not found · 5 refused or denied ·\n"
    "            6 unavailable or overloaded · 7 sealed, or wrong passphrase · 8 conflict · 9 integrity\n";

int exit_code_of(Code code) {
  switch (code) {
    case Code::invalid:
    case Code::malformed: return 3;
    case Code::not_found: return 4;
    case Code::refused:
    case Code::denied: return 5;
    case Code::overloaded:
    case Code::unavailable: return 6;
    case Code::sealed: return 7;
    case Code::conflict: return 8;
    case Code::integrity: return 9;
    case Code::internal: return 1;
  }
  return 1;
}

}  // namespace tf::cli
