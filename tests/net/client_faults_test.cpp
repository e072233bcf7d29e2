// The client against servers that misbehave or go away.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/net/fixture.hpp"
#include "tests/net/scripted_server.hpp"

namespace tf::net::test {
namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class ClientFaults : public testing::Test {
 protected:
  HttpClient client(const ScriptedServer& server, std::size_t max_bytes = 1000) {
    ClientOptions with{.server = {"localhost", server.port()}, .dial = "127.0.0.1", .anchors = {root.certificate}};
    with.max_response_bytes = max_bytes;
    return std::move(HttpClient::create(with).value());
  }
  // What the client says of a server that sends this and goes away, properly or not.
  std::string verdict(std::string_view response, bool farewell = true, const char* method = "GET") {
    ScriptedServer server(leaf, {[&](Peer& peer) {
      peer.read_request();
      peer.write(response);
      if (farewell) peer.say_goodbye();
    }});
    const auto got = client(server).request({.method = method});
    return got ? got->body : got.error().reason;
  }
  Identity root = make_identity({.name = "root", .is_authority = true});
  Identity leaf = make_identity({.name = "leaf", .alternative_name = "DNS:localhost"}, &root);
};

const Script answer_once = [](Peer& peer) {
  peer.read_request();
  peer.write(kOk);
};

TEST_F(ClientFaults, notices_a_kept_connection_that_was_closed_and_makes_a_new_one) {
  for (const bool farewell : {true, false}) {
    std::binary_semaphore gone(0);
    ScriptedServer server(leaf, {[&](Peer& peer) {
                            answer_once(peer);
                            if (farewell) peer.say_goodbye();
                            ::shutdown(peer.fd(), SHUT_RDWR);
                            gone.release();
                          },
                          answer_once});
    HttpClient one = client(server);
    ASSERT_TRUE(one.request({}));
    gone.acquire();
    EXPECT_TRUE(one.request({.method = "POST"}));  // nothing had been sent: safe for any request
  }
}

TEST_F(ClientFaults, repeats_a_repeatable_request_when_a_kept_connection_ends_under_it) {
  ScriptedServer server(leaf, {[](Peer& peer) {
                          answer_once(peer);
                          peer.read_request();
                        },
                        answer_once});
  HttpClient one = client(server);
  ASSERT_TRUE(one.request({}));
  EXPECT_EQ(one.request({.repeatable = true}).value().body, "ok");
}

TEST_F(ClientFaults, repeats_nothing_else) {
  const Script answer_then_drop = [](Peer& peer) {
    answer_once(peer);
    peer.read_request();
  };
  const Script answer_then_begin = [](Peer& peer) {
    answer_once(peer);
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Le");
  };
  const Script drop = [](Peer& peer) { peer.read_request(); };
  {
    ScriptedServer server(leaf, {answer_then_drop});
    HttpClient one = client(server);
    ASSERT_TRUE(one.request({}));
    EXPECT_STREQ(one.request({.method = "POST"}).error().reason, "net.closed");
  }
  {
    ScriptedServer server(leaf, {answer_then_begin});
    HttpClient one = client(server);
    ASSERT_TRUE(one.request({}));
    EXPECT_STREQ(one.request({.repeatable = true}).error().reason, "net.closed");
  }
  {
    ScriptedServer server(leaf, {drop});  // a fresh connection
    EXPECT_STREQ(client(server).request({.repeatable = true}).error().reason, "net.closed");
  }
}

TEST_F(ClientFaults, takes_a_body_that_ends_with_the_connection_only_with_a_farewell) {
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\n\r\nwhole", true), "whole");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\n\r\ncut", false), "net.closed");
}

TEST_F(ClientFaults, refuses_responses_cut_short) {
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), "net.closed");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"), "net.closed");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\n"), "net.closed");
  EXPECT_EQ(verdict(""), "net.closed");
}

TEST_F(ClientFaults, reads_chunks_and_passes_over_interim_responses) {
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "abcde");
  EXPECT_EQ(verdict("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + std::string(kOk)),
            "ok");
}

TEST_F(ClientFaults, refuses_what_is_not_http) {
  EXPECT_EQ(verdict("SSH-2.0-OpenSSH\r\n\r\n"), "net.response");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "net.response");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "net.response");
}

TEST_F(ClientFaults, refuses_too_much_of_anything) {
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), "net.response_too_large");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')), "net.response_too_large");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x')), "net.response_too_large");
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  EXPECT_EQ(verdict(many + "\r\n"), "net.response_too_large");
  EXPECT_EQ(verdict("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
                    "\r\n0\r\n\r\n"),
            "net.response_too_large");
}

TEST_F(ClientFaults, does_not_use_a_connection_again_that_said_too_much) {
  ScriptedServer server(leaf, {[](Peer& peer) {
                          peer.read_request();
                          peer.write(std::string(kOk) + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                          peer.wait_for_end();
                        },
                        answer_once});
  HttpClient one = client(server);
  EXPECT_EQ(one.request({}).value().body, "ok");
  EXPECT_EQ(one.request({}).value().body, "ok");
}

TEST_F(ClientFaults, follows_no_redirect) {
  ScriptedServer server(leaf, {[](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n");
  }});
  const auto response = client(server).request({});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 307);
}

TEST_F(ClientFaults, refuses_a_server_that_speaks_something_else_than_tls) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::jthread peer([listener] {
    const int fd = ::accept(listener, nullptr, nullptr);
    ::send(fd, "220 ready\r\n", 11, MSG_NOSIGNAL);
    char buffer[512];
    while (::recv(fd, buffer, sizeof buffer, 0) > 0) {
    }
    ::close(fd);
  });
  ClientOptions with{
      .server = {"localhost", ntohs(address.sin_port)}, .dial = "127.0.0.1", .anchors = {root.certificate}};
  const auto response = HttpClient::create(with)->request({});
  ASSERT_FALSE(response);
  EXPECT_STREQ(response.error().reason, "net.tls");
  peer.join();
  ::close(listener);
}

}  // namespace
}  // namespace tf::net::test
