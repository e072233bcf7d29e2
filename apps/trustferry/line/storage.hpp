// The key that seals a device's or loader's directory, as the commands let people choose it.
#pragma once
#include "apps/trustferry/line/command_line.hpp"
#include "apps/trustferry/line/passphrase.hpp"
#include "crypto/storage_key.hpp"

namespace tf::cli {

struct StorageArgs {
  std::string directory;
  std::string passphrase_file;
};

inline void add_storage_options(CLI::App& app, StorageArgs& args) {
  app.add_option("--directory", args.directory, "where it is kept")->capture_default_str();
  app.add_option("--passphrase-file", args.passphrase_file,
                 "seal under a passphrase (- for standard input); otherwise under DIRECTORY/module.key, which stands for the device's own chip");
}

inline Result<Secret<32>> storage_key(const StorageArgs& args, Random& random) {
  if (args.passphrase_file.empty()) return crypto::storage_key_from_file(args.directory, random);
  const auto passphrase = TF_TRY(read_passphrase({args.passphrase_file, "", "Passphrase"}));
  return crypto::storage_key_from_passphrase(args.directory, passphrase, random);
}

}  // namespace tf::cli
