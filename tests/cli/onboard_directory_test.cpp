// The directory of a server of onboard, by commands.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/local.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf {
namespace {

using test::run;
using test::trustferry;
using testing::HasSubstr;

struct OnboardDirectory : testing::Test {
  OnboardDirectory() {
    const auto made = run({"openssl", "req", "-x509", "-nodes", "-subj", "/CN=root", "-keyout", in("root.key"), "-out", in("root.crt"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    test::write_text(in("old"), "the old passphrase of the vault\n");
    test::write_text(in("new"), "the new passphrase of the vault\n");
  }
  [[nodiscard]] std::string in(const std::string& name) const { return home.file(name); }
  test::Finished init(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"onboard", "init", "--directory", in("server"), "--role", "provisioning", "--name", "prov-7", "--root", in("root.crt"), "--passphrase-file", in("old")};
    words.insert(words.end(), more.begin(), more.end());
    return trustferry(words);
  }
  const test::TemporaryDirectory home;
};

// As "onboard peer" takes a peer's name for it.
TEST_F(OnboardDirectory, a_provisioning_server_calls_itself_by_its_name_unless_told_otherwise) {
  ASSERT_EQ(init().exit_code, 0);
  EXPECT_THAT(test::read_text(in("server/onboard.toml")), HasSubstr("server_id = \"prov-7\""));
  std::filesystem::remove_all(in("server"));
  ASSERT_EQ(init({"--server-id", "dm.example"}).exit_code, 0);
  EXPECT_THAT(test::read_text(in("server/onboard.toml")), HasSubstr("server_id = \"dm.example\""));
}

TEST_F(OnboardDirectory, package_0_goes_nowhere_unless_places_are_named) {
  ASSERT_EQ(init().exit_code, 0);
  EXPECT_THAT(test::read_text(in("server/onboard.toml")), HasSubstr("notify = []"));
  std::filesystem::remove_all(in("server"));
  EXPECT_NE(init({"--notify-place", "10.0.0.0/33"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(in("server/onboard.toml"))) << "a place that is none leaves nothing behind";
  ASSERT_EQ(init({"--notify-place", "10.0.0.0/8", "--notify-place", ".devices.example"}).exit_code, 0);
  EXPECT_THAT(test::read_text(in("server/onboard.toml")), HasSubstr("notify = [\"10.0.0.0/8\", \".devices.example\"]"));
}

TEST_F(OnboardDirectory, of_an_hss_names_its_algorithm_and_with_osmo_hlr_that_is_milenage) {
  const std::vector<std::string> hss{"--role", "hss", "--operator", "op-1"};
  const auto init_hss = [&](const std::vector<std::string>& more) {
    std::filesystem::remove_all(in("server"));
    std::vector<std::string> words = hss;
    words.insert(words.end(), more.begin(), more.end());
    return init(words);
  };
  ASSERT_EQ(init_hss({}).exit_code, 0);
  EXPECT_THAT(test::read_text(in("server/onboard.toml")), HasSubstr("algorithm = \"milenage\""));
  ASSERT_EQ(init_hss({"--algorithm", "tuak"}).exit_code, 0);
  EXPECT_THAT(test::read_text(in("server/onboard.toml")), HasSubstr("algorithm = \"tuak\""));
  EXPECT_EQ(init_hss({"--algorithm", "comp128"}).exit_code, 3);
  const auto refused = init_hss({"--algorithm", "tuak", "--osmo", "127.0.0.1"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("keys of Milenage alone"));
  EXPECT_FALSE(std::filesystem::exists(in("server/onboard.toml")));
}

TEST_F(OnboardDirectory, its_vault_gets_another_passphrase_and_another_master_key) {
  ASSERT_EQ(init().exit_code, 0);
  const auto change = [&](const char* from, const char* to) {
    return trustferry({"vault", "passphrase", "--directory", in("server"), "--old-passphrase-file", in(from), "--new-passphrase-file", in(to), "--rewrap"}).exit_code;
  };
  EXPECT_EQ(change("old", "new"), 0);
  EXPECT_NE(change("old", "new"), 0) << "the old one opens nothing any more";
  EXPECT_EQ(change("new", "old"), 0);
}

TEST_F(OnboardDirectory, takes_no_second_hss) {
  ASSERT_EQ(init().exit_code, 0);
  const auto peer = [&](const char* name) { return trustferry({"onboard", "peer", "--directory", in("server"), "--role", "hss", "--name", name, "--url", "https://localhost:1"}); };
  EXPECT_EQ(peer("hss-1").exit_code, 0);
  EXPECT_EQ(peer("hss-1").exit_code, 0) << "the same one again";
  const auto second = peer("hss-2");
  EXPECT_NE(second.exit_code, 0);
  EXPECT_THAT(second.err, HasSubstr("one peer of role hss"));
  EXPECT_EQ(peer("hss-1").exit_code, 0) << "the settings are as they were";
}

}  // namespace
}  // namespace tf
