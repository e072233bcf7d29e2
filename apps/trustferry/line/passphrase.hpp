// Where a passphrase comes from: a file, a systemd credential, or the person at the terminal (nothing is echoed).
#pragma once
#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"

namespace tf::cli {

struct PassphraseSource {
  std::string file;        // "" : see below; "-": standard input
  std::string credential;  // name below $CREDENTIALS_DIRECTORY
  std::string prompt;
  bool confirm = false;    // asked for twice
};

// One line, its end not part of it. Code::invalid "cli.no_passphrase" when there is no file, credential or terminal.
Result<SecretBytes> read_passphrase(const PassphraseSource& source);

// What one guess of a new vault's passphrase costs, and each opening of it: 2^doublings KiB of memory, which is filled and read through (scrypt).
struct PassphraseCost {
  static constexpr int kLeast = 14, kMost = 20;
  int doublings = 17;
  [[nodiscard]] crypto::ScryptCost scrypt() const { return {.n = std::uint64_t{1} << doublings, .r = 8, .p = 1}; }
};
void add_passphrase_cost(CLI::App& command, PassphraseCost& cost);

}  // namespace tf::cli
