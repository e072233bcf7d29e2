// Secrets on the command line: HEX, @FILE (its content is HEX) or - (standard input). Files and input are at most 64 KiB;
// white space at their end does not count.
#pragma once
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::cli {

// The bytes behind an argument; option names it in errors. Code::malformed "cli.secret".
Result<SecretBytes> secret_argument(const std::string& argument, std::string_view option);
// A text behind an argument: itself, @FILE or -. For key blocks and the like.
Result<std::string> text_argument(const std::string& argument, std::string_view option);

}  // namespace tf::cli
