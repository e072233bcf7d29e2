// The birth of a platform: its root of trust, everything the root signs, the vault, the database, the first operators.
// The root's private key goes to a file of its own, sealed under its own passphrase; the server never needs it.
#pragma once
#include <string>
#include <vector>

#include "pki/issuer.hpp"
#include "platform/config.hpp"
#include "platform/admin/roles.hpp"
#include "wire/dsn.hpp"

namespace tf::platform {

struct InitOptions {
  std::string directory;
  std::string root_key_file;              // outside the directory; to be taken offline
  std::vector<wire::DsnRange> ranges;     // the serials this platform serves
  Config config;
  crypto::ScryptCost scrypt;
};

struct InitReport {
  std::string root_fingerprint;           // SHA-256, lower-case hex: what is put into firmware and compared there
  std::vector<Operator> operators;        // their files are in directory/operators
};

// All or nothing: a platform is made beside the directory and renamed into place. Code::conflict when there is one already
// or the root key's file exists, Code::invalid "platform.root_key_inside" when that file would lie in the directory.
Result<InitReport> initialise(const InitOptions& options, const SecretBytes& passphrase, const SecretBytes& root_passphrase);

// The root as an issuer, from its two files. Code::sealed for a wrong passphrase.
Result<pki::Issuer> open_root(const std::string& certificate_file, const std::string& key_file, const SecretBytes& passphrase);

}  // namespace tf::platform
