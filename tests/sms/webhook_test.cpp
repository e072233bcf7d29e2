// A service in this process, over HTTP and over TLS.
#include "sms/webhook.hpp"

#include <fmt/format.h>

#include <atomic>

#include "base/ports.hpp"
#include "crypto/digest.hpp"
#include "net/server/server.hpp"
#include "tests/net/certificates.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/local.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::sms {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using std::chrono::milliseconds;

constexpr std::string_view kSecret = "sixteen bytes of secret";

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

class SmsWebhook : public testing::Test {
 protected:
  net::ServerOptions options() const {
    net::ServerOptions out;
    out.kept_headers = {"trustferry-signature", "idempotency-key"};
    return out;
  }
  net::Service service() {
    return {.handler = [this](const HttpRequest& request) {
              const std::scoped_lock lock(mutex);
              requests.push_back(request);
              if (answers.empty()) return HttpResponse{200, "application/json", R"({"id":"net-1"})", {}};
              HttpResponse out = std::move(answers.front());
              answers.pop_front();
              return out;
            },
            .pool = std::make_shared<net::WorkerPool>(2)};
  }
  void serve() { ASSERT_OK(server.start_plain(options(), service(), registry)); }
  void TearDown() override {
    sender.reset();
    server.stop(std::chrono::seconds(1));
  }
  WebhookSettings settings() const {
    WebhookSettings out;
    out.server = "http://127.0.0.1:" + std::to_string(server.port());
    out.path = "/sms/out";
    out.secret = SecretBytes(as_bytes(kSecret));
    out.first_pause = milliseconds(10);
    out.longest_pause = milliseconds(40);
    out.timeout = milliseconds(5000);
    return out;
  }
  void start(WebhookSettings with) { sender = make_sender(std::move(with), clock, random).value(); }
  Result<Receipt> send(Message message) {
    auto out = std::make_shared<std::optional<Result<Receipt>>>();
    auto guard = std::make_shared<std::mutex>();
    sender->send(std::move(message), [out, guard](Result<Receipt> result) {
      const std::scoped_lock lock(*guard);
      out->emplace(std::move(result));
    });
    EXPECT_TRUE(test::eventually([&] {
      const std::scoped_lock lock(*guard);
      return out->has_value();
    }));
    const std::scoped_lock lock(*guard);
    return out->has_value() ? std::move(**out) : Result<Receipt>(Error{Code::internal, "test.no_answer", ""});
  }
  static HttpResponse with_status(int status) { return {status, "text/plain", "no", {}}; }
  std::size_t count() {
    const std::scoped_lock lock(mutex);
    return requests.size();
  }

  SystemClock clock;
  SystemRandom random;
  metrics::Registry registry;
  std::mutex mutex;
  std::vector<HttpRequest> requests;
  std::deque<HttpResponse> answers;
  net::HttpServer server;
  std::unique_ptr<Sender> sender;
};

const Message kMessage{"8613800138000", "您的确认码是 1234", "code-1"};

TEST_F(SmsWebhook, posts_a_message_that_the_service_can_verify) {
  serve();
  start(settings());
  const auto receipt = send(kMessage);
  ASSERT_OK(receipt);
  EXPECT_EQ(receipt->network_ids, std::vector<std::string>{"net-1"});
  EXPECT_OK(sender->healthy());
  ASSERT_EQ(requests.size(), 1U);
  const HttpRequest& got = requests[0];
  EXPECT_EQ(got.method + " " + got.path + " " + got.content_type, "POST /sms/out application/json");
  auto body = wire::JsonObject::parse(got.body).value();
  EXPECT_EQ(body.text("to").value(), kMessage.to);
  EXPECT_EQ(body.text("text").value(), kMessage.text);
  EXPECT_EQ(body.text("reference").value(), "code-1");
  EXPECT_OK(body.finish());
  EXPECT_EQ(header(got, "idempotency-key"), "code-1");
  const std::string signature = header(got, "trustferry-signature");
  const auto comma = signature.find(',');
  ASSERT_EQ(signature.substr(0, 2), "t=");
  const std::string signed_text = signature.substr(2, comma - 2) + "." + got.body;
  EXPECT_EQ(signature.substr(comma + 1), "v1=" + wire::hex_lower(crypto::hmac_sha256(as_bytes(kSecret), as_bytes(signed_text))));
}

TEST_F(SmsWebhook, posts_octets_for_a_card_with_what_they_are) {
  serve();
  start(settings());
  ASSERT_OK(send({"8613800138000", "", "ota-1", {{2, 0x70, 0, 0xAB}}}));
  auto body = wire::JsonObject::parse(requests.at(0).body).value();
  EXPECT_EQ(body.text("to").value(), "8613800138000");
  EXPECT_EQ(body.texts("user_data", 9, 280).value(), std::vector<std::string>{"027000ab"});
  EXPECT_EQ(body.integer("protocol_id", 0, 255).value(), 0x7F);
  EXPECT_EQ(body.integer("data_coding", 0, 255).value(), 0xF6);
  EXPECT_EQ(body.text("reference").value(), "ota-1");
  EXPECT_OK(body.finish());
}

TEST_F(SmsWebhook, tries_again_what_passes_by_under_the_same_reference) {
  serve();
  for (const int status : {500, 429, 503, 408}) answers.push_back(with_status(status));
  start(settings());
  EXPECT_OK(send(kMessage));
  ASSERT_EQ(count(), 5U);
  for (const HttpRequest& each : requests) EXPECT_EQ(header(each, "idempotency-key"), "code-1");
}

