// The provisioning server: what it keeps and for how long, receipts that are refused or lost, operators that are silent, whom it notifies.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "dm/client.hpp"
#include "dm/onboard_object.hpp"
#include "net/local/stream.hpp"
#include "platform/onboard/provisioning/store.hpp"
#include "protocols/onboard/identity.hpp"
#include "terminal/onboard/dm_session.hpp"
#include "tests/platform/onboard/device.hpp"

namespace tf::platform::test {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

// Takes everything, and has a receipt that proves nothing.
class GarbageTree final : public dm::Tree {
 public:
  std::function<void()> asked;
  Got get(std::string_view) override {
    if (asked) asked();
    return {dm::code::ok, dm::Value{"chr", "text/plain", to_bytes(as_bytes("no receipt"))}};
  }
  std::uint32_t add(std::string_view, const dm::Value&) override { return dm::code::ok; }
  std::uint32_t replace(std::string_view, const dm::Value&) override { return dm::code::ok; }
  std::uint32_t exec(std::string_view, const dm::Value&) override { return dm::code::ok; }
  std::uint32_t remove(std::string_view) override { return dm::code::ok; }
};

struct Deliveries : testing::Test {
  void start(std::function<void(OnboardSettings&)> tweak = {}) {
    scene.tweak = [tweak](const std::string&, OnboardSettings& settings) {
      settings.registration.access.wanted = false;
      settings.answer_seconds = 1;
      if (tweak) tweak(settings);
    };
    scene.start_all();
  }
  store::Database& database() { return *scene.server("provisioning").opened().database; }
  void execute(const std::string& sql) {
    must(database().write([&](store::Session& session) -> Status {
      TF_TRY(session.execute(sql, {}));
      return {};
    }));
  }
  std::string value(const std::string& sql) {
    std::string out;
    must(database().read([&](store::Session& session) {
      return session.query(sql, {}, [&](const store::Row& row) -> Status {
        out = row.text(0);
        return {};
      });
    }));
    return out;
  }
  // READY, whose account the device has then.
  void released(TestDevice& device) {
    ASSERT_EQ(device.refer().status, 200);
    again(device);
  }
  void again(TestDevice& device) {
    ASSERT_EQ(device.hello().status, 200);
    const Answer ready = device.request();
    ASSERT_EQ(ready.status, 200) << ready.body;
    nonces = terminal::onboard_dm_nonces(device.ready->provisioning.front().account);
  }
  // A session of whoever has the device's account. A message that is not answered is sent again, twice, after failed().
  Status manage(TestDevice& device, const std::function<void()>& failed = {}) {
    const dm::DeviceInfo info{.device_id = kDevice, .manufacturer = "m", .model = "n"};
    dm::ClientSession session(TF_TRY(terminal::onboard_dm_settings(device.ready->provisioning.front(), info)), nonces);
    dm::Envelope out = TF_TRY(session.start(std::to_string(++session_id), false));
    GarbageTree tree;
    tree.asked = asked;
    for (int messages = 0, losses = 0; messages < 64; ++messages) {
      const Answer answer = scene.post("provisioning", "/onboard/v1/dm", out.body, nullptr, out.mac.empty() ? std::vector<std::pair<std::string, std::string>>{} : std::vector<std::pair<std::string, std::string>>{{std::string(dm::kMacHeader), out.mac}}, std::string(dm::kMediaType));
      if (answer.status != 200) {
        if (++losses == 3) return Error{Code::unavailable, "test.lost", answer.body};
        if (failed) failed();
        continue;
      }
      std::string mac;
      for (const auto& [name, text] : answer.headers)
        if (std::ranges::equal(name, dm::kMacHeader, {}, [](char c) { return static_cast<char>(std::tolower(c)); }, [](char c) { return static_cast<char>(std::tolower(c)); })) mac = text;
      const auto step = TF_TRY(session.handle({answer.body, mac}, tree, device.random));
      if (step.store) nonces = *step.store;
      if (!step.reply) return {};
      out = *step.reply;
    }
    return Error{Code::unavailable, "test.endless", ""};
  }
  // A delivery that has a receipt already, of a peer of these settings.
  void put(const std::string& name, const std::string& credentialing, const std::string& notify = {}, bool delivered = true) {
    provisioning::Row row{.delivery = name, .user = name, .dsim_id = "M2M-" + name, .credentialing = credentialing, .account = vault::Wrapped{"kek", Bytes(16)}, .nonces = {Bytes(16), Bytes(16)},
                          .notify = notify, .items = {}, .state = {}, .receipt = {}};
    const std::int64_t now = scene.clock.now_ms();
    must(database().write([&](store::Session& session) -> Status {
      TF_TRY(provisioning::put(session, row, now, now));
      return delivered ? provisioning::keep_receipt(session, name, "no receipt", now) : Status();
    }));
  }
  // The operator falls silent before the receipt is there, and no commit of a receipt goes well while the delivery "other" is there.
  void refuse_receipts() {
    asked = [this] { scene.stop("credentialing"); };
    static constexpr store::Migration kOne[] = {{1, "one of a state", "CREATE UNIQUE INDEX test_one ON onboard_deliveries (state);"}};
    put("other", "nobody");
    must(database().migrate("test", kOne));
  }
  OnboardScene scene;
  std::function<void()> asked;  // before a receipt is given
  dm::Nonces nonces;
  int session_id = 0;
};

TEST_F(Deliveries, AReceiptThatCouldNotBeKeptIsAskedForAgain) {
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  TestDevice device(scene, kDevice);
  released(device);
  refuse_receipts();
  int failures = 0;
  const Status ended = manage(device, [&] {
    if (++failures == 1) execute("DELETE FROM onboard_deliveries WHERE delivery = 'other'");
  });
  EXPECT_GE(failures, 1);
  EXPECT_FALSE(ended.has_value()) << "the repetition of a message whose receipt was lost ended its session well";
  asked = {};
  scene.start("credentialing");
  scene.clock.set(scene.clock.now_ms() + 60'000);
  ASSERT_OK(manage(device));
  EXPECT_EQ(value("SELECT CAST(refused AS TEXT) FROM onboard_deliveries"), "1") << "the receipt came to the operator";
}

TEST_F(Deliveries, AGarbageReceiptBlocksNobodyAndSoManyEndTheAccount) {
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  TestDevice device(scene, kDevice);
  released(device);
  ASSERT_OK(manage(device));
  EXPECT_EQ(value("SELECT state FROM onboard_deliveries"), "waiting");
  again(device);  // READY names an account, which the server takes
  EXPECT_EQ(value("SELECT CAST(refused AS TEXT) FROM onboard_deliveries"), "0");
  for (int i = 0; i < 8; ++i) ASSERT_OK(manage(device));
  EXPECT_EQ(value("SELECT state FROM onboard_deliveries"), "refused");
  EXPECT_EQ(value("SELECT CAST(account IS NULL AS TEXT) FROM onboard_deliveries"), "1");
  EXPECT_FALSE(manage(device).has_value());
  again(device);
  EXPECT_EQ(value("SELECT state FROM onboard_deliveries"), "waiting");
  ASSERT_OK(manage(device));
}

TEST_F(Deliveries, AnotherServersAccountIsRefusedAndTheAuditTrailNamesIt) {
  start();
  ASSERT_EQ(scene.subscribe(kDevice), "registered");
  TestDevice device(scene, kDevice);
  released(device);
  std::string& user = device.ready->provisioning.front().account.user;
  EXPECT_EQ(user, device.state.delivery + "@trustferry");
  const auto refused = [&](const std::string& reason) {
    EXPECT_FALSE(manage(device).has_value());
    scene.server("provisioning").opened().refusals->drain();
    return value("SELECT CAST(COUNT(*) AS TEXT) FROM audit_entries WHERE action = 'onboard.dm' AND outcome = 'refused' AND reason = '" + reason + "' AND subject = '" + user + "'");
  };
  user = device.state.delivery + "@elsewhere";
  EXPECT_NE(refused("onboard.other_account"), "0");
  user = "another@trustferry";
  EXPECT_NE(refused("onboard.no_delivery"), "0");
  EXPECT_EQ(value("SELECT state FROM onboard_deliveries"), "waiting");
}

TEST_F(Deliveries, ASilentOperatorCostsOneCallAndHoldsNobodyElseUp) {
  start();
  scene.add_peer("provisioning", {.role = "credentialing", .name = "away", .url = "https://localhost:" + std::to_string(1), .operator_id = "op-2", .fingerprints = {}, .server_id = {}});
  scene.restart("provisioning");
  for (const char* name : {"a1", "a2", "a3"}) put(name, "away");
  put("b1", "credentialing-1");
  scene.server("provisioning").work_now();
  EXPECT_EQ(value("SELECT CAST(SUM(tries) AS TEXT) FROM onboard_deliveries WHERE credentialing = 'away'"), "1");
  EXPECT_EQ(value("SELECT CAST(refused AS TEXT) FROM onboard_deliveries WHERE delivery = 'b1'"), "1") << "the other operator was asked";
  scene.server("provisioning").work_now();
  EXPECT_EQ(value("SELECT CAST(SUM(tries) AS TEXT) FROM onboard_deliveries WHERE credentialing = 'away'"), "1") << "it is left alone for a while";
  scene.clock.set(scene.clock.now_ms() + 60'000);
  scene.server("provisioning").work_now();
  EXPECT_EQ(value("SELECT CAST(SUM(tries) AS TEXT) FROM onboard_deliveries WHERE credentialing = 'away'"), "2");
}

TEST_F(Deliveries, WhatNobodyFetchesEndsAndEachOperatorHasHisShare) {
  start([](OnboardSettings& settings) {
    settings.provisioning.waiting = 2;
    settings.provisioning.keep_days = 10;
  });
  const auto caller = scene.pki.caller("first"), other = scene.pki.caller("second");
  scene.add_peer("provisioning", {.role = "credentialing", .name = "first", .url = "https://first.example:8452", .operator_id = "op-1", .fingerprints = {caller.fingerprint()}, .server_id = {}});
  scene.add_peer("provisioning", {.role = "credentialing", .name = "second", .url = "https://second.example:8452", .operator_id = "op-2", .fingerprints = {other.fingerprint()}, .server_id = {}});
  scene.restart("provisioning");
  const auto deliver = [&](const std::string& name, const std::string& who, const Caller& by) {
    onboard::Account account{.user = onboard::account_user(name, "trustferry"), .password = SecretBytes(as_bytes("secret-1")), .server_password = SecretBytes(as_bytes("secret-2"))};
    const onboard::Delivery out{name, "M2M-0001", std::move(account), "https://" + who + ".example:8452", std::nullopt, {}};
    return scene.post("provisioning", "/onboard/v1/deliveries", std::string(as_text(onboard::encode(out).reveal())), &by).status;
  };
  EXPECT_EQ(deliver("d1", "first", caller), 200);
  EXPECT_EQ(deliver("d2", "first", caller), 200);
  EXPECT_EQ(deliver("d3", "first", caller), 503);
  EXPECT_EQ(deliver("d2", "first", caller), 200) << "in its own place";
  EXPECT_EQ(deliver("e1", "second", other), 200) << "another operator's share";
  scene.restart("provisioning");
  EXPECT_EQ(deliver("d3", "first", caller), 503) << "counted anew";
  scene.clock.set(scene.clock.now_ms() + 6 * kDayMs);
  EXPECT_EQ(deliver("d1", "first", caller), 200);
  scene.clock.set(scene.clock.now_ms() + 6 * kDayMs);
  scene.server("provisioning").work_now();
  EXPECT_EQ(value("SELECT GROUP_CONCAT(delivery) FROM onboard_deliveries"), "d1") << "put six days ago";
  EXPECT_EQ(deliver("d3", "first", caller), 200);
}

// Whether a round of the server's sends something to us.
bool is_notified(Deliveries& test, const std::function<void(const std::string&)>& put) {
  const net::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  put("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  test.scene.server("provisioning").work_now();
  char datagram[64];
  return ::recv(socket.get(), datagram, sizeof datagram, MSG_DONTWAIT) > 0;
}

void notifies(Deliveries& test, bool expected) {
  const auto caller = test.scene.pki.caller("first");
  test.scene.add_peer("provisioning", {.role = "credentialing", .name = "first", .url = "https://first.example:8452", .operator_id = "op-1", .fingerprints = {caller.fingerprint()}, .server_id = {}});
  test.scene.restart("provisioning");
  EXPECT_EQ(is_notified(test, [&](const std::string& where) {
    onboard::Account account{.user = "d1@trustferry", .password = SecretBytes(as_bytes("secret-1")), .server_password = SecretBytes(as_bytes("secret-2"))};
    const onboard::Delivery out{"d1", "M2M-0001", std::move(account), "https://first.example:8452", where, {}};
    EXPECT_EQ(test.scene.post("provisioning", "/onboard/v1/deliveries", std::string(as_text(onboard::encode(out).reveal())), &caller).status, 200);
  }), expected);
}

TEST_F(Deliveries, NobodyIsNotifiedWhereTheServersSettingsDoNotAllowIt) {
  start();
  notifies(*this, false);
}

TEST_F(Deliveries, ADeviceIsNotifiedWhereTheServersSettingsAllowIt) {
  start([](OnboardSettings& settings) { settings.provisioning.notify = {"127.0.0.0/8"}; });
  notifies(*this, true);
}

}  // namespace
}  // namespace tf::platform::test
