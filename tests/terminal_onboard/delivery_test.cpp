// Provisioning servers that keep, swap or alter envelopes, what OCSP says, and sessions that begin with a notification.
#include <algorithm>

#include <gmock/gmock.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <thread>
#include <utility>

#include "pki/ocsp/request.hpp"
#include "tests/support/local.hpp"
#include "tests/terminal_onboard/scene.hpp"

namespace tf::terminal::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using Delivery = Scene;

TEST_F(Delivery, of_an_altered_envelope_is_refused_and_the_true_one_is_taken_later) {
  sides.alter = [](Bytes& envelope) { *std::find(envelope.begin() + static_cast<std::ptrdiff_t>(envelope.size() / 2), envelope.end(), 'A') = 'B'; };
  make_device(profile());
  EXPECT_REFUSED(run(), Code::refused, "onboard.envelope_hash");
  EXPECT_EQ(facts().imsi, "");
  EXPECT_THAT(sides.codes, Contains(425U));
  sides.alter = {};
  expect_subscribed(run());
}

TEST_F(Delivery, comes_from_the_next_provisioning_server_where_one_swaps_the_envelope) {
  Site second([this](const auto& route, const auto& request) { return sides.provisioning(route, request); }, &tls);
  sides.provisioning_at = {{provisioning.url(), "prov-1"}, {second.url(), "prov-2"}};
  bool first = true;
  sides.alter = [&](Bytes& envelope) {
    if (std::exchange(first, false)) envelope = to_bytes(as_bytes("<Envelope xmlns=\"urn:trustferry:onboard:1\"/>"));
  };
  make_device(profile());
  expect_subscribed(run());
  EXPECT_EQ(credentialing.asked("hello"), 1);
  EXPECT_GT(second.asked("dm"), 0);
}

TEST_F(Delivery, goes_on_with_another_account_where_the_provisioning_server_forgot_the_session) {
  provisioning.before = [this](const std::string&, int count) -> std::optional<wire::HttpResponse> {
    if (count == 2) sides.restart_provisioning();
    return std::nullopt;
  };
  make_device(profile());
  expect_subscribed(run());
  EXPECT_EQ(credentialing.asked("hello"), 2);
}

TEST_F(Delivery, by_a_server_that_does_not_know_the_accounts_password_changes_nothing) {
  provisioning.before = [this](const std::string&, int) -> std::optional<wire::HttpResponse> {
    sides.given.front().account.server_password = SecretBytes(as_bytes(std::string_view("guessed")));
    return std::nullopt;
  };
  make_device(profile());
  const auto got = run();
  ASSERT_FALSE(got);
  EXPECT_EQ(facts().imsi, "");
  EXPECT_THAT(sides.codes, testing::Not(Contains(200U)));
}

TEST_F(Delivery, that_a_provisioning_server_withholds_is_waited_for_and_comes_later) {
  sides.withhold = true;
  make_device(profile());
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_EQ(facts().stage, onboard::Stage::ready);
  EXPECT_LE(std::ranges::count(points, "ready"), 16) << "the pauses grow, though each turn gets another READY";
  sides.withhold = false;
  expect_subscribed(run());
}

TEST_F(Delivery, of_an_operator_whose_certificate_is_revoked_is_refused) {
  const auto leaf = tf::test::must(pki::Certificate::from_der(sides.operator_signer().chain.front()));
  sides.revoked.insert(leaf.serial_hex());
  make_device(profile());
  EXPECT_REFUSED(run(), Code::refused, "ocsp.revoked");
  EXPECT_EQ(facts().imsi, "");
}

TEST_F(Delivery, waits_for_ocsp_and_never_goes_on_without) {
  ocsp.before = [](const std::string&, int) { return busy(); };
  make_device(profile());
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_EQ(facts().imsi, "");
  ocsp.before = {};
  expect_subscribed(run());
}

TEST_F(Delivery, asks_the_next_responder_where_one_is_silent) {
  auto wanted = profile();
  wanted.ocsp.insert(wanted.ocsp.begin(), "http://localhost:9/ocsp");
  make_device(wanted);
  expect_subscribed(run());
}

TEST_F(Delivery, whose_receipt_the_provisioning_server_keeps_is_closed_by_the_device_itself) {
  sides.keeps_receipts = true;
  make_device(profile());
  expect_subscribed(run());
  EXPECT_THAT(sides.codes, testing::ElementsAre(200, 200, 200)) << "it had the receipt";
}

TEST_F(Delivery, asks_a_responder_behind_https) {
  Site secure([this](const auto&, const auto& request) { return sides.ocsp(request); }, &tls);
  auto wanted = profile();
  wanted.ocsp = {secure.url() + "/ocsp"};
  make_device(wanted);
  expect_subscribed(run());
  EXPECT_EQ(secure.asked("/ocsp"), 1);
}

