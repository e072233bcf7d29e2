// A card of the real program in pcscd's virtual reader, and the clients that everybody has. namespace.cpp belongs to it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf::test {

// The middleware below PKCS#11 clients.
inline constexpr const char* kOpenscModule = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";

class ReaderScene {
 public:
  // pcscd with an empty virtual reader. Fails the test when it does not come up.
  ReaderScene();
  ~ReaderScene();
  [[nodiscard]] std::string in(const std::string& name) const { return directory_.file(name); }

  // Makes a card with these words more and puts it in; with words more for that, too.
  void make_card(const std::vector<std::string>& words = {});
  void insert(const std::vector<std::string>& words = {});
  void remove();
  // Power off in the middle of whatever it does.
  void kill_card();

  // yubico-piv-tool with the reader named.
  Finished piv_tool(const std::vector<std::string>& words, std::string_view input = "") const;
  // pkcs11-tool with OpenSC's module and the PIN.
  Finished pkcs11(const std::vector<std::string>& words) const;
  // Key made on the card and a certificate for it by openssl, as the reference manual of the tool has it. Slot "9a", algorithm "RSA2048".
  void make_key(const std::string& slot, const std::string& algorithm, const std::string& common_name = "Anna");

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Process> pcscd_, card_;
};

// Exit code 0, with what it said otherwise.
#define EXPECT_DONE(finished)                                                         \
  do {                                                                                \
    const auto& finished_ = (finished);                                               \
    EXPECT_EQ(finished_.exit_code, 0) << finished_.out << "\n" << finished_.err;      \
  } while (false)

}  // namespace tf::test
