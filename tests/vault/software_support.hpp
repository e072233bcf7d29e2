// A software vault in a directory of its own, with cheap scrypt.
#pragma once
#include <fstream>
#include <string>

#include "base/ports.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/vault/contract.hpp"
#include "vault/software/software_vault.hpp"
#include "vault/software/unsealed.hpp"

namespace tf::vault::test {

inline constexpr crypto::ScryptCost kCheap{.n = 16, .r = 8, .p = 1};
inline constexpr std::string_view kPassphrase = "correct horse battery staple";
inline SecretBytes secret_text(std::string_view text) { return SecretBytes(as_bytes(text)); }

class SoftwareUnderTest final : public VaultUnderTest {
 public:
  SoftwareUnderTest() : vault_(SoftwareVault::create(path(), passphrase(), random_, kCheap).value()) {}

  SoftwareVault& vault() override { return *vault_; }
  [[nodiscard]] SecretBytes passphrase() const override { return secret_text(kPassphrase); }
  [[nodiscard]] const std::string& directory() const { return directory_.path(); }
  [[nodiscard]] std::string path() const { return directory_.file("vault.json"); }
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
  tf::test::TemporaryDirectory directory_;
  std::unique_ptr<SoftwareVault> vault_;
};

}  // namespace tf::vault::test
