// A real TPM 2.0 in software (swtpm), of its own on loopback, started and ended by the test.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/module/contract.hpp"
#include "tests/support/process.hpp"

namespace tf::module::test {

class SwTpm {
 public:
  SwTpm();
  [[nodiscard]] std::string tcti() const;
  void stop();   // as when the power goes: without a shutdown command
  void start();  // with the memory it had
  // A command of tpm2-tools against it; nobody else may have it open.
  [[nodiscard]] tf::test::Finished tool(std::vector<std::string> words) const;
  [[nodiscard]] const std::string& directory() const { return directory_.path(); }

 private:
  Directory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<tf::test::Process> process_;
};

// One for the tests of this program that need no other.
SwTpm& shared_tpm();

}  // namespace tf::module::test
