// Names, hashes against vectors that Node made from the page alone (vectors/make_onboard.mjs), routes, messages at their limits.
#include "base/file.hpp"
#include "protocols/onboard/identity.hpp"
#include "protocols/onboard/routes.hpp"
#include "tests/onboard/world.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::onboard::test {
namespace {

Bytes row(unsigned n, std::size_t size = 32) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(n * 31 + i * 7);
  return out;
}
Nonce nonce_row(unsigned n) {
  Nonce out;
  std::ranges::copy(row(n, 16), out.begin());
  return out;
}

TEST(OnboardVectors, of_all_hashes_agree) {
  const Bytes file = must(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/onboard/derivations.json", 64 * 1024));
  auto expected = must(wire::JsonObject::parse(as_text(file)));
  const auto text = [&](const char* name) { return must(expected.text(name)); };
  const RegistrationNonce nonce(ByteView(row(1)).first<32>());
  const Hash256 dh = device_hash(row(2, 300), row(3, 400));
  const Hash256 oh = operator_hash(row(4, 350));
  const Hash256 rh = nonce_hash(nonce);
  const Hash256 th = transcript_hash({"operator-a", "DSIM-0001", nonce_row(5), nonce_row(6), dh, oh, rh});
  EXPECT_EQ(wire::hex_lower(dh), text("dh"));
  EXPECT_EQ(wire::hex_lower(oh), text("oh"));
  EXPECT_EQ(wire::hex_lower(rh), text("rh"));
  EXPECT_EQ(wire::hex_lower(th), text("th"));
  EXPECT_EQ(wire::hex_lower(session_nonce(nonce, th)), text("session_nonce"));
  EXPECT_EQ(wire::hex_lower(imsi_hash(rh, "999701000000001")), text("ih"));
  EXPECT_EQ(wire::hex_lower(envelope_hash(as_bytes("<Envelope/>"))), text("eh"));
}

TEST(OnboardNames, are_taken_in_one_spelling_only) {
  for (const char* good : {"a", "DSIM-0001", "urn:dsim:1", "0.1"}) EXPECT_OK(parse_dsim_id(good));
  for (const char* bad : {"", "-a", ".a", "a_b", "a b", "a/b", "ä", "12345678901234567890123456789012345678901234567890123456789012345"})
    EXPECT_REFUSED(parse_dsim_id(bad), Code::malformed, "onboard.dsim_id");
  EXPECT_OK(parse_id("operator_a"));
  EXPECT_REFUSED(parse_id("operator a"), Code::malformed, "onboard.id");
  EXPECT_OK(parse_imsi("00101012345678"));
  for (const char* bad : {"0010101234567", "0010101234567890", "00101012345678a"}) EXPECT_REFUSED(parse_imsi(bad), Code::malformed, "onboard.imsi");
  EXPECT_OK(parse_iccid("899900000000000001"));
  EXPECT_REFUSED(parse_iccid("8999000000000000011"), Code::malformed, "onboard.iccid");
  EXPECT_OK(parse_owner("Frau Müller & Söhne"));
  EXPECT_REFUSED(parse_owner("a\nb"), Code::malformed, "onboard.owner");
}

TEST(OnboardNames, of_accounts_say_delivery_and_server) {
  const std::string longest(kMaxId, 'a');
  const auto user = must(parse_account_user(account_user(longest, longest)));
  EXPECT_EQ(user.delivery, longest);
  EXPECT_EQ(user.server_id, longest);
  EXPECT_EQ(account_user(longest, longest).size(), kMaxUser);
  for (const std::string& bad : {std::string(), std::string("d1"), std::string("@dm1"), std::string("d1@"), std::string("d1@dm1@dm2"), std::string("d 1@dm1"), longest + "a@dm1"})
    EXPECT_REFUSED(parse_account_user(bad), Code::malformed, "onboard.user");
}

TEST(OnboardNames, addresses_are_canonical) {
  EXPECT_EQ(must(host_of("https://a.test")), "a.test:443");
  EXPECT_EQ(must(host_of("http://a.test/x")), "a.test:80");
  EXPECT_EQ(must(host_of("https://a.test:8443/x?y")), "a.test:8443");
  EXPECT_EQ(must(host_of("https://[::1]")), "[::1]:443");
  for (const char* bad : {"", "ftp://a", "https://", "https://A.test", "https://a.test:0", "https://a.test:99999", "https://a@b", "https://a.test/\"", "a.test"})
    EXPECT_REFUSED(parse_url(bad), Code::malformed, "onboard.url");
}

TEST(OnboardRoutes, are_of_their_role_alone) {
  wire::HttpRequest request{.method = "POST", .path = "/onboard/v1/hello", .query = {}, .content_type = "application/json", .body = {}, .headers = {}, .peer_address = {}, .client_certificate = {}};
  EXPECT_EQ(must(route_of(Role::credentialing, request)), "hello");
  EXPECT_REFUSED(route_of(Role::registration, request), Code::not_found, "onboard.no_such_route");
  request.content_type = "text/plain";
  EXPECT_REFUSED(route_of(Role::credentialing, request), Code::invalid, "onboard.content_type");
  request.path = "/onboard/v1/dm";
  EXPECT_EQ(must(route_of(Role::provisioning, request)), "dm");
  request.path = "/onboard/v1/registrations/remove";
  request.content_type = "application/json";
  EXPECT_EQ(must(route_of(Role::registration, request)), "registrations/remove");
  request.method = "GET";
  EXPECT_REFUSED(route_of(Role::registration, request), Code::invalid, "onboard.method");
}

TEST(OnboardMessages, batches_hold_a_thousand_rows_and_no_more) {
  std::vector<Subscription> rows(kMaxRows, Subscription{"DSIM-0001", "Anna", "plan-1", {}, {}});
  EXPECT_EQ(must(decode_subscriptions(encode(rows))).size(), kMaxRows);
  rows.push_back(rows.front());
  EXPECT_FALSE(decode_subscriptions(encode(rows)));
}

TEST(OnboardMessages, every_kind_comes_back_as_it_went) {
  Delivery delivery{"d1", "DSIM-0001", {"d1@dm1", SecretBytes(as_bytes("p")), SecretBytes(as_bytes("q")), nonce_row(1), nonce_row(2)}, "https://a.test", "10.0.0.1:4000",
                    {{"apn", "text/plain", row(3)}}};
  const SecretBytes encoded = encode(delivery);
  const auto back = must(decode_delivery(as_text(encoded.reveal())));
  EXPECT_EQ(encode(back), encoded);
  EXPECT_EQ(back.notify, "10.0.0.1:4000");
  EXPECT_EQ(back.items.at(0).data, row(3));
  const CredentialsRequest request{"DSIM-0001", {}, {}, {row(1)}, "plan-1", 5};
  EXPECT_EQ(encode(must(decode_credentials_request(encode(request)))), encode(request));
  const SuspendRequest suspend{"DSIM-0001", {}};
  EXPECT_EQ(encode(must(decode_suspend_request(encode(suspend)))), encode(suspend));
  EXPECT_EQ(must(decode_token(encode_token("a.b.c"))), "a.b.c");
}

TEST(OnboardMessages, accounts_come_back_in_their_order) {
  std::vector<Account> accounts;
  for (const char* server : {"dm2", "dm1"}) accounts.push_back({account_user("d1", server), SecretBytes(as_bytes(server)), SecretBytes(as_bytes("q")), nonce_row(1), nonce_row(2)});
  const auto back = must(decode_accounts(encode(accounts)));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].user, "d1@dm2");
  EXPECT_EQ(encode(back), encode(accounts));
  accounts.resize(0);
  EXPECT_TRUE(must(decode_accounts(encode(accounts))).empty());
  for (std::size_t i = 0; i <= kMaxUrls; ++i) accounts.push_back(back[0].clone());
  EXPECT_FALSE(decode_accounts(encode(accounts)));
}

