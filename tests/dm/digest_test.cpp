// MACs and notifications, against vectors of Node's crypto (vectors/make_dm.mjs) and for what they must refuse.
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "dm/auth.hpp"
#include "dm/package0.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::dm {
namespace {

using tf::test::must;

Credential credential(const std::string& name, std::string_view password) { return must(make_credential(name, SecretBytes(as_bytes(password)))); }

wire::JsonObject vectors() {
  const Bytes file = must(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/dm/node.json", 256 * 1024));
  return must(wire::JsonObject::parse(as_text(file), {.size = 256 * 1024}));
}

TEST(DmDigest, macs_are_those_of_another_implementation) {
  auto messages = must(vectors().objects("messages", 100));
  EXPECT_EQ(messages.size(), 15U);
  for (auto& each : messages) {
    const Credential person = credential(must(each.text("name")), must(each.text("password")));
    const Bytes nonce = must(wire::from_hex(must(each.text("nonce"))));
    const Envelope envelope{must(each.text("body", 8'192)), must(each.text("header"))};
    EXPECT_EQ(mac_header(person, nonce, envelope.body), envelope.mac);
    EXPECT_EQ(prove(envelope, person, nonce), Proof::good);
    Bytes other = nonce;
    other.back() ^= 1U;
    EXPECT_EQ(prove(envelope, person, other), Proof::wrong);
    EXPECT_EQ(prove({envelope.body + " ", envelope.mac}, person, nonce), Proof::wrong);
    EXPECT_EQ(prove(envelope, credential(person.name, "another password"), nonce), Proof::wrong);
    EXPECT_EQ(prove(envelope, person, {}), Proof::wrong);
    EXPECT_EQ(prove({envelope.body, ""}, person, nonce), Proof::missing);
  }
}

TEST(DmDigest, notifications_are_those_of_another_implementation) {
  auto notifications = must(vectors().objects("notifications", 100));
  EXPECT_EQ(notifications.size(), 4U);
  for (auto& each : notifications) {
    const std::string name = must(each.text("server"));
    const Credential server = credential(name, must(each.text("password")));
    const Bytes nonce = must(wire::from_hex(must(each.text("nonce")))), bytes = must(wire::from_hex(must(each.text("bytes"))));
    const Notification notification{.ui_mode = static_cast<UiMode>(must(each.integer("ui", 0, 3))), .by_server = must(each.boolean("by_server")),
                                    .session = static_cast<std::uint16_t>(must(each.integer("session", 1, 65'535))), .server = name,
                                    .vendor = must(wire::from_hex(must(each.text("vendor"))))};
    EXPECT_EQ(must(encode(notification, server, nonce)), bytes);
    EXPECT_EQ(must(open_notification(bytes, server, nonce)), notification);
    EXPECT_EQ(session_text(notification.session), must(each.text("session_text")));
  }
}

TEST(DmDigest, a_notification_with_any_bit_altered_or_cut_is_refused) {
  const Credential server = credential("prov.example", "x");
  const Bytes nonce(16, 7);
  const Bytes good = must(encode({.session = 77, .server = "prov.example", .vendor = {1, 2}}, server, nonce));
  EXPECT_OK(open_notification(good, server, nonce));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(open_notification(bad, server, nonce)) << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(open_notification(ByteView(good).first(size), server, nonce)) << size;
  EXPECT_REFUSED(open_notification(good, server, Bytes(16, 8)), Code::refused, "dm.notification_digest");
  EXPECT_REFUSED(open_notification(good, credential("prov.example", "y"), nonce), Code::refused, "dm.notification_digest");
  EXPECT_REFUSED(open_notification(good, credential("other.example", "x"), nonce), Code::refused, "dm.notification_digest");
  EXPECT_REFUSED(open_notification(good, server, {}), Code::refused, "dm.notification_digest");
}

TEST(DmDigest, a_notification_that_says_nothing_sound_is_not_written) {
  const Credential server = credential("s", "x");
  const Bytes nonce(16, 7);
  EXPECT_REFUSED(encode({.session = 0, .server = "s", .vendor = {}}, server, nonce), Code::invalid, "dm.notification");
  EXPECT_REFUSED(encode({.session = 1, .server = "other", .vendor = {}}, server, nonce), Code::invalid, "dm.notification");
  EXPECT_REFUSED(encode({.session = 1, .server = "s", .vendor = Bytes(1'025)}, server, nonce), Code::invalid, "dm.notification");
  EXPECT_REFUSED(encode({.session = 1, .server = "s", .vendor = {}}, server, {}), Code::invalid, "dm.notification");
}

TEST(DmDigest, the_header_is_read_in_the_forms_it_may_have) {
  const Credential person = credential("Bob", "x");
  const Bytes nonce(16, 1);
  const std::string mac = wire::base64(digest_of(person, nonce, as_bytes("body")));
  for (const std::string& header : {"algorithm=MD5, username=\"Bob\", mac=" + mac, "username=\"Bob\",mac=" + mac, "mac=\"" + mac + "\" , USERNAME=Bob,algorithm=md5",
                                    "username=\"Bob\", mac=" + mac.substr(0, mac.find('='))})
    EXPECT_EQ(prove({"body", header}, person, nonce), Proof::good) << header;
  EXPECT_EQ(must(claimed_name("username=\"Robert Jordan\", mac=x")), "Robert Jordan");
  for (const char* header : {"x", "username=\"Bob\"", "mac=x", "username=\"Bob, mac=x", "algorithm=SHA1, username=\"Bob\", mac=x", "username=\"Bob\", mac=x,",
                             "username=\"Bob\", mac=x, mac=x", "username=\"Bob\", mac=x, realm=y", "username=\"\", mac=x", "=", "username=\"B\\\"ob\", mac=x", "username=\"Bob\"; mac=x"})
    EXPECT_REFUSED(claimed_name(header), Code::malformed, "dm.mac_header");
  EXPECT_REFUSED(claimed_name("username=\"" + std::string(600, 'x') + "\", mac=x"), Code::malformed, "dm.mac_header");
}

TEST(DmDigest, names_that_a_header_cannot_hold_are_refused) {
  for (const std::string& name : {std::string(), std::string("a\"b"), std::string("a\\b"), std::string("a\r\nb"), std::string("\xC3\xA9"), std::string(256, 'x')})
    EXPECT_REFUSED(make_credential(name, SecretBytes(as_bytes("x"))), Code::invalid, "dm.name");
}

}  // namespace
}  // namespace tf::dm
