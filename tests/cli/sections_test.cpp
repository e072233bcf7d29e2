// init with [wallet] and [cardsign], and the commands that add them later: what is wrong is said before anything is made.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/local.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf {
namespace {

using test::Finished;
using test::trustferry;
using testing::HasSubstr;
using Words = std::vector<std::string>;

class SectionCommands : public testing::Test {
 protected:
  SectionCommands() { test::write_text(in("passphrase"), "a passphrase that is long enough\n"); }
  [[nodiscard]] std::string in(const std::string& name) const { return directory_.file(name); }
  [[nodiscard]] Finished init(const Words& more) const {
    Words words{"init", "--passphrase-cost", "14", "--directory", in("platform"), "--root-key", in("root.key"), "--range", "TF000000..TF999999", "--passphrase-file", in("passphrase"), "--root-passphrase-file", in("passphrase")};
    words.insert(words.end(), more.begin(), more.end());
    return trustferry(words);
  }
  [[nodiscard]] Finished on_platform(Words words) const {
    words.insert(words.end(), {"--directory", in("platform")});
    return trustferry(words);
  }
  [[nodiscard]] std::string config() const { return test::read_text(in("platform/platform.toml")); }

 private:
  const test::TemporaryDirectory directory_;
};

TEST_F(SectionCommands, init_refuses_bad_settings_before_it_makes_anything) {
  struct Bad {
    Words words;
    int code;
    const char* says;
  };
  for (const Bad& bad : {Bad{{"--cardsign"}, 3, "[cardsign] needs [wallet]"}, Bad{{"--wallet-listen", "8447"}, 3, "\"8447\" is not ADDRESS:PORT"},
                         Bad{{"--wallet", "--cardsign-slots", "card"}, 3, "cardsign.slots has payment in it"}, Bad{{"--wallet", "--cardsign-slots", "payment,iris"}, 3, "a slot is"},
                         Bad{{"--wallet", "--cardsign-code-hours", "0"}, 3, "code_hours is a number from 1"}, Bad{{"--wallet", "--cardsign-code-hours", "soon"}, 2, "code-hours"},
                         Bad{{"--wallet-sms-kind", "pigeon"}, 3, "wallet.sms.kind"}, Bad{{"--wallet-colour", "red"}, 2, "wallet-colour"}}) {
    const Finished done = init(bad.words);
    EXPECT_EQ(done.exit_code, bad.code) << bad.words.back() << done.err;
    EXPECT_THAT(done.err, HasSubstr(bad.says));
  }
  EXPECT_FALSE(std::filesystem::exists(in("platform")) || std::filesystem::exists(in("root.key")));
}

TEST_F(SectionCommands, add_to_a_platform_what_init_left_out_and_each_once) {
  EXPECT_EQ(on_platform({"wallet", "enable"}).exit_code, 4) << "there is no platform";
  ASSERT_EQ(init({}).exit_code, 0);
  EXPECT_THAT(config(), testing::Not(HasSubstr("[cardsign]")));
  EXPECT_EQ(on_platform({"cardsign", "enable"}).exit_code, 3);
  const Finished wallet = on_platform({"wallet", "enable", "--listen", "0.0.0.0:9447", "--sms-kind", "webhook", "--sms-url", "https://sms.example"});
  ASSERT_EQ(wallet.exit_code, 0) << wallet.err;
  EXPECT_EQ(on_platform({"wallet", "enable"}).exit_code, 8);
  const Finished cardsign = on_platform({"cardsign", "enable", "--slots", "payment,authentication", "--sealed", "yes"});
  ASSERT_EQ(cardsign.exit_code, 0) << cardsign.err;
  EXPECT_EQ(on_platform({"wallet", "front-end", "add", "bank", "--kind", "card", "--address", "bank"}).exit_code, 3);
  ASSERT_EQ(on_platform({"wallet", "front-end", "add", "bank", "--kind", "card", "--address", "10.0.0.7:8583"}).exit_code, 0);
  for (const char* line : {"listen = \"0.0.0.0:9447\"", "url = \"https://sms.example\"", "slots = [\"payment\", \"authentication\"]", "sealed = \"yes\"", "[wallet.front_ends.bank]"})
    EXPECT_THAT(config(), HasSubstr(line));
}

}  // namespace
}  // namespace tf
