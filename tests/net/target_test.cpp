#include "net/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tf::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Target, decodes_path_and_query_once) {
  const auto target = parse_target("/v1/zones/a%20b%2541/?q=1%2F2&r=a+b%2B&flag&empty=&q=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/zones/a b%41/");
  EXPECT_THAT(target->query,
              ElementsAre(Pair("q", "1/2"), Pair("r", "a b+"), Pair("flag", ""), Pair("empty", ""), Pair("q", "2")));
}

TEST(Target, takes_the_root_and_an_empty_query) {
  for (const char* text : {"/", "/?"}) {
    const auto target = parse_target(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(target->path, "/");
    EXPECT_THAT(target->query, IsEmpty());
  }
}

TEST(Target, takes_utf8_names_that_were_encoded) {
  EXPECT_EQ(parse_target("/%C3%A4%E2%82%AC%F0%9F%98%80")->path, "/ä€😀");
}

TEST(Target, refuses_every_second_spelling_of_a_path) {
  for (const char* text : {"", "*", "a", "http://h/a", "h:443", "//", "/a//b", "/.", "/..", "/a/../b", "/a/./b",
                           "/a/%2e%2e/b", "/%2E", "/a%2fb", "/a%2Fb", "/a%5Cb", "/a\\b"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().code, Code::malformed);
    EXPECT_STREQ(target.error().reason, "net.target");
  }
}

TEST(Target, refuses_control_characters_and_bytes_that_are_not_text) {
  using namespace std::string_view_literals;
  for (const auto text :
       {"/a%00"sv, "/a%0a"sv, "/a%7F"sv, "/a?b=%00"sv, "/a?b=%0D%0A"sv, "/a\0b"sv, "/a\x80"sv, "/%80"sv, "/%c0%af"sv,
        "/%ed%a0%80"sv, "/%f4%90%80%80"sv, "/%e2%82"sv, "/?q=%ff"sv, "/%e0%80%af"sv, "/\xc3\xa4"sv}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Target, refuses_broken_percent_encoding_and_unencoded_characters) {
  for (const char* text : {"/%", "/%4", "/%g0", "/%4g", "/a b", "/a#b", "/a\"", "/<", "/a?b=%", "/a?b=|", "/{x}"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Target, refuses_nameless_and_too_many_query_fields) {
  EXPECT_FALSE(parse_target("/?=a"));
  EXPECT_FALSE(parse_target("/?a&&b"));
  EXPECT_FALSE(parse_target("/?a&"));
  std::string most = "/?a";
  for (int i = 1; i < 64; ++i) most += "&a";
  EXPECT_TRUE(parse_target(most));
  EXPECT_FALSE(parse_target(most + "&a"));
}

}  // namespace
}  // namespace tf::net
