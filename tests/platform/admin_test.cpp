// The handlers of /admin/v1 as an operator meets them: bodies, content types, answers.
#include "platform/ca/foundation.hpp"
#include "platform/admin/api.hpp"
#include "tests/platform/scene.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {
namespace {

using testing::HasSubstr;

class Admin : public testing::Test {
 protected:
  wire::HttpResponse call(std::string_view who, std::string_view method, std::string path, std::string body = {},
                          std::string type = "application/json", std::vector<std::pair<std::string, std::string>> query = {}) {
    wire::HttpRequest request{.method = std::string(method), .path = "/admin/v1/" + std::move(path), .query = std::move(query),
                              .content_type = std::move(type), .body = std::move(body), .peer_address = "",
                              .client_certificate = scene.certificate_of(who)};
    return handle_admin(*scene.context, request);
  }
  Scene scene;
};

TEST_F(Admin, shows_the_status_of_a_new_platform) {
  const auto reply = call("auditor", "GET", "status");
  ASSERT_EQ(reply.status, 200);
  auto status = must(wire::JsonObject::parse(reply.body));
  auto estate = must(status.object("estate"));
  EXPECT_EQ(must(estate.integer("terminals", 0, 100)), 4);
  EXPECT_EQ(must(estate.integer("completed", 0, 100)), 0);
  EXPECT_EQ(must(status.objects("certificates", 64)).size(), 7U + issuing_authorities().size());
  EXPECT_FALSE(must(must(status.object("vault")).boolean("sealed")));
}

TEST_F(Admin, lists_the_estate_page_by_page) {
  auto page = must(wire::JsonObject::parse(call("auditor", "GET", "estate", "", "", {{"limit", "3"}}).body));
  EXPECT_EQ(must(page.objects("terminals", 10)).size(), 3U);
  EXPECT_EQ(must(page.text("next_after")), "TF10000003");
  page = must(wire::JsonObject::parse(call("auditor", "GET", "estate", "", "", {{"after", "TF10000003"}, {"limit", "3"}}).body));
  EXPECT_EQ(must(page.objects("terminals", 10)).size(), 1U);
  EXPECT_FALSE(page.has("next_after"));
  for (const char* limit : {"0", "1001", "-1", "3x", "", "99999999999999999999"})
    EXPECT_EQ(call("auditor", "GET", "estate", "", "", {{"limit", limit}}).status, 400) << limit;
}

TEST_F(Admin, denies_and_allows_a_terminal) {
  EXPECT_THAT(call("operator", "POST", "estate/TF10000001/deny").body, HasSubstr(R"("denied":true)"));
  EXPECT_THAT(call("operator", "POST", "estate/TF10000001/allow").body, HasSubstr(R"("denied":false)"));
  EXPECT_EQ(call("operator", "POST", "estate/TF19999999/deny").status, 404);
  EXPECT_EQ(call("operator", "POST", "estate/tf10000001/deny").status, 400);
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("estate.deny accepted", "estate.allow accepted"));
}

TEST_F(Admin, shows_and_forgets_the_device_key_of_a_terminal) {
  EXPECT_EQ(call("operator", "POST", "estate/TF19999999/forget-key").status, 404);
  EXPECT_EQ(call("operator", "POST", "estate/tf10000001/forget-key").status, 400);
  const auto none = call("operator", "POST", "estate/TF10000001/forget-key");
  EXPECT_EQ(none.status, 409);
  EXPECT_THAT(none.body, HasSubstr("estate.no_device_key"));
  scene.script("UPDATE terminals SET device_key = 'ab12' WHERE dsn = 'TF10000001'");
  EXPECT_THAT(call("auditor", "GET", "estate/TF10000001").body, HasSubstr(R"("device_key":"ab12")"));
  EXPECT_THAT(call("auditor", "GET", "estate").body, HasSubstr(R"("device_key":"ab12")"));
  const auto forgotten = call("operator", "POST", "estate/TF10000001/forget-key");
  EXPECT_EQ(forgotten.status, 200);
  EXPECT_THAT(forgotten.body, testing::Not(HasSubstr("device_key")));
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("estate.forget_key accepted"));
}

