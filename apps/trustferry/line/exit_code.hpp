// The one mapper from what went wrong to the exit code of the program.
#pragma once
#include <string_view>

#include "base/error.hpp"

namespace tf::cli {

inline constexpr int kUsage = 2;  // the command line itself is wrong

int exit_code_of(Code code);
// The table shown in --help.
extern const std::string_view kExitCodes;

}  // namespace tf::cli
