// What every secure module must do, whatever it is made of. An implementation derives ModuleUnderTest and instantiates ModuleContract
// with a factory; each test has a directory of its own.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "module/module.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"
#include "wire/encoding.hpp"

namespace tf::module::test {

using tf::test::must;

inline constexpr std::string_view kId = "DSIM-0001";

// A directory that goes when it does.
class Directory {
 public:
  [[nodiscard]] const std::string& path() const { return directory_.path(); }
  // All files' content, one after another.
  [[nodiscard]] std::string all() const;

 private:
  tf::test::TemporaryDirectory directory_;
};

class ModuleUnderTest {
 public:
  virtual ~ModuleUnderTest() = default;
  virtual Result<std::unique_ptr<SecureModule>> create(std::string_view id) = 0;
  virtual Result<std::unique_ptr<SecureModule>> open(std::string_view id) = 0;
  virtual Status remove(std::string_view id) = 0;
  // With another storage key.
  virtual Result<std::unique_ptr<SecureModule>> open_as_a_stranger(std::string_view id) = 0;
  [[nodiscard]] std::string file() const { return directory.path() + "/" + std::string(kId) + ".module"; }
  Directory directory;
  SystemRandom random;
};

struct ModuleFactory {
  std::string name;
  std::function<std::unique_ptr<ModuleUnderTest>()> make;
};
inline void PrintTo(const ModuleFactory& factory, std::ostream* out) { *out << factory.name; }

class ModuleContract : public testing::TestWithParam<ModuleFactory> {
 protected:
  ModuleContract() : under_test(GetParam().make()), module(must(under_test->create(kId), "making the module")) {}
  // As after switching off and on.
  void reopen() {
    module.reset();
    module = must(under_test->open(kId), "opening the module");
  }
  std::unique_ptr<ModuleUnderTest> under_test;
  std::unique_ptr<SecureModule> module;
};

Bytes bytes_of(std::string_view hex);
template <std::size_t N>
ByteArray<N> array_of(std::string_view hex) {
  ByteArray<N> out{};
  const Bytes bytes = bytes_of(hex);
  std::copy(bytes.begin(), bytes.begin() + N, out.begin());
  return out;
}

// 3GPP TS 35.208, test set 1.
inline constexpr std::string_view kK = "465b5ce8b199b49faa5f0a2ee238a6bc";
inline constexpr std::string_view kOpc = "cd63cb71954a9f4e48a5994e37a02baf";
// 3GPP TS 35.233, test set 1.
inline constexpr std::string_view kTopc = "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff";
crypto::AkaKey key_with(std::string_view k, std::string_view opc = kOpc);  // or TOPc
Credential credential(std::string imsi = "001010123456789", std::string_view k = kK, std::string_view note = "note", std::string_view opc = kOpc);

// A content as an operator makes it, owning its parts.
struct Sealed {
  Oaep oaep;
  Bytes wrapped_key, iv, ciphertext, tag;
  [[nodiscard]] Content content() const { return {oaep, wrapped_key, iv, ciphertext, tag}; }
};
Sealed sealed_to(const crypto::PublicKey& key, Oaep oaep, std::string_view plaintext);

}  // namespace tf::module::test