TEST_F(Delivery, asks_no_responder_whose_certificate_is_of_another_root) {
  const Certificates others("Another root");
  const TlsIdentity identity = others.tls();
  Site false_one([this](const auto&, const auto& request) { return sides.ocsp(request); }, &identity);
  auto wanted = profile();
  wanted.ocsp = {false_one.url() + "/ocsp"};
  make_device(wanted);
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_EQ(false_one.asked("/ocsp"), 0);
}

TEST_F(Delivery, asks_about_operator_and_issuer_at_once) {
  std::set<std::string> serials;
  Site listening([&](const auto&, const auto& request) {
    for (const auto& id : tf::test::must(pki::ocsp::decode_request(as_bytes(request.body))).cert_ids) serials.insert(id.serial_hex);
    return sides.ocsp(request);
  }, nullptr);
  auto wanted = profile();
  wanted.ocsp = {listening.url() + "/ocsp"};
  make_device(wanted);
  expect_subscribed(run());
  EXPECT_EQ(listening.asked("/ocsp"), 1);
  EXPECT_EQ(serials.size(), 2U);
}

TEST_F(Delivery, of_a_module_that_was_revoked_is_refused_by_the_operator) {
  make_device(profile());
  {
    const auto device = tf::test::must(OnboardDevice::open(directory, storage_key.clone(), {.clock = clock, .random = random}));
    sides.revoked.insert(const_cast<OnboardDevice&>(device).module().certificates(module::Key::sign).front().serial_hex());
  }
  EXPECT_REFUSED(run(), Code::refused, "terminal.onboard_certificate");
  EXPECT_EQ(sides.envelopes, 0);
}

void send_datagram(std::uint16_t port, ByteView bytes) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ::sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::sendto(socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const ::sockaddr*>(&to), sizeof to), static_cast<::ssize_t>(bytes.size()));
  ::close(socket);
}

TEST_F(Delivery, that_begins_with_a_notification_is_run_once_and_only_for_a_true_one) {
  const std::uint16_t port = tf::test::free_port();
  options.listen = "127.0.0.1:" + std::to_string(port);
  options.total = std::chrono::seconds(20);
  make_device(profile());
  listening = [&] {
    Bytes forged = sides.notification(7);
    forged[3] ^= 1U;
    send_datagram(port, to_bytes(as_bytes("no notification")));
    send_datagram(port, forged);
    send_datagram(port, sides.notification(7));
  };
  expect_subscribed(run());
  const auto sent = provisioning.requests("dm");
  ASSERT_FALSE(sent.empty());
  EXPECT_THAT(sent.front().body, HasSubstr("<SessionID>7</SessionID>"));
  EXPECT_THAT(sent.front().body, HasSubstr("<Data>1200</Data>"));
}

// One of two servers sends package 0, and messages, as the other: it has its own account, and even the other's nonces.
TEST_F(Delivery, that_one_server_begins_in_the_others_name_is_passed_over) {
  const std::uint16_t port = tf::test::free_port();
  options.listen = "127.0.0.1:" + std::to_string(port);
  options.total = std::chrono::seconds(20);
  Site second([this](const auto& route, const auto& request) { return sides.provisioning(route, request); }, &tls);
  sides.provisioning_at = {{provisioning.url(), "prov-1"}, {second.url(), "prov-2"}};
  make_device(profile());
  listening = [&] {
    send_datagram(port, sides.notification(7, sides.given.at(1).account, "prov-1"));
    send_datagram(port, sides.notification(8, sides.given.at(0).account, "prov-2"));
    send_datagram(port, sides.notification(9, sides.given.at(1).account, "prov-2"));
  };
  expect_subscribed(run());
  EXPECT_EQ(provisioning.asked("dm"), 0);
  ASSERT_GT(second.asked("dm"), 0);
  const auto first = second.requests("dm").front();
  EXPECT_THAT(first.body, HasSubstr("<SessionID>9</SessionID>"));
  EXPECT_THAT(first.body, HasSubstr("@prov-2"));
}

TEST_F(Delivery, by_a_server_that_speaks_with_anothers_account_changes_nothing) {
  sides.provisioning_at = {{provisioning.url(), "prov-1"}, {kNobody, "prov-2"}};
  provisioning.before = [this](const std::string&, int) -> std::optional<wire::HttpResponse> {
    sides.given.at(0).account.server_password = sides.given.at(1).account.server_password.clone();
    return std::nullopt;
  };
  make_device(profile());
  EXPECT_FALSE(run());
  EXPECT_EQ(facts().imsi, "");
  EXPECT_THAT(sides.codes, testing::Not(Contains(200U)));
}

TEST_F(Delivery, whose_notification_never_comes_ends_in_time) {
  options.listen = "127.0.0.1:0";
  options.total = std::chrono::seconds(1);
  make_device(profile());
  EXPECT_REFUSED(run(), Code::unavailable, "terminal.onboard_silent");
  EXPECT_EQ(provisioning.asked("dm"), 0);
}

}  // namespace
}  // namespace tf::terminal::test
