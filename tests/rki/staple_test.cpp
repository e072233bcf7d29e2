// What OCSP says about the work certificate goes with it to a device that asks, and to no other.
#include "tests/rki/faulty_line.hpp"
#include "tests/rki/forge.hpp"

namespace tf::rki::test {
namespace {

class StapledBy : public ::testing::TestWithParam<Suite> {
 protected:
  Scene scene{GetParam()};

  ServerHello greeting() {
    const auto first = must(begin(scene.terminal.identity, 1, scene.terminal.ports()));
    return must(decode_server_hello(must(scene.platform.handle("hello", first.send->body)))).hello;
  }
  void without_a_staple() {
    scene.platform.own_credentials = scene.estate.credentials;
    scene.platform.own_credentials->classic.ocsp.clear();
    scene.platform.own_credentials->modern.ocsp.clear();
  }
  Result<Finished> converse_with(const std::function<std::string(std::string body)>& change_of_hello,
                                 const std::function<std::string(std::string body)>& change_of_reply) {
    return scene.terminal.converse(1, [&](std::string_view route, const std::string& body) -> Result<std::string> {
      if (route != "hello") return scene.platform.handle(route, body);
      return change_of_reply(TF_TRY(scene.platform.handle(route, change_of_hello(body))));
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, StapledBy, ::testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(StapledBy, the_platform_to_a_device_that_asks) {
  const auto& credentials = scene.estate.credentials;
  EXPECT_EQ(greeting().ocsp, (GetParam() == Suite::classic ? credentials.classic : credentials.modern).ocsp);
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  scene.expect_agreement();
}

TEST_P(StapledBy, nobody_for_a_device_of_before_who_finishes_all_the_same) {
  scene.terminal.identity.staple = Staple::none;
  const auto first = must(begin(scene.terminal.identity, 1, scene.terminal.ports()));
  EXPECT_EQ(must(decode_hello(first.send->body)).suites, (std::vector{std::string(name_of(GetParam()))}));
  EXPECT_EQ(must(scene.platform.handle("hello", first.send->body)).find("ocsp"), std::string::npos);
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  scene.expect_agreement();
}

TEST_P(StapledBy, nobody_leaves_it_to_the_revocation_list) {
  without_a_staple();
  EXPECT_FALSE(greeting().ocsp);
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  scene.expect_agreement();
}

TEST_P(StapledBy, nobody_is_not_enough_where_the_device_requires_it) {
  scene.terminal.identity.staple = Staple::require;
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  without_a_staple();
  EXPECT_REASON(scene.terminal.converse(1, scene.platform.exchange()), "rki.no_staple");
}

TEST_P(StapledBy, a_validation_shared_with_a_device_that_does_not_require_it_is_no_way_around) {
  without_a_staple();
  KnownPlatform known;
  const auto begun = [&](Staple staple) {
    Identity identity = scene.estate.device(kDsn, {GetParam()});
    identity.staple = staple;
    const TerminalPorts ports{scene.estate.clock, scene.terminal_random, &known};
    auto first = must(begin(identity, 1, ports));
    const std::string body = must(scene.platform.handle("hello", first.send->body));
    return step(std::move(first.next), body, identity, ports);
  };
  EXPECT_OK(begun(Staple::ask));
  EXPECT_REASON(begun(Staple::require), "rki.no_staple");
}

TEST_P(StapledBy, the_platform_and_taken_away_on_the_line_ends_the_conversation) {
  const auto take_away = [](std::string body) {
    const std::size_t at = body.find(R"(,"ocsp":")");
    return body.erase(at, body.size() - 1 - at);
  };
  EXPECT_FALSE(converse_with(std::identity(), take_away).has_value());
  EXPECT_TRUE(scene.terminal.in_use.empty() && scene.platform.actions.empty());
  // classic: the token is bound to what the platform said; modern: the device signs what it heard.
  if (GetParam() == Suite::modern) EXPECT_EQ(scene.platform.last_refusal, "rki.transcript_differs");
}

TEST_P(StapledBy, nobody_because_the_request_was_taken_out_of_the_hello_ends_the_conversation) {
  const auto take_out = [](const std::string& body) {
    Hello hello = must(decode_hello(body));
    std::erase(hello.suites, kStapleWord);
    return encode(hello);
  };
  EXPECT_REASON(converse_with(take_out, std::identity()),
                GetParam() == Suite::modern ? "rki.downgrade" : "rki.token_not_authentic");
  EXPECT_TRUE(scene.terminal.in_use.empty() && scene.platform.actions.empty());
}

TEST(Staple, policies_have_one_spelling_each) {
  for (const Staple staple : {Staple::none, Staple::ask, Staple::require})
    EXPECT_EQ(must(parse_staple(name_of(staple))), staple);
  EXPECT_REASON(parse_staple("Ask"), "rki.unknown_staple");
  EXPECT_REASON(parse_staple(""), "rki.unknown_staple");
}

TEST(Staple, the_word_is_no_suite) {
  Scene scene(Suite::modern);
  Hello hello = must(decode_hello(must(begin(scene.terminal.identity, 1, scene.terminal.ports())).send->body));
  hello.suites = {std::string(kStapleWord)};
  EXPECT_REASON(scene.platform.handle("hello", encode(hello)), "rki.no_common_suite");
}

}  // namespace
}  // namespace tf::rki::test