TEST(OnboardMessages, unknown_members_are_refused) {
  EXPECT_FALSE(decode_envelope_request(R"({"delivery":"d1","more":1})"));
  EXPECT_REFUSED(decode_result(R"({"result":"maybe"})", "taken"), Code::malformed, "onboard.result");
}

TEST(OnboardDeviceState, fits_into_the_modules_record_at_its_largest) {
  DeviceState state;
  state.stage = Stage::ready;
  const std::string url = "https://" + std::string(200, 'a') + ".test/" + std::string(41, 'b');
  ASSERT_EQ(url.size(), kMaxUrl);
  state.operator_id = state.delivery = std::string(64, 'x');
  state.route.assign(kMaxUrls, url);
  const SecretBytes record = encode(state);
  EXPECT_LE(record.size(), module::kMaxRecord);
  EXPECT_EQ(encode(must(decode_device_state(record))), record);
}

TEST(OnboardDeviceState, that_does_not_parse_is_told_as_broken) {
  EXPECT_REFUSED(decode_device_state(SecretBytes(as_bytes("{}"))), Code::integrity, "onboard.state");
  EXPECT_REFUSED(decode_device_state(SecretBytes(as_bytes(R"({"stage":"flying"})"))), Code::integrity, "onboard.state");
}

}  // namespace
}  // namespace tf::onboard::test
