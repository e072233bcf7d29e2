// A software vault in a directory of its own, with cheap scrypt.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/ports.hpp"
#include "tests/vault/contract.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault::test {

inline constexpr crypto::ScryptCost kCheap{.n = 16, .r = 8, .p = 1};
inline constexpr std::string_view kPassphrase = "correct horse battery staple";
inline SecretBytes secret_text(std::string_view text) { return SecretBytes(as_bytes(text)); }

class SoftwareUnderTest final : public VaultUnderTest {
 public:
  SoftwareUnderTest() {
    char name[] = "/tmp/tf-vault-XXXXXX";
    directory_ = ::mkdtemp(name);
    vault_ = SoftwareVault::create(path(), passphrase(), random_, kCheap).value();
  }
  ~SoftwareUnderTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  SoftwareUnderTest(const SoftwareUnderTest&) = delete;
  SoftwareUnderTest& operator=(const SoftwareUnderTest&) = delete;

  SoftwareVault& vault() override { return *vault_; }
  [[nodiscard]] SecretBytes passphrase() const override { return secret_text(kPassphrase); }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string path() const { return directory_ + "/vault.json"; }
  Random& random() { return random_; }

  [[nodiscard]] std::string file_text() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void overwrite(std::string_view text) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc)
        .write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  // A second process, as it were.
  Result<std::unique_ptr<SoftwareVault>> open_again() { return SoftwareVault::open(path(), random_); }

 private:
  SystemRandom random_;
  std::string directory_;
  std::unique_ptr<SoftwareVault> vault_;
};

}  // namespace tf::vault::test
