// Merchants are told: signed, in sequence, again and again, and not for ever.
#include "payment/notices/webhooks.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/digest.hpp"
#include "tests/payment/scene.hpp"
#include "vault/software/software_vault.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::payment::test {
namespace {

using testing::ElementsAre;
using tf::test::must;

class WebhooksOf : public testing::Test {
 protected:
  WebhooksOf() {
    must(database->migrate("payment-test", kMigrations));
    must(database->migrate(audit::kComponent, audit::kMigrations));
    trail = must(audit::Trail::open(*database, "test", signer, clock));
    merchants = must(Merchants::open(*database, *vault));
    secret = enrol("M1");
    hooks = std::make_unique<Webhooks>(HookPorts{*database, *merchants, clock, metrics, [this](const HookMessage& message) -> Result<int> {
      sent.push_back(message);
      return status == 0 ? Result<int>(Error{Code::unavailable, "net.connect", "nobody is there"}) : Result<int>(status);
    }}, 0);
  }
  Bytes enrol(const std::string& merchant) {
    const auto enrolled = must(merchants->enrol(merchant, "https://shop.example/hook?of=" + merchant, *trail, "operator:anna", clock, random));
    return to_bytes(enrolled.secret.reveal());
  }
  void notice(std::int64_t payment, std::int64_t sequence, const std::string& merchant = "M1") {
    must(database->write([&](store::Session& session) { return insert_notice(session, {payment, sequence, merchant, "{\"n\":1}"}, clock.now_ms()); }));
  }
  int deliver_all() {
    int out = 0;
    while (must(hooks->deliver_one())) ++out;
    return out;
  }
  void pass(std::int64_t ms) { clock.set(clock.now_ms() + ms); }
  static std::string header(const HookMessage& message, const std::string& name) {
    for (const auto& [key, value] : message.headers)
      if (key == name) return value;
    return "";
  }

  static constexpr std::int64_t kPayment = 20261101 * kNumbersADay + 1;
  tf::test::TemporaryDirectory folder;
  tf::test::FixedClock clock;
  tf::test::DeterministicRandom random{"webhooks"};
  metrics::Registry metrics;
  NoSigner signer;
  std::unique_ptr<store::Database> database = must(store::open_sqlite({.path = folder.file("books.db")}));
  std::unique_ptr<vault::Vault> vault = must(vault::SoftwareVault::create(folder.file("vault"), SecretBytes(as_bytes("correct horse battery")), random, {.n = 16, .r = 8, .p = 1}));
  std::unique_ptr<audit::Trail> trail;
  std::unique_ptr<Merchants> merchants;
  Bytes secret;
  int status = 200;
  std::vector<HookMessage> sent;
  std::unique_ptr<Webhooks> hooks;
};

TEST_F(WebhooksOf, a_message_carries_its_id_its_sequence_and_a_signature_that_the_merchant_can_check) {
  notice(kPayment, 1);
  EXPECT_EQ(deliver_all(), 1);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].url, "https://shop.example/hook?of=M1");
  EXPECT_EQ(header(sent[0], "Trustferry-Event"), "20261101000000000001-1");
  EXPECT_EQ(header(sent[0], "Trustferry-Sequence"), "1");
  const std::string time = std::to_string(clock.now_ms() / 1000);
  const Hash256 mac = crypto::hmac_sha256(secret, as_bytes(time + "." + sent[0].body));
  EXPECT_EQ(header(sent[0], "Trustferry-Signature"), "t=" + time + ",v1=" + wire::hex_lower(mac));
  pass(24 * 3'600'000);
  EXPECT_EQ(deliver_all(), 0);
}

TEST_F(WebhooksOf, an_unacknowledged_message_comes_sixteen_times_more_within_a_day_and_then_is_given_up) {
  notice(kPayment, 1);
  const std::int64_t began = clock.now_ms();
  for (const int answer : {0, 500, 302, 404}) {
    status = answer;
    EXPECT_EQ(deliver_all(), 1);
    pass(*hook_delay_ms(static_cast<int>(sent.size())) - 1);
    EXPECT_EQ(deliver_all(), 0);
    pass(1);
  }
  for (int i = 0; i < 100; ++i) {
    deliver_all();
    pass(hook_delay_ms(static_cast<int>(sent.size())).value_or(0));
  }
  EXPECT_EQ(sent.size(), 17U);
  EXPECT_LE(clock.now_ms() - began, 24 * 3'600'000);
  must(database->read([&](store::Session& session) -> Status {
    const auto lost = TF_TRY(load_given_up(session, 10));
    EXPECT_EQ(lost.size(), 1U);
    if (!lost.empty()) EXPECT_EQ(lost[0].last_error, "status 404");
    return {};
  }));
  for (std::size_t i = 1; i < sent.size(); ++i) EXPECT_EQ(header(sent[i], "Trustferry-Event"), header(sent[0], "Trustferry-Event"));
}

