// The frame: help, errors, exit codes.
#include <gmock/gmock.h>

#include "tests/support/process.hpp"

namespace tf {
namespace {

using test::json_of;
using test::trustferry;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(CommandLine, without_a_command_shows_help_and_fails) {
  const auto run = trustferry({});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, IsEmpty());
  EXPECT_THAT(run.err, HasSubstr("tool"));
}

TEST(CommandLine, a_group_without_its_command_shows_its_help_and_fails) {
  const auto run = trustferry({"tool", "keyblock"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("decode"));
  EXPECT_THAT(run.err, HasSubstr("encode"));
}

TEST(CommandLine, help_is_on_standard_output_and_names_the_exit_codes) {
  for (const char* flag : {"--help", "-h"}) {
    const auto run = trustferry({flag});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, IsEmpty());
    for (const char* what : {"tool", "--json", "Exit codes", "0 done", "2 usage", "3 bad input", "9 integrity"})
      EXPECT_THAT(run.out, HasSubstr(what));
  }
}

TEST(CommandLine, help_is_that_of_the_deepest_command_wherever_it_stands) {
  const std::vector<std::vector<std::string>> lines = {{"tool", "kcv", "--help"}, {"--help", "tool", "kcv"}, {"tool", "-h", "kcv"}};
  for (const auto& words : lines) {
    const auto run = trustferry(words);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, HasSubstr("Usage: trustferry tool kcv"));
    EXPECT_THAT(run.out, HasSubstr("--alg"));
    EXPECT_THAT(run.out, HasSubstr("Example"));
  }
}

TEST(CommandLine, an_unknown_option_fails_even_beside_help) {
  const std::vector<std::vector<std::string>> lines = {{"tool", "kcv", "--kee", "00", "--help"},
                                                       {"--help", "tool", "kcv", "--kee", "00"},
                                                       {"tool", "kcv", "--help", "--kee=00"},
                                                       {"tool", "kcv", "--kee", "00"}};
  for (const auto& words : lines) {
    const auto run = trustferry(words);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, HasSubstr("--kee"));
    EXPECT_THAT(run.err, HasSubstr("did you mean --key?"));
  }
}

TEST(CommandLine, an_unknown_command_fails_even_beside_help_and_names_the_nearest) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"tol"}, {"tol", "--help"}, {"--help", "tol"}}) {
    const auto run = trustferry(words);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.err, HasSubstr("did you mean tool?"));
  }
  const auto run = trustferry({"tool", "keyblok", "--help"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("did you mean keyblock?"));
}

TEST(CommandLine, what_resembles_nothing_gets_no_hint) {
  const auto run = trustferry({"xyzzyxyzzy"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, Not(HasSubstr("did you mean")));
}

TEST(CommandLine, every_command_teaches_itself_with_an_example) {
  const std::vector<std::vector<std::string>> commands = {
      {"init"}, {"serve"}, {"status"}, {"demo"}, {"audit", "verify"}, {"batch", "issue"}, {"estate", "import"}, {"estate", "list"},
      {"estate", "show"}, {"estate", "deny"}, {"estate", "allow"}, {"estate", "forget-key"}, {"estate", "alarms"}, {"keys", "list"}, {"keys", "renew"}, {"keys", "export"},
      {"loader", "init"}, {"loader", "serve"}, {"operator", "list"}, {"terminal", "personalise"}, {"terminal", "download"},
      {"terminal", "show"}, {"fleet", "personalise"}, {"fleet", "download"}, {"work", "request"}, {"work", "install"}, {"root", "sign"},
      {"wallet", "enable"}, {"wallet", "front-end", "add"}, {"cardsign", "enable"}, {"cardsign", "container", "add"}, {"pki", "authorities"}, {"pki", "profile", "add"},
      {"tool", "kcv"}, {"tool", "keyblock", "decode"}, {"tool", "keyblock", "encode"}, {"tool", "dik2"}};
  for (auto words : commands) {
    std::string name = "trustferry";
    for (const std::string& word : words) name += " " + word;
    words.push_back("--help");
    const auto run = trustferry(words);
    EXPECT_EQ(run.exit_code, 0) << name;
    EXPECT_THAT(run.out, HasSubstr("Usage: " + name));
    EXPECT_THAT(run.out, HasSubstr("Example:\n  " + name));
  }
}

TEST(CommandLine, superfluous_words_fail) {
  const auto run = trustferry({"tool", "kcv", "--alg", "tdes", "--key", "0123456789ABCDEFFEDCBA9876543210", "more"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.out, IsEmpty());
}

TEST(CommandLine, a_missing_option_is_named) {
  const auto run = trustferry({"tool", "kcv", "--alg", "tdes"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--key"));
}

TEST(CommandLine, a_missing_value_and_a_value_outside_its_set_are_usage_errors) {
  EXPECT_EQ(trustferry({"tool", "kcv", "--alg"}).exit_code, 2);
  EXPECT_EQ(trustferry({"tool", "kcv", "--alg", "des", "--key", "00"}).exit_code, 2);
}

TEST(CommandLine, the_version_is_a_line_of_its_own) {
  const auto run = trustferry({"--version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, testing::MatchesRegex("trustferry [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, json_is_accepted_anywhere) {
  const std::vector<std::string> words{"tool", "kcv", "--alg", "aes", "--key", "3F419E1CB7079442AA37474C2EFBF8B8"};
  for (const std::size_t place : {0U, 1U, 2U, 4U, 6U}) {
    auto with_json = words;
    with_json.insert(with_json.begin() + static_cast<std::ptrdiff_t>(place), "--json");
    const auto run = trustferry(with_json);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_EQ(run.out, "{\"kcv\":\"08793E\",\"kcv5\":\"08793E25AB\"}\n");
  }
}

TEST(CommandLine, errors_are_json_on_standard_error_when_json_is_asked_for) {
  const std::vector<std::vector<std::string>> lines = {{"--json", "tool", "kcv", "--alg", "tdes", "--key", "xx"},
                                                       {"tool", "kcv", "--alg", "tdes", "--key", "xx", "--json"},
                                                       {"nothing", "--json"}};
  for (const auto& words : lines) {
    const auto run = trustferry(words);
    EXPECT_NE(run.exit_code, 0);
    EXPECT_THAT(run.out, IsEmpty());
    auto document = json_of(run.err);
    auto error = document.object("error").value();
    EXPECT_FALSE(error.text("code").value().empty());
    EXPECT_FALSE(error.text("reason").value().empty());
    EXPECT_FALSE(error.text("detail").value().empty());
    EXPECT_TRUE(error.finish());
  }
}

TEST(CommandLine, errors_say_what_happened_and_why) {
  const auto run = trustferry({"tool", "kcv", "--alg", "tdes", "--key", "xx"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, testing::StartsWith("trustferry: "));
  EXPECT_THAT(run.err, HasSubstr("(cli.secret)"));
  EXPECT_THAT(run.err, HasSubstr("--key"));
}

}  // namespace
}  // namespace tf
