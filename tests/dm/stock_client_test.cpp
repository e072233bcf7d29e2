// Our server side over HTTP against a client that was written apart from it (tests/clients/dm_client.py).
#include <mutex>

#include "crypto/digest.hpp"
#include "net/server/server.hpp"
#include "tests/dm/conversation.hpp"
#include "tests/support/process.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::dm::test {
namespace {

using net::HttpRequest;
using net::HttpResponse;

class DmStockClient : public testing::Test {
 protected:
  HttpResponse answer(const HttpRequest& request) {
    const std::scoped_lock lock(mutex);
    std::string mac;
    for (const auto& [name, value] : request.headers)
      if (name == kMacHeader) mac = value;
    const auto reply = pair.serve({request.body, mac});
    if (!reply) return {400, "text/plain", describe(reply.error()), {}};
    return {200, std::string(kMediaType), reply->body, {{std::string(kMacHeader), reply->mac}}};
  }
  void SetUp() override {
    net::ServerOptions options;
    options.kept_headers = {std::string(kMacHeader)};
    ASSERT_OK(server.start_plain(options, {.handler = [this](const HttpRequest& request) { return answer(request); }, .pool = std::make_shared<net::WorkerPool>(1)}, registry));
  }
  void TearDown() override { server.stop(std::chrono::seconds(1)); }

  wire::JsonObject run_client(const std::string& password, const Nonces& nonces, std::size_t most) {
    wire::JsonWriter settings;
    settings.begin_object()
        .member("url", "http://127.0.0.1:" + std::to_string(server.port()) + "/dm").member("server_uri", Pair::kServer).member("device_uri", Pair::kDevice)
        .member("name", "device").member("password", password).member("server_name", "prov").member("server_password", "a password").member("session", "A1")
        .member("nonce_send", wire::hex_lower(nonces.send)).member("nonce_expect", wire::hex_lower(nonces.expect)).member("max_message", std::to_string(most))
        .end_object();
    const tf::test::Finished done = tf::test::run({"python3", TRUSTFERRY_SOURCE_DIR "/tests/clients/dm_client.py"}, settings.text());
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return must(wire::JsonObject::parse(done.out, {.size = 1U << 20U}));
  }

  Pair pair{{.server_message = 6'000, .device_message = 6'000}};
  std::mutex mutex;
  metrics::Registry registry;
  net::HttpServer server;
};

TEST_F(DmStockClient, takes_a_large_envelope_runs_it_and_gives_its_receipt) {
  const std::string envelope = xml_text(10'000);
  for (const Nonces& nonces : {Nonces{}, pair.client_nonces, Nonces{Bytes(16, 9), Bytes(16, 8)}}) {
    Pair fresh({.server_message = 6'000, .device_message = 6'000});
    pair.server = std::move(fresh.server);
    pair.done.clear();
    pair.push_delivery(envelope);
    pair.push({.tag = 6, .verb = Verb::get, .uri = std::string(onboard_object::kEnvelope)});  // large, the other way
    auto outcome = run_client("a password", nonces, 3'000);
    EXPECT_EQ(must(outcome.text("error")), "");
    EXPECT_EQ(pair.codes(), (std::map<std::uint64_t, std::uint32_t>{{1, 200}, {2, 200}, {3, 200}, {4, 200}, {5, 200}, {6, 200}}));
    ASSERT_EQ(pair.done.size(), 6U);
    EXPECT_EQ(as_text(pair.done[2].value->data), wire::hex_lower(crypto::sha256(as_bytes(envelope))));
    EXPECT_EQ(as_text(pair.done[5].value->data), envelope);
    EXPECT_TRUE(pair.server.over());
    // Both know the same nonces for the next session.
    EXPECT_EQ(must(outcome.text("nonce_send")), wire::hex_lower(pair.server_nonces.expect));
    EXPECT_EQ(must(outcome.text("nonce_expect")), wire::hex_lower(pair.server_nonces.send));
  }
}

TEST_F(DmStockClient, with_another_password_gets_nothing) {
  pair.push_delivery("<e/>");
  auto outcome = run_client("guessed", pair.client_nonces, 3'000);
  EXPECT_EQ(must(outcome.text("error")), "the server does not believe us");
  EXPECT_EQ(must(outcome.texts("log", 10)).size(), 0U);
  EXPECT_TRUE(pair.server.over() && pair.done.empty());
}

}  // namespace
}  // namespace tf::dm::test
