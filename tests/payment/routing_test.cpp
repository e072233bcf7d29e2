// payment.toml, and the choice of a front end.
#include "payment/rules/rules_file.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"

namespace tf::payment::test {
namespace {

using testing::HasSubstr;
using tf::test::must;

constexpr const char* kRules = R"toml(
utc_offset = "+08:00"

[[route]]
name = "large"
prefixes = ["62"]
currencies = ["CNY"]
from = "1000.01"
front_ends = ["large"]

[[route]]
name = "cards"
prefixes = ["62", "81"]
currencies = ["CNY"]
to = "1000.00"
merchants = ["M1", "M2"]
front_ends = ["first", "second"]
otherwise = "next"

[[route]]
name = "rest"
front_ends = ["last"]

[[limit]]
of = "user"
currency = "CNY"
amount = "5000.00"
sum_per_day = "20000.00"
count_per_day = 50
count = 5
within_seconds = 60
)toml";

Routed card(const char* prefix, std::int64_t minor, const char* merchant = "M1", const char* currency = "CNY") {
  return {prefix, "", merchant, {minor, currency}};
}

class Routing : public testing::Test {
 protected:
  Result<std::string> choose(const Routed& payment) const {
    return router.choose(payment, [this](const std::string& name) { return name != down && name != down_too; });
  }
  Router::Explanation explain(const Routed& payment) const {
    return router.explain(payment, [this](const std::string& name) { return name != down && name != down_too; });
  }
  Router router{must(parse_rules(kRules)).routes};
  std::string down, down_too;
};

TEST_F(Routing, takes_the_first_route_that_fits) {
  EXPECT_EQ(*choose(card("622202", 100'000)), "first");
  EXPECT_EQ(*choose(card("622202", 100'001)), "large");
  EXPECT_EQ(*choose(card("810000", 1)), "first");
  EXPECT_EQ(*choose(card("400000", 1)), "last");
  EXPECT_EQ(*choose(card("622202", 1, "M3")), "last");
  EXPECT_EQ(*choose(card("622202", 1, "M1", "USD")), "last");
  EXPECT_EQ(*choose({"", "alipay", "M1", {1, "CNY"}}), "last");
}

TEST_F(Routing, goes_to_the_next_front_end_of_a_route_when_the_first_is_down_and_to_the_next_route_where_it_says_so) {
  down = "first";
  EXPECT_EQ(*choose(card("622202", 1)), "second");
  down_too = "second";
  EXPECT_EQ(*choose(card("622202", 1)), "last");
  down_too = "large";
  EXPECT_REFUSED(choose(card("622202", 200'000)), Code::unavailable, "payment.no_front_end");
}

TEST_F(Routing, refuses_what_no_route_fits) {
  auto routes = router.routes();
  routes.pop_back();
  EXPECT_REFUSED(Router(routes).choose(card("400000", 1), [](const std::string&) { return true; }), Code::refused, "payment.no_route");
}

TEST_F(Routing, explains_itself_route_by_route_and_as_it_chooses) {
  down = "first";
  const auto out = explain(card("622202", 1'000));
  ASSERT_EQ(out.findings.size(), 3U);
  EXPECT_EQ(out.findings[0].why, "10.00 is less than 1000.01");
  EXPECT_TRUE(out.findings[1].taken);
  EXPECT_THAT(out.findings[1].why, HasSubstr("the card begins with 62"));
  EXPECT_THAT(out.findings[1].why, HasSubstr("first is down"));
  EXPECT_THAT(out.findings[2].why, HasSubstr("an earlier route decided"));
  EXPECT_EQ(out.conclusion, "goes to second by route \"cards\"");
  for (const auto& payment : {card("622202", 1), card("622202", 200'000), card("400000", 1), card("", 1), card("81", 5, "M9")}) {
    const auto chosen = choose(payment);
    EXPECT_EQ(explain(payment).front_end, chosen ? std::optional(*chosen) : std::nullopt);
  }
}

TEST(Rules, are_read_whole) {
  const Rules rules = must(parse_rules(kRules));
  EXPECT_EQ(rules.limits.utc_offset_minutes, 480);
  const Limit* limit = rules.limits.find(Of::user, "CNY");
  ASSERT_NE(limit, nullptr);
  EXPECT_EQ(limit->amount, 500'000);
  EXPECT_EQ(limit->sum_per_day, 2'000'000);
  EXPECT_EQ(limit->count_per_day, 50);
  EXPECT_EQ(limit->count, 5);
  EXPECT_EQ(limit->within_ms, 60'000);
  EXPECT_EQ(rules.limits.find(Of::terminal, "CNY"), nullptr);
  EXPECT_OK(check_front_ends(rules, {"first", "second", "large", "last"}));
  EXPECT_REFUSED(check_front_ends(rules, {"first", "second", "large"}), Code::invalid, "payment.rules");
  EXPECT_OK(parse_rules(""));
}

TEST(Rules, with_a_mistake_are_refused_with_its_line) {
  const std::pair<const char*, const char*> kMistakes[] = {
      {"[[route]]\nname = \"a\"\n", "has no front_ends"},
      {"[[route]]\nfront_ends = [\"x\"]\n", "has a name"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\nprefix = [\"62\"]\n", "line 4: \"prefix\" is not known"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\nprefixes = [\"6x\"]\n", "line 4: prefixes must be"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\", \"x\"]\n", "line 3"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\nto = \"1.00\"\n", "exactly one currency"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\ncurrencies = [\"CNY\"]\nto = 1\n", "line 5: to must be an amount in quotes"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\ncurrencies = [\"CNY\"]\nfrom = \"2.00\"\nto = \"1.00\"\n", "from is more than to"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\notherwise = \"guess\"\n", "otherwise must be"},
      {"[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\n[[route]]\nname = \"a\"\nfront_ends = [\"x\"]\n", "line 4: there is a route"},
      {"[route]\nname = \"a\"\n", "write [[route]]"},
      {"[[limit]]\nof = \"user\"\ncurrency = \"CNY\"\n", "limits nothing"},
      {"[[limit]]\nof = \"phone\"\ncurrency = \"CNY\"\namount = \"1.00\"\n", "of must be"},
      {"[[limit]]\nof = \"user\"\ncurrency = \"CNY\"\ncount = 3\n", "go together"},
      {"[[limit]]\nof = \"user\"\ncurrency = \"CNY\"\ncount = 101\nwithin_seconds = 1\n", "from 1 to 100"},
      {"[[limit]]\nof = \"user\"\ncurrency = \"CNY\"\namount = \"1.0\"\n", "2 decimals"},
      {"[[limit]]\nof = \"user\"\ncurrency = \"CNY\"\namount = \"1.00\"\n[[limit]]\nof = \"user\"\ncurrency = \"CNY\"\namount = \"2.00\"\n", "already"},
      {"utc_offset = \"8\"\n", "utc_offset must be"},
      {"utc_offset = \"+15:00\"\n", "utc_offset must be"},
      {"routes = 1\n", "\"routes\" is not known"},
      {"[[route]\n", "line 1"},
  };
  for (const auto& [text, expected] : kMistakes) {
    const auto rules = parse_rules(text);
    EXPECT_REFUSED(rules, Code::invalid, "payment.rules");
    EXPECT_THAT(rules.error().detail, HasSubstr(expected)) << text;
  }
}

}  // namespace
}  // namespace tf::payment::test
