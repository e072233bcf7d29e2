// tool cert lint against certificates that the openssl command made.
#include <gmock/gmock.h>

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf {
namespace {

using test::Finished;
using test::run;
using test::trustferry;
using testing::HasSubstr;

class LintCommand : public testing::Test {
 protected:
  // A certificate that signs itself, as a file.
  std::string made(const std::string& name, std::vector<std::string> key, std::vector<std::string> more = {}) {
    const std::string file = directory_.file(name);
    std::vector<std::string> words{"openssl", "req", "-x509", "-nodes", "-subj", "/CN=somebody", "-keyout", file + ".key", "-out", file, "-newkey"};
    words.insert(words.end(), key.begin(), key.end());
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = run(words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return file;
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(LintCommand, names_a_weak_key_and_fails) {
  const Finished done = trustferry({"tool", "cert", "lint", made("weak", {"rsa:1024"})});
  EXPECT_EQ(done.exit_code, 5);
  EXPECT_THAT(done.out, HasSubstr("practice.weak_key"));
}

TEST_F(LintCommand, finds_no_error_in_a_sound_authority_and_speaks_json) {
  const std::string file = made("sound", {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"}, {"-days", "365", "-addext", "keyUsage=critical,keyCertSign,cRLSign"});
  const Finished done = trustferry({"tool", "cert", "lint", file, "--issuer", file, "--json"});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("\"findings\":["));
}

TEST_F(LintCommand, says_what_is_wrong_with_a_profile_file) {
  const std::string file = made("any", {"rsa:2048"});
  const Finished done = trustferry({"tool", "cert", "lint", file, "--profile", file + ".key"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_THAT(done.err, HasSubstr("profile"));
}

TEST_F(LintCommand, what_is_no_certificate_gets_one_finding) {
  const std::string file = made("key", {"rsa:2048"}) + ".key";
  const Finished done = trustferry({"tool", "cert", "lint", file});
  EXPECT_EQ(done.exit_code, 5);
  EXPECT_THAT(done.out, HasSubstr("rfc5280.der"));
}

}  // namespace
}  // namespace tf
