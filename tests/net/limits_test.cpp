// Every cap and every deadline.
#include "net/server/io_thread.hpp"
#include "tests/net/fixture.hpp"

namespace tf::net::test {
namespace {

using testing::HasSubstr;

class Limits : public ServerTest {
 protected:
  std::string answer_to(const std::string& request) {
    RawClient raw(server.port());
    EXPECT_TRUE(raw.handshake());
    EXPECT_TRUE(raw.send(request));
    return raw.receive_all();
  }
};

TEST_F(Limits, header_of_the_limit_passes_and_one_byte_more_does_not) {
  options.max_header_bytes = 1024;
  start();
  const auto sized = [](std::size_t size) {
    const std::string frame = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: \r\n\r\n";
    return std::string(frame).insert(frame.size() - 4, std::string(size - frame.size(), 'x'));
  };
  EXPECT_EQ(status_in(answer_to(sized(1024))), 200);
  EXPECT_EQ(status_in(answer_to(sized(1025))), 431);
  EXPECT_EQ(status_in(answer_to(sized(30000))), 431);
}

TEST_F(Limits, header_that_comes_field_by_field_is_counted_as_a_whole) {
  options.max_header_bytes = 1024;
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send("GET / HTTP/1.1\r\nHost: h\r\n"));
  for (int i = 0; i < 200; ++i) {
    if (!raw.send("X-Field: 0123456789\r\n")) break;
  }
  EXPECT_EQ(status_in(raw.receive_all()), 431);
}

TEST_F(Limits, target_that_is_too_long) {
  options.max_target_bytes = 100;
  start();
  EXPECT_EQ(status_in(answer_to("GET /" + std::string(99, 'a') + " HTTP/1.0\r\n\r\n")), 200);
  EXPECT_EQ(status_in(answer_to("GET /" + std::string(100, 'a') + " HTTP/1.0\r\n\r\n")), 414);
}

TEST_F(Limits, body_of_the_limit_passes_and_one_byte_more_does_not) {
  options.max_body_bytes = 20000;
  start();
  EXPECT_EQ(status_in(answer_to("POST / HTTP/1.0\r\nContent-Length: 20000\r\n\r\n" + std::string(20000, 'x'))), 200);
  EXPECT_EQ(status_in(answer_to(post("/", std::string(20001, 'x')))), 413);
  EXPECT_EQ(status_in(answer_to(post("/", std::string(900'000, 'x')))), 413);  // still readable after all those bytes
  const std::string chunk = "4e20\r\n" + std::string(20000, 'x') + "\r\n";
  const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(status_in(answer_to(chunked + chunk + "0\r\n\r\n")), 200);
  EXPECT_EQ(status_in(answer_to(chunked + chunk + "1\r\nx\r\n0\r\n\r\n")), 413);
}

TEST_F(Limits, body_of_a_client_without_certificate_has_a_limit_of_its_own) {
  const Identity device = make_identity({.name = "device"}, &root);
  tls.client_anchors = {root.certificate};
  options.max_body_bytes = 50'000;
  options.max_unknown_body_bytes = 1000;
  start();
  EXPECT_EQ(status_in(answer_to(post("/", std::string(1000, 'x')))), 200);
  EXPECT_EQ(status_in(answer_to(post("/", std::string(1001, 'x')))), 413);
  auto known = client_options();
  known.chain = {device.certificate};
  known.key = device.key;
  EXPECT_EQ(client(known).request({.method = "POST", .body = std::string(50'000, 'x')}).value().status, 200);
  EXPECT_EQ(client(known).request({.method = "POST", .body = std::string(50'001, 'x')}).value().status, 413);
}

TEST_F(Limits, deadlines_are_looked_at_as_often_as_the_shortest_of_them_wants) {
  EXPECT_EQ(watch_every({}), 250ms);
  options.write_timeout = 2000ms;
  EXPECT_EQ(watch_every(options), 100ms);
  options.idle_timeout = 200ms;
  EXPECT_EQ(watch_every(options), 50ms);
}

TEST_F(Limits, slow_header_is_cut_by_its_total_time) {
  options.header_timeout = 300ms;
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send("GET / HTTP/1.1\r\nX: "));
  std::atomic<bool> over{false};
  std::jthread drip([&] {  // never silent for long
    while (!over && raw.send("x")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_TRUE(eventually([this] { return counted("trustferry_http_timeouts_total") == 1; }));
  over = true;
  drip.join();
  EXPECT_EQ(status_in(raw.receive_all()), 408);
}

TEST_F(Limits, slow_body_is_cut_by_its_total_time) {
  options.body_timeout = 300ms;
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n"));
  std::atomic<bool> over{false};
  std::jthread drip([&] {
    while (!over && raw.send("x")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_TRUE(eventually([this] { return counted("trustferry_http_timeouts_total") == 1; }));
  over = true;
  drip.join();
  EXPECT_EQ(status_in(raw.receive_all()), 408);
}

TEST_F(Limits, silent_peers_are_closed_before_and_after_the_handshake_and_between_requests) {
  options.handshake_timeout = 200ms;
  options.header_timeout = 200ms;
  options.idle_timeout = 200ms;
  start();
  RawClient mute(server.port());
  RawClient shy(server.port());
  ASSERT_TRUE(shy.handshake());
  RawClient done(server.port());
  ASSERT_TRUE(done.handshake());
  EXPECT_EQ(status_in(done.request(get("/"))), 200);
  EXPECT_EQ(mute.receive_all(), "");
  EXPECT_EQ(shy.receive_all(), "");
  EXPECT_EQ(done.receive_all(), "");
  EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(Limits, peer_that_does_not_read_its_response_is_cut) {
  options.write_timeout = 200ms;
  const std::string large(30'000'000, 'x');
  start([&](const HttpRequest&) { return HttpResponse{200, "text/plain", large, {}}; });
  const auto guard = stop_at_end();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send(get("/")));
  EXPECT_TRUE(eventually([this] { return counted("trustferry_http_requests_total", {{"status", "2xx"}}) == 1; }));
  EXPECT_TRUE(eventually([this] { return connections() == 0; }));
}

TEST_F(Limits, more_connections_than_allowed_are_closed_before_tls) {
  options.max_connections = 2;
  start();
  RawClient first(server.port());
  RawClient second(server.port());
  ASSERT_TRUE(first.handshake());
  ASSERT_TRUE(second.handshake());
  RawClient third(server.port());
  EXPECT_FALSE(third.handshake());
  EXPECT_EQ(status_in(first.request(get("/"))), 200);
  EXPECT_EQ(counted("trustferry_http_shed_total", {{"what", "connection"}}), 1u);
  second.reset();
  EXPECT_TRUE(eventually([this] { return connections() == 1; }));
  RawClient fourth(server.port());
  EXPECT_TRUE(fourth.handshake());
}

TEST_F(Limits, full_queue_is_answered_at_once_and_the_connection_kept) {
  std::counting_semaphore<> busy(0);
  std::latch release(1);
  start([&](const HttpRequest& request) {
    busy.release();
    release.wait();
    return echo(request);
  }, 1, 1);
  const auto guard = stop_at_end();
  RawClient running(server.port());
  RawClient queued(server.port());
  RawClient shed(server.port());
  for (RawClient* raw : {&running, &queued, &shed}) ASSERT_TRUE(raw->handshake());
  ASSERT_TRUE(running.send(get("/1")));
  busy.acquire();
  ASSERT_TRUE(queued.send(get("/2")));
  // The second is in the queue once in-flight says so; only then does the third find it full.
  auto& in_flight = registry.gauge("trustferry_http_requests_in_flight", "", {{"listener", "main"}});
  ASSERT_TRUE(eventually([&] { return in_flight.value() == 2; }));
  const std::string response = shed.request(get("/3"));
  EXPECT_EQ(status_in(response), 503);
  EXPECT_THAT(response, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(response, HasSubstr("\"code\":\"overloaded\""));
  EXPECT_EQ(counted("trustferry_http_shed_total", {{"what", "request"}}), 1u);
  release.count_down();
  EXPECT_EQ(status_in(running.receive_response()), 200);
  EXPECT_EQ(status_in(queued.receive_response()), 200);
  EXPECT_EQ(status_in(shed.request(get("/4"))), 200);
  EXPECT_EQ(in_flight.value(), 0);
}

TEST_F(Limits, connection_ends_after_its_share_of_requests) {
  options.max_requests_per_connection = 2;
  start();
  RawClient raw(server.port());
  ASSERT_TRUE(raw.handshake());
  ASSERT_TRUE(raw.send(get("/1") + get("/2") + get("/3")));
  const std::string all = raw.receive_all();
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n\r\nGET /2 [] "));
  EXPECT_EQ(all.find("/3"), std::string::npos);
}

}  // namespace
}  // namespace tf::net::test
