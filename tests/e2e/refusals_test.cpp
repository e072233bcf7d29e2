// What terminals that misbehave are told over real HTTP, and what is on record of it.
#include <gmock/gmock.h>

#include "tests/e2e/conversation.hpp"
#include "tests/e2e/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

struct Expected {
  int status;
  std::string code;
};

// A problem document for peers: the coarse code and nothing that explains.
void expect_problem(const CurlAnswer& answer, const Expected& expected) {
  EXPECT_EQ(answer.status, expected.status);
  EXPECT_EQ(answer.headers.contains("content-type") ? answer.headers.at("content-type") : "", "application/problem+json");
  EXPECT_EQ(answer.headers.contains("cache-control") ? answer.headers.at("cache-control") : "", "no-store");
  auto document = wire::JsonObject::parse(answer.body);
  ASSERT_TRUE(document) << answer.body;
  EXPECT_EQ(document->text("type").value(), "urn:trustferry:problem:" + expected.code);
  EXPECT_EQ(document->text("code").value(), expected.code);
  EXPECT_EQ(document->integer("status", 100, 599).value(), expected.status);
  EXPECT_FALSE(document->text("title").value().empty());
  EXPECT_TRUE(document->finish()) << "more than type, title, status and code: " << answer.body;
}

std::int64_t last_entry() { return sql_number(Scene::get().database(), "SELECT MAX(seq) FROM audit_entries"); }

// The refusal's exact reason reaches the audit trail, a little after the answer.
void expect_on_record(std::int64_t after, const std::string& reason, const std::string& subject) {
  const std::string& database = Scene::get().database();
  const std::string fresh = " FROM audit_entries WHERE seq > " + std::to_string(after);
  const std::string query = "SELECT COUNT(*)" + fresh + " AND outcome = 'refused' AND reason = '" + reason + "' AND subject = '" + subject + "'";
  if (eventually([&] { return sql_number(database, query) == 1; })) return;
  ADD_FAILURE() << "not on record: " << reason << " of " << subject;
  for (const auto& row : sql_rows(database, "SELECT action, subject, reason" + fresh)) ADD_FAILURE() << row[0] << " " << row[1] << " " << row[2];
}

class Refusals : public testing::Test {
 protected:
  Refusals() { scene_.serve(); }
  ~Refusals() override {
    EXPECT_TRUE(scene_.server().running());
    EXPECT_TRUE(scene_.ready()) << "the server is up after all";
  }
  void expect_refused(const std::string& route, const std::string& body, const Expected& expected, const std::string& reason, const std::string& subject) {
    const std::int64_t before = last_entry();
    expect_problem(scene_.post("/rki/v1/" + route, body), expected);
    expect_on_record(before, reason, subject);
  }
  [[nodiscard]] CurlAnswer get(const std::string& path) const {
    return curl({.url = scene_.url() + path, .method = "GET", .root = scene_.platform() + "/root.crt"});
  }
  Scene& scene_ = Scene::get();
};

TEST_F(Refusals, a_terminal_that_is_not_in_the_estate_is_told_only_that_it_is_refused) {
  const Fleet fleet = scene_.fleet(0, 1);
  auto device = fleet.device(fleet.classic[0]);
  device.identity.dsn = wire::Dsn::parse("TF777777").value();
  expect_refused("hello", hello_of(device.identity), {403, "refused"}, "rki.unknown_dsn", "TF777777");
}

TEST_F(Refusals, a_denied_terminal_is_told_the_same_and_gets_in_again_once_allowed) {
  const Fleet fleet = scene_.fleet(1, 0);
  const std::string serial = fleet.modern[0];
  const std::string hello = hello_of(fleet.device(serial).identity);
  EXPECT_TRUE(scene_.ask({"estate", "deny", serial}).boolean("denied").value());
  expect_refused("hello", hello, {403, "refused"}, "rki.denied_dsn", serial);
  EXPECT_FALSE(scene_.ask({"estate", "allow", serial}).boolean("denied").value());
  EXPECT_EQ(scene_.post("/rki/v1/hello", hello).status, 200);
}

