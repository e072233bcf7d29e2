// What a well-behaved client gets.
#include "tests/net/fixture.hpp"

namespace tf::net::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST_F(ServerTest, hands_the_request_to_the_handler_as_a_plain_value) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  const std::string response = raw.request(
      "POST /v1/a%20b?x=1&y=%41 HTTP/1.1\r\nhost: localhost\r\nCONTENT-TYPE: Text/Plain ; "
      "charset=utf-8\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(response,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 39\r\nCache-Control: no-store\r\n\r\n"
            "POST /v1/a b x=1 y=A [text/plain] hello");
}

TEST_F(ServerTest, answers_many_requests_on_one_connection) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  for (int i = 0; i < 50; ++i) {
    const std::string path = "/n/" + std::to_string(i);
    EXPECT_THAT(raw.request(get(path)), EndsWith("GET " + path + " [] "));
  }
  EXPECT_EQ(counted("trustferry_http_connections_total"), 1u);
  EXPECT_EQ(counted("trustferry_http_requests_total", {{"status", "2xx"}}), 50u);
}

TEST_F(ServerTest, answers_pipelined_requests_in_order) {
  is_prompt = [](const HttpRequest& request) { return request.path.starts_with("/inline"); };
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  std::string all;
  const auto path = [](int i) { return (i % 3 == 0 ? "/inline/" : "/pool/") + std::to_string(i); };
  for (int i = 0; i < 200; ++i) all += i % 2 == 0 ? get(path(i)) : post(path(i), "body");
  ASSERT_TRUE(raw.send(all));
  for (int i = 0; i < 200; ++i) EXPECT_THAT(raw.receive_response(), HasSubstr(" " + path(i) + " ["));
}

TEST_F(ServerTest, answers_later_from_other_threads) {
  std::mutex mutex;
  std::vector<std::pair<Answer, std::string>> held;
  const auto prompt = [&](const HttpRequest& request, Answer& answer) {
    if (!request.path.starts_with("/later")) return false;
    const std::lock_guard lock(mutex);
    held.emplace_back(std::move(answer), request.path);
    return true;
  };
  start({echo, std::make_shared<WorkerPool>(2, 8), prompt});
  const auto guard = stop_at_end();
  std::jthread answerer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::vector<std::pair<Answer, std::string>> now;
      {
        const std::lock_guard lock(mutex);
        now.swap(held);
      }
      for (auto& [answer, path] : now) answer({200, "text/plain", "answered " + path, {}});
      std::this_thread::yield();
    }
  });
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  std::string all;
  const auto path = [](int i) { return (i % 3 == 0 ? "/pool/" : "/later/") + std::to_string(i); };
  for (int i = 0; i < 300; ++i) all += get(path(i));
  ASSERT_TRUE(raw.send(all));
  for (int i = 0; i < 300; ++i) EXPECT_THAT(raw.receive_response(), HasSubstr(" " + path(i)));
}

TEST_F(ServerTest, what_is_never_answered_or_throws_becomes_a_500) {
  start({echo, std::make_shared<WorkerPool>(1, 8), [](const HttpRequest& request, Answer& answer) {
           if (request.path == "/throw") throw std::runtime_error("thrown for the test");
           const Answer forgotten = std::move(answer);
           return true;
         }});
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  for (const char* path : {"/throw", "/forget", "/throw"}) {
    const std::string response = raw.request(get(path));
    EXPECT_THAT(response, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(response, HasSubstr(R"("code":"internal")"));
  }
}

TEST_F(ServerTest, sheds_requests_when_too_many_wait_for_their_answers) {
  options.max_in_flight = 2;
  std::mutex mutex;
  std::vector<Answer> held;
  start({echo, std::make_shared<WorkerPool>(1, 8), [&](const HttpRequest&, Answer& answer) {
           const std::lock_guard lock(mutex);
           held.push_back(std::move(answer));
           return true;
         }});
  const auto guard = stop_at_end();
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(waiting.back()->handshake());
    ASSERT_TRUE(waiting.back()->send(get("/held")));
  }
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return held.size() == 2;
  }));
  RawClient third(server.port());
  ASSERT_TRUE(third.handshake());
  EXPECT_THAT(third.request(get("/shed")), StartsWith("HTTP/1.1 503"));
  const std::lock_guard lock(mutex);
  for (Answer& answer : held) answer({200, "text/plain", "at last", {}});
  for (const auto& client : waiting) EXPECT_THAT(client->receive_response(), HasSubstr("at last"));
}