TEST_F(Admin, lists_the_alarms_of_rki) {
  EXPECT_EQ(call("auditor", "GET", "rki/alarms").body, R"({"alarms":[]})");
  scene.script("INSERT INTO rki_alarms (id, at_ms, kind, dsn, device_key, remembered, state) VALUES ('a1', 7, 'other_device_key', 'TF10000001', 'b', 'c', 'open')");
  EXPECT_EQ(call("auditor", "GET", "rki/alarms").body,
            R"({"alarms":[{"id":"a1","at_ms":7,"kind":"other_device_key","serial":"TF10000001","device_key":"b","remembered":"c","state":"open"}]})");
}

TEST_F(Admin, takes_a_body_of_its_content_type_only) {
  EXPECT_EQ(call("operator", "POST", "estate", "serial,model,group,suites\nTF10000009,M,g,modern\n", "application/json").status, 400);
  EXPECT_EQ(call("operator", "POST", "estate", "serial,model,group,suites\nTF10000009,M,g,modern\n", "text/csv").status, 200);
  EXPECT_EQ(call("operator", "POST", "batches/batch-1/log", "", "text/plain").status, 400);
  EXPECT_EQ(call("custodian-1", "POST", "keys/TF10000001/export", R"({"zone":"z"})", "text/plain").status, 400);
}

TEST_F(Admin, tells_an_operator_what_is_wrong_with_his_request) {
  const auto reply = call("operator", "POST", "estate", "serial,model,group,suites\nTF1,M,g,modern\n", "text/csv");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("estate.csv"));
  EXPECT_THAT(reply.body, HasSubstr("line 2"));
}

TEST_F(Admin, refuses_bodies_with_members_nobody_knows) {
  const std::string component = R"("algorithm":"aes","of":2,"component":"00112233445566778899AABBCCDDEEFF","kcv":"000000")";
  EXPECT_THAT(call("custodian-1", "POST", "zones/z/components", "{" + component + R"(,"force":true})").body, HasSubstr("force"));
  EXPECT_EQ(call("custodian-1", "POST", "zones/z/components", "{" + component).status, 400);
  EXPECT_EQ(call("administrator", "POST", "work/request", R"({"days":1})").status, 400);
  EXPECT_EQ(call("administrator", "POST", "operators", R"({"name":"x","role":"king","request":""})").status, 400);
  EXPECT_EQ(call("administrator", "POST", "batches", R"({"batch":"","range":"TF10000100..TF10000199","suites":"modern","loader_request":"{}"})").status, 400);
  EXPECT_TRUE(scene.audited().empty());
}

TEST_F(Admin, lists_batches_operators_and_zones) {
  EXPECT_THAT(call("auditor", "GET", "batches").body, HasSubstr(R"("range":"TF10000001..TF10000099")"));
  auto operators = must(wire::JsonObject::parse(call("auditor", "GET", "operators").body));
  EXPECT_EQ(must(operators.objects("operators", 10)).size(), 5U);
  EXPECT_EQ(call("auditor", "GET", "zones").body, R"({"zones":[]})");
}

TEST_F(Admin, renews_and_shows_keys_without_their_values) {
  EXPECT_EQ(call("operator", "POST", "keys/TF10000001/renew").body, R"({"serial":"TF10000001","set":1})");
  const std::string shown = call("auditor", "GET", "keys/TF10000001").body;
  EXPECT_THAT(shown, HasSubstr(R"("status":"pending")"));
  EXPECT_THAT(shown, testing::Not(HasSubstr("wrapped")));
  EXPECT_THAT(call("auditor", "GET", "keys").body, HasSubstr(R"({"slot":"pin","suite":"modern","status":"pending","keys":1})"));
  EXPECT_EQ(call("auditor", "GET", "keys/TF10000077").status, 404);
}

}  // namespace
}  // namespace tf::platform::test
