// Metrics at an address of their own.
#include "platform/metrics_listener.hpp"

#include "net/client/client.hpp"
#include "tests/support/expect.hpp"

namespace tf::platform::test {
namespace {

TEST(MetricsListener, GivesTheTextAndNothingElse) {
  metrics::Registry registry;
  int asked = 0;
  MetricsListener listener;
  ASSERT_OK(listener.start(Listen{"127.0.0.1", 0}, [&asked] { return "trustferry_asked " + std::to_string(++asked) + "\n"; }, registry));
  auto client = net::HttpClient::create({.server = {"127.0.0.1", listener.port(), false}});
  ASSERT_OK(client);
  const auto ask = [&client](const char* method, const char* target) { return client->request({.method = method, .target = target, .content_type = {}, .body = {}, .headers = {}}).value(); };
  EXPECT_EQ(ask("GET", "/metrics").body, "trustferry_asked 1\n");
  EXPECT_EQ(ask("GET", "/metrics").body, "trustferry_asked 2\n") << "as it is now";
  EXPECT_EQ(ask("POST", "/metrics").status, 405);
  EXPECT_EQ(ask("GET", "/").status, 404);
  EXPECT_EQ(asked, 2);
  MetricsListener second;
  EXPECT_FALSE(second.start(Listen{"127.0.0.1", listener.port()}, [] { return std::string(); }, registry)) << "the port is taken";
}

TEST(MetricsListener, WithoutAnAddressThereIsNone) {
  metrics::Registry registry;
  MetricsListener listener;
  EXPECT_OK(listener.start(std::nullopt, [] { return std::string(); }, registry));
  listener.stop();
}

}  // namespace
}  // namespace tf::platform::test
