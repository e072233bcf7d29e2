#include "crypto/storage_key.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "crypto/keys.hpp"

namespace tf::crypto {
namespace {

// The file's 32 bytes; written with fresh randomness when it does not exist yet.
Result<SecretBytes> read_or_make(const std::string& path, Random& random) {
  if (!std::filesystem::exists(path)) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
    SecretBytes fresh(32);
    random.fill(fresh.reveal_mutable());
    TF_CHECK(write_file_atomic(path, fresh.reveal(), 0600));
    return fresh;
  }
  SecretBytes out = TF_TRY(read_secret_file(path, 64));
  if (out.size() != 32) return Error{Code::integrity, "crypto.storage_key", path + " does not hold 32 bytes"};
  return out;
}

}  // namespace

Result<Secret<32>> storage_key_from_file(const std::string& directory, Random& random) {
  const SecretBytes key = TF_TRY(read_or_make(directory + "/module.key", random));
  return Secret<32>(key.reveal().first<32>());
}

Result<Secret<32>> storage_key_from_passphrase(const std::string& directory, const SecretBytes& passphrase, Random& random) {
  const SecretBytes salt = TF_TRY(read_or_make(directory + "/store.salt", random));
  return scrypt(passphrase, salt.reveal(), {.n = 1 << 15, .r = 8, .p = 1});
}

}  // namespace tf::crypto
