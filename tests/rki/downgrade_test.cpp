// A man in the middle who takes "modern" out of the offer, or puts words into either side's mouth, cannot make both
// sides finish under the weaker suite.
#include "tests/rki/faulty_line.hpp"

namespace tf::rki::test {
namespace {

class Downgrade : public ::testing::Test {
 protected:
  using Rewrite = std::function<std::string(std::string_view route, std::string body)>;
  Result<Finished> converse(TerminalUnderTest& terminal, const Rewrite& request, const Rewrite& reply) {
    return terminal.converse(1, [&](std::string_view route, const std::string& body) -> Result<std::string> {
      return reply(route, TF_TRY(scene.platform.handle(route, request(route, body))));
    });
  }
  static std::string as_is(std::string_view, std::string body) { return body; }
  static std::string strip_modern(std::string_view route, std::string body) {
    if (route != "hello") return body;
    Hello hello = must(decode_hello(body));
    std::erase(hello.suites, "modern");
    hello.certificates.clear();
    return encode(hello);
  }
  void expect_nothing_happened(const TerminalUnderTest& terminal) {
    EXPECT_TRUE(scene.platform.actions.empty());
    EXPECT_TRUE(terminal.in_use.empty() && terminal.arrived.empty());
  }

  Scene scene{Suite::modern};
  TerminalUnderTest both = scene.device(kDsn, {Suite::modern, Suite::classic});
};

TEST_F(Downgrade, by_stripping_the_offer_ends_at_the_token) {
  EXPECT_REASON(converse(both, strip_modern, as_is), "rki.token_not_authentic");
  expect_nothing_happened(both);
}

TEST_F(Downgrade, is_refused_at_once_when_the_policy_wants_modern) {
  scene.platform.admit(kDsn, "modern");
  EXPECT_REASON(converse(both, strip_modern, as_is), "rki.no_common_suite");
  expect_nothing_happened(both);
}

TEST_F(Downgrade, is_refused_at_once_when_the_terminal_has_used_modern) {
  EXPECT_OK(both.converse(1, scene.platform.exchange()));
  EXPECT_REASON(converse(both, strip_modern, as_is), "rki.downgrade");
}

TEST_F(Downgrade, by_dropping_the_certificate_alone_ends_at_the_token) {
  const auto drop = [](std::string_view route, std::string body) {
    if (route != "hello") return body;
    Hello hello = must(decode_hello(body));
    hello.certificates.clear();
    return encode(hello);
  };
  EXPECT_REASON(converse(both, drop, as_is), "rki.token_not_authentic");
  expect_nothing_happened(both);
}

TEST_F(Downgrade, by_reordering_or_enlarging_the_offer_is_noticed_too) {
  for (const std::vector<std::string>& offer :
       {std::vector<std::string>{"classic", "modern"}, {"modern", "classic", "newer"}, {"modern"}}) {
    const auto rewrite = [&](std::string_view route, std::string body) {
      if (route != "hello") return body;
      Hello hello = must(decode_hello(body));
      hello.suites = offer;
      return encode(hello);
    };
    EXPECT_REASON(converse(both, rewrite, as_is), "rki.downgrade");
    expect_nothing_happened(both);
  }
}

TEST_F(Downgrade, with_a_classic_hello_from_another_conversation_ends_at_the_token) {
  const Recording classic = record(scene.platform, scene.device(kOtherDsn, {Suite::classic}));
  scene.platform.actions.clear();
  const auto splice = [&](std::string_view route, std::string body) { return route == "hello" ? classic[1] : body; };
  EXPECT_FALSE(converse(both, as_is, splice).has_value());
  expect_nothing_happened(both);
}

}  // namespace
}  // namespace tf::rki::test
