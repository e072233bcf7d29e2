// A module in a swtpm, as the contract wants it.
#pragma once
#include <memory>

#include "module/tpm/tpm_module.hpp"
#include "tests/module/swtpm.hpp"

namespace tf::module::test {

class TpmUnderTest final : public ModuleUnderTest {
 public:
  static constexpr ByteArray<32> kStorageKey = [] {
    ByteArray<32> out{};
    out.fill(0x11);
    return out;
  }();
  explicit TpmUnderTest(SwTpm& tpm = shared_tpm()) : tpm_(tpm) {}
  Result<std::unique_ptr<SecureModule>> create(std::string_view id) override { return tpm::create(settings(kStorageKey), id, random); }
  Result<std::unique_ptr<SecureModule>> open(std::string_view id) override { return tpm::open(settings(kStorageKey), id, random); }
  Status remove(std::string_view id) override { return tpm::remove(settings(), id); }
  Result<std::unique_ptr<SecureModule>> open_as_a_stranger(std::string_view id) override { return tpm::open(settings(ByteArray<32>{}), id, random); }
  [[nodiscard]] tpm::Settings settings(const ByteArray<32>& storage_key = kStorageKey) const {
    return {.directory = directory.path(), .storage_key = Secret<32>(storage_key), .tcti = tpm_.tcti(), .owner_auth = {}};
  }

 private:
  SwTpm& tpm_;
};

}  // namespace tf::module::test
