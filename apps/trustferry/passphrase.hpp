// Where a passphrase comes from: a file, a systemd credential, or the person at the terminal (nothing is echoed).
#pragma once
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::cli {

struct PassphraseSource {
  std::string file;        // "" : see below; "-": standard input
  std::string credential;  // name below $CREDENTIALS_DIRECTORY
  std::string prompt;
  bool confirm = false;    // asked for twice
};

// One line, its end not part of it. Code::invalid "cli.no_passphrase" when there is no file, credential or terminal.
Result<SecretBytes> read_passphrase(const PassphraseSource& source);

}  // namespace tf::cli
