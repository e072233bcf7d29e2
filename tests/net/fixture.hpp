// A server on loopback with certificates of its own, for one test.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <semaphore>
#include <thread>

#include "net/client/client.hpp"
#include "net/server/server.hpp"
#include "tests/net/raw_client.hpp"

namespace tf::net::test {

using namespace std::chrono_literals;

class ServerTest : public testing::Test {
 protected:
  // Echoes method, path, query, content type and body, unless the test has its own handler.
  static HttpResponse echo(const HttpRequest& request) {
    std::string text = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
    text += " [" + request.content_type + "] " + request.body;
    return {200, "text/plain", text, {}};
  }

  void start(Handler handler = echo, std::size_t workers = 4, std::size_t queue = 16) {
    PromptHandler prompt;
    if (is_prompt)
      prompt = [this, handler](const HttpRequest& request, Answer& answer) {
        if (!is_prompt(request)) return false;
        answer(handler(request));
        return true;
      };
    start(Service{std::move(handler), std::make_shared<WorkerPool>(workers, queue), std::move(prompt)});
  }
  void start(Service service) {
    const Status status = server.start(options, tls, std::move(service), registry);
    ASSERT_TRUE(status) << describe(status.error());
  }
  void TearDown() override { server.stop(1s); }
  // For tests whose handler uses their locals: declared after those, it stops the server before they go.
  [[nodiscard]] std::shared_ptr<void> stop_at_end() {
    return {nullptr, [this](void*) { server.stop(1s); }};
  }
  ClientOptions client_options() {
    return {.server = {"localhost", server.port()}, .dial = "127.0.0.1", .anchors = {root.certificate}};
  }
  HttpClient client(ClientOptions from) { return std::move(HttpClient::create(std::move(from)).value()); }
  HttpClient client() { return client(client_options()); }

  std::uint64_t counted(const char* name, metrics::Labels more = {}) {
    more.insert(more.begin(), {"listener", "main"});
    return registry.counter(name, "", std::move(more)).value();
  }
  std::int64_t connections() {
    return registry.gauge("trustferry_http_connections", "", {{"listener", "main"}}).value();
  }
  // Waits for something another thread is about to do; gives up after ten seconds.
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
    return condition();
  }

  Identity root = make_identity({.name = "root", .is_authority = true});
  Identity leaf = make_identity({.name = "leaf", .alternative_name = "DNS:localhost,IP:127.0.0.1"}, &root);
  metrics::Registry registry;
  ServerOptions options;
  TlsServerConfig tls{.chain = {leaf.certificate}, .key = leaf.key};
  std::function<bool(const HttpRequest&)> is_prompt;  // which requests the handler answers on the I/O thread
  HttpServer server;
};

}  // namespace tf::net::test