TEST_F(Refusals, a_terminal_denied_in_the_middle_of_its_conversation_gets_no_keys) {
  const Fleet fleet = scene_.fleet(1, 0);
  const std::string serial = fleet.modern[0];
  Conversation conversation(fleet, serial);
  conversation.step();
  conversation.step();
  scene_.ask({"estate", "deny", serial});
  const std::int64_t before = last_entry();
  EXPECT_EQ(conversation.post().value().status, 403);
  expect_on_record(before, "rki.denied_dsn", serial);
  EXPECT_EQ(sql_number(scene_.database(), "SELECT COUNT(*) FROM rki_keys WHERE " + fleet.where()), 0);
}

TEST_F(Refusals, what_is_no_json_or_no_message_is_malformed) {
  const Expected malformed{400, "malformed"};
  expect_refused("hello", "{\"serial\":", malformed, "wire.json_syntax", "");
  expect_refused("hello", "[1]", malformed, "wire.json_not_object", "");
  expect_refused("hello", "{}", malformed, "wire.json_member", "");
  expect_refused("token", std::string(100, '['), malformed, "wire.json_syntax", "");
  const Fleet fleet = scene_.fleet(0, 1);
  std::string hello = hello_of(fleet.device(fleet.classic[0]).identity);
  hello.insert(1, "\"more\":1,");
  EXPECT_EQ(scene_.post("/rki/v1/hello", hello).status, 400) << "an unknown member";
}

TEST_F(Refusals, a_message_of_an_unknown_conversation_is_a_conflict_which_asks_to_begin_again) {
  const std::string token = R"({"session":")" + wire::base64url(ByteArray<16>{7}) + R"(","token":"AAAA"})";
  expect_refused("token", token, {409, "conflict"}, "rki.session_unknown", "");
}

TEST_F(Refusals, a_message_out_of_turn_ends_the_conversation) {
  const Fleet fleet = scene_.fleet(1, 0);
  Conversation conversation(fleet, fleet.modern[0]);
  conversation.step();
  conversation.step();
  const std::string body = conversation.message().body;
  expect_refused("receipt", body, {403, "refused"}, "rki.out_of_order", fleet.modern[0]);
  expect_refused("token", body, {403, "refused"}, "rki.out_of_order", fleet.modern[0]);
}

TEST_F(Refusals, too_large_a_body_another_content_type_method_or_path_are_turned_away_at_the_door) {
  const Fleet fleet = scene_.fleet(0, 1);
  const std::string hello = hello_of(fleet.device(fleet.classic[0]).identity);
  const std::string hello_path = "/rki/v1/hello";
  expect_problem(scene_.post(hello_path, std::string(80UL * 1024, 'x')), {413, "invalid"});
  expect_problem(scene_.post(hello_path, hello, "text/plain"), {400, "invalid"});
  expect_problem(scene_.post(hello_path + "?x=1", hello), {400, "invalid"});
  expect_problem(scene_.post("/rki/v1/nothing", hello), {404, "not_found"});
  expect_problem(scene_.post("/rki/v1/hello/", hello), {404, "not_found"});
  expect_problem(scene_.post("/admin/v1/status", hello), {404, "not_found"});
  expect_problem(get(hello_path), {400, "invalid"});
  expect_problem(get("/metrics"), {404, "not_found"});
  EXPECT_EQ(scene_.post(hello_path, hello, "application/json; charset=utf-8").status, 200);
}

TEST_F(Refusals, an_operator_without_certificate_or_with_another_role_is_denied) {
  const CurlAnswer nobody = curl({.url = scene_.admin_url() + "/admin/v1/status", .method = "GET", .root = scene_.platform() + "/root.crt"});
  EXPECT_EQ(nobody.status, 401);
  const std::int64_t before = last_entry();
  const CurlAnswer auditor = scene_.admin("POST", "/admin/v1/keys/TF000000/renew", "auditor", "{}");
  EXPECT_EQ(auditor.status, 403);
  EXPECT_THAT(auditor.body, testing::HasSubstr("platform.role_not_allowed"));
  expect_on_record(before, "platform.role_not_allowed", "POST /admin/v1/keys/TF000000/renew");
  EXPECT_EQ(scene_.admin("GET", "/admin/v1/nothing", "auditor").status, 404);
}

}  // namespace
}  // namespace tf::test
