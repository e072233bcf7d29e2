// What a misbehaving client gets: always the exact refusal, never the handler.
#include "tests/net/fixture.hpp"

namespace tf::net::test {
namespace {

using testing::HasSubstr;

class Refusals : public ServerTest {
 protected:
  void SetUp() override {
    start([this](const HttpRequest& request) {
      handled.fetch_add(1);
      return echo(request);
    });
  }
  void expect_refusal(const std::string& request, int status) {
    RawClient raw(server.port());
    ASSERT_TRUE(raw.handshake());
    ASSERT_TRUE(raw.send(request));
    const std::string response = raw.receive_all();  // the connection ends as well
    EXPECT_EQ(status_in(response), status) << request << "\n" << response;
    EXPECT_THAT(response, HasSubstr("Content-Type: application/problem+json\r\n"));
    EXPECT_THAT(response, HasSubstr("\"type\":\"urn:trustferry:problem:"));
    EXPECT_EQ(handled.load(), 0);
  }
  std::atomic<int> handled{0};
};

TEST_F(Refusals, of_targets_in_another_form) {
  for (const char* target : {"*", "http://localhost/a", "/a/../b", "/a%2fb", "/a%00", "//a", "/a#b"})
    expect_refusal(get(target), 400);
  expect_refusal("CONNECT localhost:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501);
}

TEST_F(Refusals, of_unknown_methods) {
  for (const char* method : {"TRACE", "BREW", "get", "PROPFIND"})
    expect_refusal(std::string(method) + " / HTTP/1.1\r\nHost: h\r\n\r\n", 501);
}

TEST_F(Refusals, of_requests_without_one_clear_host) {
  expect_refusal("GET / HTTP/1.1\r\n\r\n", 400);
  expect_refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
  expect_refusal("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400);
}

TEST_F(Refusals, of_bodies_whose_length_is_told_twice_or_unclearly) {
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  expect_refusal(start + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
  expect_refusal(start + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400);
  expect_refusal(start + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400);
  expect_refusal(start + "Content-Length: -1\r\n\r\n", 400);
  expect_refusal(start + "Content-Length: 0x3\r\n\r\nabc", 400);
  expect_refusal(start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501);
  expect_refusal(start + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 501);
  expect_refusal(start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400);
  expect_refusal("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
}

TEST_F(Refusals, of_trailers_encodings_expectations_and_double_types) {
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  expect_refusal(start + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nHost: evil\r\n\r\n", 400);
  expect_refusal(start + "Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\na", 415);
  expect_refusal(start + "Expect: tea\r\nContent-Length: 1\r\n\r\na", 417);
  expect_refusal(start + "Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 1\r\n\r\na", 400);
}

TEST_F(Refusals, of_bytes_that_are_not_http) {
  expect_refusal("\x16\x03\x01 garbage \xff\xfe\r\n\r\n", 400);
  expect_refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505);
  expect_refusal("GET / HTTP/1.1\r\nHo st: h\r\n\r\n", 400);
  expect_refusal("GET / HTTP/1.1\r\nHost: h\r\n folded: x\r\nA: \x01\r\n\r\n", 400);
  expect_refusal(std::string("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n", 29), 400);
}

TEST_F(Refusals, of_bytes_that_are_not_tls) {
  for (const std::string& bytes : {get("/"), std::string(300, '\0'), std::string(5000, '\xff')}) {
    RawClient raw(server.port());
    ASSERT_TRUE(raw.send(bytes));
    EXPECT_EQ(raw.receive_all().find("HTTP/1.1 200"), std::string::npos);
  }
  EXPECT_TRUE(eventually([this] { return counted("trustferry_http_handshake_failures_total") == 3; }));
  EXPECT_EQ(handled.load(), 0);
}

TEST_F(Refusals, of_a_pipelined_request_spare_the_one_before_it) {
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send(get("/good") + "BAD\r\n\r\n" + get("/never")));
  const std::string all = raw.receive_all();
  EXPECT_THAT(all, HasSubstr("GET /good [] HTTP/1.1 400"));
  EXPECT_EQ(handled.load(), 1);
}

TEST_F(Refusals, are_not_needed_for_peers_that_just_vanish) {
  for (const std::string& part : {std::string(), std::string("GET / HT"), post("/", "abcdef").substr(0, 75)}) {
    RawClient raw(server.port());
    ASSERT_TRUE(raw.handshake());
    if (!part.empty()) ASSERT_TRUE(raw.send(part));
    raw.reset();
  }
  RawClient silent(server.port());
  ASSERT_TRUE(silent.send("\x16\x03\x01"));
  silent.reset();
  EXPECT_TRUE(eventually([this] { return connections() == 0; }));
  EXPECT_EQ(handled.load(), 0);
}

}  // namespace
}  // namespace tf::net::test