TEST_F(ServerTest, serves_many_connections_at_once) {
  start(echo, 8, 64);
  std::vector<std::jthread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t, &good] {
      HttpClient own = client();
      for (int i = 0; i < 100; ++i) {
        const std::string body = std::to_string(t) + ":" + std::to_string(i);
        const auto response =
            own.request({.method = "POST", .target = "/e", .content_type = "text/plain", .body = body});
        if (response && response->status == 200 && response->body == "POST /e [text/plain] " + body) good.fetch_add(1);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(good.load(), 800);
}

TEST_F(ServerTest, takes_bodies_in_chunks) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  EXPECT_THAT(
      raw.request(
          "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"),
      EndsWith("POST /c [] abcdefg"));
  EXPECT_THAT(raw.request(get("/after")), EndsWith("GET /after [] "));
}

TEST_F(ServerTest, takes_a_request_that_comes_byte_by_byte) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  const std::string request = post("/slow", "xyz");
  for (const char& c : request) ASSERT_TRUE(raw.send({&c, 1}));
  EXPECT_THAT(raw.receive_response(), EndsWith("POST /slow [text/plain] xyz"));
}

TEST_F(ServerTest, tells_the_client_to_continue_before_the_body) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  EXPECT_EQ(raw.request("PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(raw.request("ok"), EndsWith("PUT /x [] ok"));
}

TEST_F(ServerTest, answers_head_like_get_without_the_body) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send("HEAD /h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  const std::string response = raw.receive_all();
  EXPECT_THAT(response, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(response, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, closes_when_asked_and_for_http_1_0) {
  start();
  for (const char* request : {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    RawClient raw(server.port());
    ASSERT_TRUE(raw.handshake());
    ASSERT_TRUE(raw.send(request));
    EXPECT_THAT(raw.receive_all(), HasSubstr("Connection: close\r\n\r\nGET / [] "));
  }
}

TEST_F(ServerTest, sends_large_responses_whole) {
  const std::string large(3'000'000, 'x');
  start([&](const HttpRequest&) { return HttpResponse{200, "text/plain", large, {}}; });
  const auto guard = stop_at_end();
  auto own = client_options();
  own.max_response_bytes = 4'000'000;
  HttpClient one = client(own);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(one.request({}).value().body.size(), large.size());
}

TEST_F(ServerTest, turns_a_handler_that_throws_into_a_problem_and_lives_on) {
  start([](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/throw") throw std::runtime_error("secret detail");
    if (request.path == "/odd") throw 7;
    return echo(request);
  });
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  for (const char* path : {"/throw", "/odd"}) {
    const std::string response = raw.request(get(path));
    EXPECT_EQ(status_in(response), 500);
    EXPECT_THAT(response, HasSubstr("application/problem+json"));
    EXPECT_THAT(response, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(status_in(raw.request(get("/"))), 200);
}

TEST_F(ServerTest, never_sends_a_header_that_would_split_the_response) {
  start([](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/value") return {200, "text/plain", "", {{"X-Name", "a\r\nSet-Cookie: b"}}};
    if (request.path == "/name") return {200, "text/plain", "", {{"X: a\r\nY", "b"}}};
    if (request.path == "/type") return {200, "text/plain\r\nX: y", "", {}};
    return {200, "text/plain", "", {{"content-length", "7"}}};
  });
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  for (const char* path : {"/value", "/name", "/type", "/length"})
    EXPECT_EQ(status_in(raw.request(get(path))), 500) << path;
}

TEST_F(ServerTest, sends_the_handlers_headers_and_its_own_caching_rule) {
  start([](const HttpRequest&) -> HttpResponse {
    return {200, "text/css", "x", {{"Cache-Control", "max-age=60"}, {"ETag", "\"1\""}}};
  });
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  EXPECT_EQ(raw.request(get("/")),
            "HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 1\r\nCache-Control: max-age=60\r\nETag: "
            "\"1\"\r\n\r\nx");
}

TEST_F(ServerTest, names_the_peer_to_the_handler) {
  start([](const HttpRequest& request) { return HttpResponse{200, "text/plain", request.peer_address, {}}; });
  EXPECT_THAT(client().request({}).value().body, testing::StartsWith("127.0.0.1:"));
}

TEST_F(ServerTest, refuses_options_it_cannot_use) {
  const auto pool = std::make_shared<WorkerPool>(1, 1);
  const auto code_of = [&](const ServerOptions& with, const TlsServerConfig& config) {
    HttpServer other;
    const Status status = other.start(with, config, {echo, pool, {}}, registry);
    return status ? std::string("started") : std::string(status.error().reason);
  };
  EXPECT_EQ(code_of({.address = "no address"}, tls), "net.options");
  EXPECT_EQ(code_of({.address = "192.0.2.1"}, tls), "net.listen");
  EXPECT_EQ(code_of({}, {}), "net.tls_config");
  EXPECT_EQ(code_of({}, {.chain = {root.certificate}, .key = leaf.key}), "net.tls_config");
}

}  // namespace
}  // namespace tf::net::test
