#include "net/client/base_url.hpp"

#include <gtest/gtest.h>

namespace tf::net {
namespace {

TEST(BaseUrl, reads_host_and_port) {
  const auto check = [](const char* text, const char* host, int port) {
    const auto url = parse_base_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->host, host);
    EXPECT_EQ(url->port, port);
  };
  check("https://kdh.example:8443", "kdh.example", 8443);
  check("https://KDH.example/", "kdh.example", 443);
  check("https://127.0.0.1:1/", "127.0.0.1", 1);
  check("https://[::1]:65535", "::1", 65535);
}

TEST(BaseUrl, takes_plain_http_only_where_it_is_asked_for) {
  EXPECT_FALSE(parse_base_url("http://gateway"));
  for (const auto& [text, port] : {std::pair{"http://gateway", 80}, {"http://gateway:8080/", 8080}, {"http://[::1]", 80}, {"http://[::1]:81", 81}}) {
    const auto url = parse_any_base_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_FALSE(url->tls);
    EXPECT_EQ(url->port, port) << text;
  }
  EXPECT_TRUE(parse_any_base_url("https://gateway")->tls);
  EXPECT_FALSE(parse_any_base_url("ftp://gateway"));
  EXPECT_FALSE(parse_any_base_url("http://"));
}

TEST(BaseUrl, refuses_everything_else) {
  for (const char* text : {"",
                           "http://a",
                           "https://",
                           "https://a:0",
                           "https://a:65536",
                           "https://a:",
                           "https://a:1x",
                           "https://a/b",
                           "https://a//",
                           "https://u@a",
                           "https://a?b",
                           "https://[::1",
                           "https://[::g]",
                           "https://[127.0.0.1]",
                           "https://a b",
                           "https://-a",
                           "https://a..b",
                           "https://.a",
                           "https://a.",
                           "https://[::1]x",
                           "HTTPS://a",
                           "https://a\n"}) {
    const auto url = parse_base_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::invalid);
  }
}

}  // namespace
}  // namespace tf::net