TEST_F(SmsWebhook, gives_up_after_its_attempts) {
  serve();
  for (int i = 0; i < 5; ++i) answers.push_back(with_status(502));
  start(settings());
  EXPECT_REFUSED(send(kMessage), Code::unavailable, "sms.unavailable");
  EXPECT_EQ(count(), 5U);
  EXPECT_REFUSED(sender->healthy(), Code::unavailable, "sms.unavailable");
  EXPECT_OK(send(kMessage));
  EXPECT_OK(sender->healthy());
}

TEST_F(SmsWebhook, takes_no_for_an_answer) {
  serve();
  start(settings());
  for (const int status : {400, 401, 404, 422, 302}) {
    answers.push_back(with_status(status));
    EXPECT_REFUSED(send(kMessage), Code::refused, "sms.refused");
  }
  EXPECT_EQ(count(), 5U);
}

TEST_F(SmsWebhook, takes_acceptance_however_it_is_put) {
  serve();
  start(settings());
  for (const char* body : {"", "ok", "{}", R"({"id":7})", R"([1])"}) {
    answers.push_back({202, "application/json", body, {}});
    const auto receipt = send(kMessage);
    ASSERT_OK(receipt);
    EXPECT_TRUE(receipt->network_ids.empty()) << body;
  }
}

TEST_F(SmsWebhook, tells_when_nobody_is_there) {
  WebhookSettings with = settings();
  with.server = "http://127.0.0.1:" + std::to_string(test::free_port());
  with.attempts = 2;
  start(std::move(with));
  EXPECT_REFUSED(send(kMessage), Code::unavailable, "sms.unavailable");
  EXPECT_FALSE(sender->healthy());
}

TEST_F(SmsWebhook, a_message_in_trouble_does_not_hold_up_the_next) {
  serve();
  answers.push_back({503, "text/plain", "", {{"Retry-After", "600"}}});
  WebhookSettings with = settings();
  with.longest_pause = std::chrono::minutes(10);
  start(std::move(with));
  std::atomic<bool> stopped = false;
  sender->send({"8613800138001", "first", "r-1"}, [&](Result<Receipt> result) {
    EXPECT_REFUSED(result, Code::unavailable, "sms.stopping");
    stopped = true;
  });
  EXPECT_TRUE(test::eventually([&] { return count() == 1; }));
  EXPECT_OK(send({"8613800138002", "second", "r-2"}));
  EXPECT_FALSE(stopped);
  sender.reset();
  EXPECT_TRUE(stopped);
  EXPECT_EQ(count(), 2U);
}

TEST_F(SmsWebhook, has_a_queue_with_an_end) {
  WebhookSettings with = settings();
  with.server = "http://127.0.0.1:" + std::to_string(test::free_port());
  with.first_pause = with.longest_pause = std::chrono::minutes(10);
  with.max_waiting = 1;
  start(std::move(with));
  std::atomic<int> full = 0;
  for (int i = 0; i < 4; ++i)
    sender->send(kMessage, [&](const Result<Receipt>& result) { full += !result && result.error().reason == std::string_view("sms.queue_full") ? 1 : 0; });
  EXPECT_GE(full, 1);
  sender->send({"1", "text", "r"}, [&](const Result<Receipt>& result) { EXPECT_REFUSED(result, Code::invalid, "sms.number"); });
  sender.reset();
}

TEST_F(SmsWebhook, trusts_its_anchors_alone_over_tls) {
  const auto root = net::test::make_identity({.name = "root", .is_authority = true});
  const auto other = net::test::make_identity({.name = "other", .is_authority = true});
  const auto leaf = net::test::make_identity({.name = "sms", .alternative_name = "IP:127.0.0.1"}, &root);
  net::TlsServerConfig tls;
  tls.chain = {leaf.certificate};
  tls.key = leaf.key;
  ASSERT_OK(server.start(options(), tls, service(), registry));
  WebhookSettings with = settings();
  with.server = "https://127.0.0.1:" + std::to_string(server.port());
  with.anchors = net::test::pem_of(root.certificate);
  start(std::move(with));
  EXPECT_OK(send(kMessage));
  WebhookSettings stranger = settings();
  stranger.server = "https://127.0.0.1:" + std::to_string(server.port());
  stranger.anchors = net::test::pem_of(other.certificate);
  stranger.attempts = 1;
  start(std::move(stranger));
  EXPECT_REFUSED(send(kMessage), Code::unavailable, "sms.unavailable");
  EXPECT_EQ(count(), 1U);
}

TEST_F(SmsWebhook, refuses_settings_that_would_betray_a_code) {
  const auto refused = [this](auto change) {
    WebhookSettings out = settings();
    out.server = "https://sms.example";
    out.anchors = net::test::pem_of(net::test::make_identity({.name = "root", .is_authority = true}).certificate);
    change(out);
    EXPECT_FALSE(make_sender(std::move(out), clock, random));
  };
  refused([](WebhookSettings& s) { s.server = "http://sms.example"; });
  refused([](WebhookSettings& s) { s.server = "http://127.0.0.1.example"; });
  refused([](WebhookSettings& s) { s.server = "sms.example"; });
  refused([](WebhookSettings& s) { s.anchors.clear(); });
  refused([](WebhookSettings& s) { s.anchors = "no certificate"; });
  refused([](WebhookSettings& s) { s.secret = SecretBytes(as_bytes("fifteen bytes..")); });
  refused([](WebhookSettings& s) { s.path = "sms"; });
  refused([](WebhookSettings& s) { s.attempts = 0; });
  refused([](WebhookSettings& s) { s.first_pause = milliseconds(0); });
}

}  // namespace
}  // namespace tf::sms
