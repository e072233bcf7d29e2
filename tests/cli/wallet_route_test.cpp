// wallet route explain, over a file of rules.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/process.hpp"
#include "tests/support/temporary_directory.hpp"

namespace tf {
namespace {

using test::Finished;
using test::trustferry;
using testing::HasSubstr;

class RouteCommand : public testing::Test {
 protected:
  Finished explain(const std::string& rules, std::vector<std::string> more) {
    const std::string file = directory_.file("rules.toml");
    std::ofstream(file) << rules;
    std::vector<std::string> words{"wallet", "route", "explain", "--rules", file};
    words.insert(words.end(), more.begin(), more.end());
    return trustferry(words);
  }
  const std::string rules_ = "[[route]]\nname = \"cards\"\nprefixes = [\"62\"]\ncurrencies = [\"CNY\"]\nto = \"50.00\"\nfront_ends = [\"one\", \"two\"]\n"
                             "[[route]]\nname = \"rest\"\nfront_ends = [\"three\"]\n";

 private:
  test::TemporaryDirectory directory_;
};

TEST_F(RouteCommand, says_of_each_route_why_it_fits_or_does_not) {
  const Finished done = explain(rules_, {"--prefix", "622202", "--amount", "50.01"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("50.01 is more than 50.00"));
  EXPECT_THAT(done.out, HasSubstr("The payment goes to three by route \"rest\"."));
}

TEST_F(RouteCommand, takes_front_ends_for_down_and_speaks_json) {
  const Finished done = explain(rules_, {"--prefix", "622202", "--amount", "10.00", "--down", "one", "--json"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("\"front_end\":\"two\""));
  EXPECT_THAT(done.out, HasSubstr("one is down"));
}

TEST_F(RouteCommand, names_the_line_of_a_mistake) {
  const Finished done = explain(rules_ + "[[route]]\nname = \"rest\"\nfront_ends = [\"four\"]\n", {"--amount", "1.00"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_THAT(done.err, HasSubstr("line 10"));
}

TEST_F(RouteCommand, refuses_an_amount_that_is_none) {
  EXPECT_EQ(explain(rules_, {"--amount", "1.0"}).exit_code, 3);
  EXPECT_THAT(explain(rules_, {}).err, HasSubstr("--amount"));
}

}  // namespace
}  // namespace tf