TEST_F(WebhooksOf, events_of_an_order_wait_for_each_other) {
  notice(kPayment, 1);
  notice(kPayment, 2);
  status = 503;
  EXPECT_EQ(deliver_all(), 1);
  status = 200;
  pass(60'000);
  EXPECT_EQ(deliver_all(), 2);
  std::vector<std::string> sequence;
  for (const HookMessage& message : sent) sequence.push_back(header(message, "Trustferry-Sequence"));
  EXPECT_THAT(sequence, ElementsAre("1", "1", "2"));
}

TEST_F(WebhooksOf, a_merchant_who_does_not_answer_delays_himself_alone) {
  enrol("M2");
  for (int i = 0; i < 3; ++i) notice(kPayment + i, 1, "M1");
  notice(kPayment + 3, 1, "M2");
  status = 500;
  EXPECT_EQ(deliver_all(), 2);  // one attempt each; then both rest
  status = 200;
  pass(60'000);
  EXPECT_EQ(deliver_all(), 4);
}

TEST_F(WebhooksOf, merchants_and_their_secrets_are_there_after_a_restart) {
  const auto again = must(Merchants::open(*database, *vault));
  EXPECT_TRUE(again->subscribes("M1"));
  EXPECT_FALSE(again->subscribes("M2"));
  EXPECT_EQ(must(hook_signature(*again, "M1", 0, "x")), must(hook_signature(*merchants, "M1", 0, "x")));
  EXPECT_NE(enrol("M1"), secret);
  EXPECT_NE(must(hook_signature(*again, "M1", 0, "x")), must(hook_signature(*merchants, "M1", 0, "x")));
}

TEST_F(WebhooksOf, urls_without_tls_are_for_this_machine_only) {
  for (const char* good : {"https://shop.example/hook", "https://shop.example:8443/a/b?c=d", "https://shop.example", "http://127.0.0.1:8080/hook", "http://localhost/x"})
    EXPECT_OK(parse_hook_url(good));
  for (const char* bad : {"", "shop.example", "http://shop.example/hook", "ftp://shop.example/", "https:///x", "https://shop.example/a b", "https://shop.example/#x"})
    EXPECT_REFUSED(parse_hook_url(bad), Code::invalid, "payment.url");
  EXPECT_REFUSED(merchants->enrol("M 1", "https://shop.example/", *trail, "operator:anna", clock, random), Code::invalid, "payment.merchant");
}

// Takes one connection, reads one request, answers.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(socket_, 1) != 0) std::abort();
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~OneAnswer() { close(socket_); }
  // The request, when all is over.
  const std::string& finished() {
    thread_.join();
    return request_;
  }
  std::uint16_t port = 0;

 private:
  void serve() {
    const int peer = accept(socket_, nullptr, nullptr);
    char buffer[4096];
    while (!request_.ends_with("{\"n\":1}")) {
      const ssize_t count = read(peer, buffer, sizeof buffer);
      if (count <= 0) break;
      request_.append(buffer, static_cast<std::size_t>(count));
    }
    if (write(peer, answer_.data(), answer_.size()) < 0) request_.clear();
    close(peer);
  }
  const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  const std::string answer_;
  std::string request_;
  std::jthread thread_;
};

TEST(HookSender, posts_the_message_with_its_headers_and_tells_the_status) {
  auto server = std::make_unique<OneAnswer>("HTTP/1.1 204 No Content\r\n\r\n");
  const auto send = http_hook_sender({});
  const auto status = send({"http://127.0.0.1:" + std::to_string(server->port) + "/hook?a=b", {{"Trustferry-Event", "e-1"}}, "{\"n\":1}"});
  EXPECT_EQ(must(status), 204);
  const std::string request = server->finished();
  EXPECT_THAT(request, testing::StartsWith("POST /hook?a=b HTTP/1.1\r\n"));
  EXPECT_THAT(request, testing::HasSubstr("Trustferry-Event: e-1\r\n"));
  EXPECT_THAT(request, testing::EndsWith("{\"n\":1}"));
  EXPECT_FALSE(send({"http://127.0.0.1:1/hook", {}, "{}"}));
}

TEST_F(WebhooksOf, delivered_ones_are_forgotten_after_a_month) {
  notice(kPayment, 1);
  deliver_all();
  const auto count = [&] {
    std::int64_t out = 0;
    must(database->read([&](store::Session& session) -> Status {
      out = TF_TRY(session.query_one("SELECT COUNT(*) FROM payment_events", {}, [](const store::Row& row) { return row.integer(0); })).value_or(0);
      return {};
    }));
    return out;
  };
  EXPECT_EQ(count(), 1);
  pass(31LL * 24 * 3'600'000);
  deliver_all();
  must(database->write([](store::Session&) -> Status { return {}; }));
  EXPECT_EQ(count(), 0);
}

}  // namespace
}  // namespace tf::payment::test
