// What every vault must do, whatever it is made of. An implementation derives VaultUnderTest and instantiates
// VaultContract with a factory; each test gets a fresh, unsealed vault.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "vault/vault.hpp"
#include "wire/encoding.hpp"

namespace tf::vault::test {

class VaultUnderTest {
 public:
  virtual ~VaultUnderTest() = default;
  virtual Vault& vault() = 0;
  [[nodiscard]] virtual SecretBytes passphrase() const = 0;
};

struct VaultFactory {
  std::string name;
  std::function<std::unique_ptr<VaultUnderTest>()> make;
};

inline void PrintTo(const VaultFactory& factory, std::ostream* out) { *out << factory.name; }

class VaultContract : public testing::TestWithParam<VaultFactory> {
 protected:
  VaultContract() : under_test(GetParam().make()), vault(under_test->vault()) {}
  std::unique_ptr<VaultUnderTest> under_test;
  Vault& vault;
};

inline SecretBytes secret_hex(std::string_view hex) { return std::move(*wire::secret_from_hex(hex)); }

// A row as a database would keep it.
struct Row {
  Wrapped wrapped;
  SymmetricSpec spec;
  RowId id;
  std::string kcv;
  [[nodiscard]] WrappedRef ref() const { return {wrapped, spec, id}; }
};
inline Row generated(Vault& vault, const SymmetricSpec& spec, RowId id) {
  Made made = vault.generate(spec, id).value();
  return {std::move(made.wrapped), spec, std::move(id), std::move(made.kcv)};
}
inline Row wrapped(Vault& vault, std::string_view hex, const SymmetricSpec& spec, RowId id) {
  Made made = vault.wrap(secret_hex(hex), spec, id).value();
  return {std::move(made.wrapped), spec, std::move(id), std::move(made.kcv)};
}

inline const SymmetricSpec kHmacDik1{SymmetricAlgorithm::hmac, 32, SymmetricPurpose::diversify};
inline const SymmetricSpec kTdesDik1{SymmetricAlgorithm::tdes, 24, SymmetricPurpose::diversify};
inline const SymmetricSpec kAesTmk{SymmetricAlgorithm::aes, 32, SymmetricPurpose::key_encryption};
inline const SymmetricSpec kTdesTmk{SymmetricAlgorithm::tdes, 24, SymmetricPurpose::key_encryption};
inline const SymmetricSpec kAesPin{SymmetricAlgorithm::aes, 32, SymmetricPurpose::data};
inline const SymmetricSpec kTdesPin{SymmetricAlgorithm::tdes, 24, SymmetricPurpose::data};
inline const SymmetricSpec kAesZone{SymmetricAlgorithm::aes, 32, SymmetricPurpose::zone};

// The refusal, exactly.
template <class T>
testing::AssertionResult fails_with(const Result<T>& result, Code code, std::string_view reason) {
  if (result) return testing::AssertionFailure() << "succeeded, expected " << reason;
  if (result.error().code == code && result.error().reason == reason) return testing::AssertionSuccess();
  return testing::AssertionFailure() << describe(result.error()) << " (" << name_of(result.error().code)
                                     << "), expected " << reason << " (" << name_of(code) << ")";
}

}  // namespace tf::vault::test
