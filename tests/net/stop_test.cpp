// The end of a server: what was begun is finished, nothing new is begun.
#include "tests/net/fixture.hpp"

namespace tf::net::test {
namespace {

using testing::HasSubstr;

class Stop : public ServerTest {};

TEST_F(Stop, finishes_the_request_in_flight_and_refuses_new_connections) {
  std::latch busy(1);
  std::latch release(1);
  start([&](const HttpRequest& request) {
    busy.count_down();
    release.wait();
    return echo(request);
  });
  const auto guard = stop_at_end();
  const std::uint16_t port = server.port();
  RawClient raw(port);
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send(get("/last")));
  busy.wait();
  std::jthread stopping([this] { server.stop(20s); });
  EXPECT_TRUE(eventually([port] { return !RawClient(port).handshake(); }));
  release.count_down();
  EXPECT_THAT(raw.receive_all(), HasSubstr("Connection: close\r\n\r\nGET /last [] "));
  stopping.join();
  EXPECT_EQ(connections(), 0);
}

TEST_F(Stop, closes_idle_connections_with_a_farewell) {
  start();
  RawClient idle(server.port());
  ASSERT_TRUE(idle.handshake());
  EXPECT_EQ(status_in(idle.request(get("/"))), 200);
  RawClient mute(server.port());
  ASSERT_TRUE(eventually([this] { return connections() == 2; }));
  server.stop(20s);
  EXPECT_EQ(connections(), 0);
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_EQ(mute.receive_all(), "");
}

TEST_F(Stop, lets_a_request_that_is_arriving_arrive) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  const std::string request = post("/late", "body");
  ASSERT_TRUE(raw.send(request.substr(0, 30)));
  auto own = client();
  ASSERT_TRUE(own.request({}));  // so that the server has surely seen some time pass
  std::this_thread::sleep_for(50ms);
  std::jthread stopping([this] { server.stop(20s); });
  std::this_thread::sleep_for(50ms);
  ASSERT_TRUE(raw.send(request.substr(30)));
  EXPECT_THAT(raw.receive_all(), HasSubstr("POST /late [text/plain] body"));
}

TEST_F(Stop, cuts_what_is_left_when_the_grace_is_over) {
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send("GET / HTTP/1.1\r\nHos"));
  std::this_thread::sleep_for(50ms);
  server.stop(100ms);
  EXPECT_EQ(connections(), 0);
  EXPECT_EQ(status_in(raw.receive_all()), 0);
}

TEST_F(Stop, is_safe_twice_and_without_a_start) {
  server.stop(1s);
  start();
  server.stop(1s);
  server.stop(1s);
}

TEST_F(Stop, under_load_loses_no_accepted_request) {
  std::atomic<int> handled{0};
  is_prompt = [](const HttpRequest& request) { return request.path == "/inline"; };
  start([&](const HttpRequest& request) {
    handled.fetch_add(1);
    return echo(request);
  });
  const auto guard = stop_at_end();
  std::atomic<int> answered{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      HttpClient own = client();
      while (true) {
        const auto response = own.request({.target = t % 2 == 0 ? "/pool" : "/inline"});
        if (!response) break;
        if (response->status == 200) answered.fetch_add(1);
      }
    });
  }
  EXPECT_TRUE(eventually([&] { return answered.load() > 200; }));
  server.stop(20s);
  threads.clear();
  EXPECT_EQ(answered.load(), handled.load());
}

TEST_F(Stop, of_one_listener_leaves_another_on_the_same_pool_alone) {
  const auto pool = std::make_shared<WorkerPool>(2, 8);
  HttpServer other;
  ASSERT_TRUE(server.start(options, tls, {echo, pool, {}}, registry));
  ASSERT_TRUE(other.start({.name = "other"}, tls, {echo, pool, {}}, registry));
  server.stop(1s);
  RawClient raw(other.port());
  ASSERT_TRUE(raw.handshake());
  EXPECT_EQ(status_in(raw.request(get("/"))), 200);
}

}  // namespace
}  // namespace tf::net::test
