// The client against our own server.
#include "crypto/digest.hpp"
#include "tests/net/fixture.hpp"

namespace tf::net::test {
namespace {

using testing::HasSubstr;

class Client : public ServerTest {
 protected:
  void expect_tls_refusal(ClientOptions with, const char* why) {
    const auto response = client(std::move(with)).request({});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::refused);
    EXPECT_STREQ(response.error().reason, "net.tls");
    EXPECT_THAT(response.error().detail, HasSubstr(why));
  }
};

TEST_F(Client, keeps_its_connection) {
  start();
  HttpClient one = client();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(one.request({.target = "/a?b=c"}).value().body, "GET /a b=c [] ");
  EXPECT_EQ(counted("trustferry_http_connections_total"), 1u);
  one.close();
  EXPECT_TRUE(one.request({}));
  EXPECT_EQ(counted("trustferry_http_connections_total"), 2u);
}

TEST_F(Client, trusts_nothing_but_its_anchors) {
  start();
  auto with = client_options();
  with.anchors = {make_identity({.name = "root", .is_authority = true}).certificate};  // the name alone proves nothing
  expect_tls_refusal(with, "certificate signature failure");
  with.anchors = {make_identity({.name = "another", .is_authority = true}).certificate};
  expect_tls_refusal(with, "unable to get local issuer certificate");
  with.anchors = {};
  expect_tls_refusal(with, "unable to get local issuer certificate");
}

TEST_F(Client, takes_an_anchor_that_is_no_root) {
  const Identity between = make_identity({.name = "between", .is_authority = true}, &root);
  const Identity deep = make_identity({.name = "deep", .alternative_name = "DNS:localhost"}, &between);
  tls = {.chain = {deep.certificate}, .key = deep.key};
  start();
  auto with = client_options();
  with.anchors = {between.certificate};
  EXPECT_TRUE(client(with).request({}));
}

TEST_F(Client, checks_the_name_or_address_of_the_server) {
  start();
  auto with = client_options();
  with.server.host = "other.example";
  expect_tls_refusal(with, "hostname mismatch");
  with.server.host = "127.0.0.2";
  expect_tls_refusal(with, "IP address mismatch");
  with.server.host = "leaf";  // the common name counts for nothing
  expect_tls_refusal(with, "hostname mismatch");
  with.server.host = "127.0.0.1";
  EXPECT_TRUE(client(with).request({}));
}

TEST_F(Client, takes_no_other_certificate_than_those_pinned) {
  const Identity other = make_identity({.name = "other", .alternative_name = "DNS:localhost"}, &root);
  start();
  auto with = client_options();
  with.pinned = {crypto::sha256(der_of(other.certificate))};
  expect_tls_refusal(with, "another than the one it is known by");
  with.pinned.push_back(crypto::sha256(der_of(leaf.certificate)));
  EXPECT_TRUE(client(with).request({}));
  with.anchors = {other.certificate};  // a pin does not take the anchor's place
  expect_tls_refusal(with, "unable to get local issuer certificate");
}

TEST_F(Client, refuses_an_expired_server) {
  leaf = make_identity({.name = "leaf", .alternative_name = "DNS:localhost", .expired = true}, &root);
  tls = {.chain = {leaf.certificate}, .key = leaf.key};
  start();
  expect_tls_refusal(client_options(), "certificate has expired");
}

TEST_F(Client, one_beside_it_shows_and_trusts_the_same_and_outlives_it) {
  const Identity own = make_identity({.name = "own"}, &root);
  tls.client_anchors = {root.certificate};
  start([](const HttpRequest& request) { return HttpResponse{200, "text/plain", request.client_certificate ? "known" : "unknown", {}}; });
  auto with = client_options();
  with.chain = {own.certificate};
  with.key = own.key;
  std::optional<HttpClient> first(client(with));
  HttpClient other = std::move(first->beside({"127.0.0.1", server.port()}).value());
  HttpClient wrong = std::move(first->beside({"other.example", server.port()}).value());
  EXPECT_EQ(first->request({}).value().body, "known");
  first.reset();
  EXPECT_EQ(other.request({}).value().body, "known");
  const auto refused = wrong.request({});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("hostname mismatch"));
}

TEST_F(Client, one_beside_a_plain_one_speaks_tls_where_its_server_does) {
  start();
  auto with = client_options();
  with.server.tls = false;
  const HttpClient plain = client(with);
  HttpClient other = std::move(plain.beside({"localhost", server.port()}).value());
  EXPECT_TRUE(other.request({}));
}

TEST_F(Client, refuses_options_with_half_an_identity) {
  auto with = client_options();
  with.chain = {leaf.certificate};
  const auto made = HttpClient::create(with);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::invalid);
}

TEST_F(Client, refuses_to_send_what_would_be_two_requests) {
  start();
  HttpClient one = client();
  for (const ClientRequest& bad :
       {ClientRequest{.target = "/a\r\nX: y"}, ClientRequest{.target = "a"}, ClientRequest{.target = "/a b"},
        ClientRequest{.method = "GE T"}, ClientRequest{.headers = {{"X", "a\r\nY: b"}}},
        ClientRequest{.headers = {{"X:", "a"}}}, ClientRequest{.content_type = "a\nb"}}) {
    const auto response = one.request(bad);
    ASSERT_FALSE(response);
    EXPECT_STREQ(response.error().reason, "net.request");
  }
  EXPECT_EQ(counted("trustferry_http_connections_total"), 0u);
}

TEST_F(Client, reads_the_answer_to_head_and_bodiless_statuses) {
  start([](const HttpRequest& request) {
    return request.path == "/204" ? HttpResponse{204, "", "", {}} : echo(request);
  });
  HttpClient one = client();
  EXPECT_EQ(one.request({.method = "HEAD", .target = "/h"}).value().body, "");
  EXPECT_EQ(one.request({.target = "/204"}).value().status, 204);
  EXPECT_EQ(one.request({.target = "/x"}).value().body, "GET /x [] ");
  EXPECT_EQ(counted("trustferry_http_connections_total"), 1u);
}

TEST_F(Client, gives_a_problem_as_a_response_with_its_retry_after) {
  start([](const HttpRequest&) {
    return to_problem(Error{Code::unavailable, "store.down", {}}, {.retry_after_s = 9});
  });
  const auto response = client().request({});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(retry_after_s(*response), 9);
  EXPECT_EQ(from_problem(*response).code, Code::unavailable);
}

TEST_F(Client, says_when_nobody_listens) {
  start();
  const auto with = client_options();
  server.stop(0s);
  const auto response = client(with).request({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::unavailable);
  EXPECT_STREQ(response.error().reason, "net.connect");
}

TEST_F(Client, gives_up_a_response_that_does_not_come) {
  std::latch release(1);
  start([&](const HttpRequest& request) {
    release.wait();
    return echo(request);
  });
  const auto guard = stop_at_end();
  auto with = client_options();
  with.response_timeout = 100ms;
  const auto response = client(with).request({});
  release.count_down();
  ASSERT_FALSE(response);
  EXPECT_STREQ(response.error().reason, "net.timeout");
}

}  // namespace
}  // namespace tf::net::test
