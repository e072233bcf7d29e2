// The software module under the contract.
#include "module/software/software_module.hpp"

#include "tests/module/contract.hpp"

namespace tf::module::test {
namespace {

class SoftwareUnderTest final : public ModuleUnderTest {
 public:
  Result<std::unique_ptr<SecureModule>> create(std::string_view id) override { return software::create(settings(0x11), id, random); }
  Result<std::unique_ptr<SecureModule>> open(std::string_view id) override { return software::open(settings(0x11), id, random); }
  Status remove(std::string_view id) override { return software::remove(settings(0x11), id); }
  Result<std::unique_ptr<SecureModule>> open_as_a_stranger(std::string_view id) override { return software::open(settings(0x12), id, random); }

 private:
  [[nodiscard]] software::Settings settings(std::uint8_t key) const {
    ByteArray<32> storage_key;
    storage_key.fill(key);
    return {directory.path(), Secret<32>(storage_key)};
  }
};

INSTANTIATE_TEST_SUITE_P(Software, ModuleContract, testing::Values(ModuleFactory{"software", [] { return std::make_unique<SoftwareUnderTest>(); }}));

}  // namespace
}  // namespace tf::module::test
