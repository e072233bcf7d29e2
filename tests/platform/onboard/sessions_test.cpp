// A provisioning server's sessions under way, and the places where it may notify devices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/onboard/provisioning/datagram.hpp"
#include "platform/onboard/provisioning/sessions.hpp"
#include "tests/support/expect.hpp"

namespace tf::platform::test {
namespace {

using provisioning::DmSession;
using provisioning::DmSessions;
using tf::test::must;

TEST(OnboardNotifyPlaces, AreNetworksOfLiteralAddressesAndSuffixesOfNames) {
  using Kind = NotifyPlaces::Kind;
  const auto places = must(NotifyPlaces::parse({"10.16.0.0/12", "127.0.0.1", "fd00::/8", ".devices.example"}));
  for (const char* good : {"10.16.0.1:2948", "10.31.255.255:2948", "127.0.0.1:1", "[fd12::1]:2948"}) EXPECT_EQ(places.kind_of(good), Kind::literal) << good;
  EXPECT_EQ(places.kind_of("m2m-1.devices.example:2948"), Kind::name);
  for (const char* bad : {"10.32.0.1:2948", "10.15.255.255:1", "127.0.0.2:1", "[fe80::1]:1", "[::ffff:127.0.0.1]:1", "devices.example:1", ".devices.example", "devices.example.evil.example:1",
                          "127.1:1", "0x7f000001:1", "2130706433:1", "localhost:1", "a b.devices.example:1", ":1", "", "10.16.0.1"})
    EXPECT_EQ(places.kind_of(bad), Kind::none) << bad;
  EXPECT_EQ(NotifyPlaces().kind_of("127.0.0.1:1"), Kind::none) << "nowhere, unless it is said";
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "devices.example", "fd00::/129", "", ".", ".1"})
    EXPECT_REFUSED(NotifyPlaces::parse({bad}), Code::invalid, "config.value");
}

std::shared_ptr<DmSession> some_session() {
  return std::make_shared<DmSession>(provisioning::Row{}, "1", dm::ServerSettings{.server_uri = "s", .device_uri = "d", .server = {}, .device = {}, .session = "1"});
}

TEST(OnboardDmSessions, ThoseThatAreOverGiveWayFirstAndThenTheOldest) {
  DmSessions sessions(3);
  std::map<std::string, std::shared_ptr<DmSession>> all;
  const auto put = [&](const std::string& user) { sessions.put(user, all[user] = some_session(), 0); };
  put("a"), put("b"), put("c");
  sessions.end("c", all["c"], 0);
  put("d");
  EXPECT_EQ(sessions.find("c"), nullptr);
  EXPECT_EQ(sessions.find("a"), all["a"]);
  put("e");
  EXPECT_EQ(sessions.find("a"), nullptr);
  EXPECT_EQ(sessions.find("b"), all["b"]);
  EXPECT_EQ(sessions.size(), 3U);
  const auto before = all["b"];
  put("b");
  sessions.end("b", before, 0), sessions.drop("b", before);
  EXPECT_EQ(sessions.find("b"), all["b"]) << "of the one that took its place nothing is ended";
}

TEST(OnboardDmSessions, OneThatIsOverStaysForARepeatedMessageAndNotLong) {
  DmSessions sessions;
  const auto over = some_session(), under_way = some_session();
  sessions.put("over", over, 0), sessions.put("under way", under_way, 0);
  sessions.end("over", over, 1000);
  sessions.forget(1000);
  EXPECT_EQ(sessions.find("over"), over);
  sessions.forget(1000 + DmSessions::kOverMs);
  EXPECT_EQ(sessions.find("over"), nullptr);
  EXPECT_EQ(sessions.find("under way"), under_way);
  sessions.forget(DmSessions::kUnderWayMs);
  EXPECT_EQ(sessions.size(), 0U);
}

}  // namespace
}  // namespace tf::platform::test
