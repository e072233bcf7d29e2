// The small words of the protocol: suites and policies, key sets, headers, statuses, routes.
#include "protocols/rki/routes.hpp"
#include "tests/rki/scene.hpp"

namespace tf::rki::test {
namespace {

TEST(SuitePolicies, are_read_and_written_in_one_way) {
  for (const char* text : {"modern", "classic", "modern+classic"})
    EXPECT_EQ(must(SuitePolicy::parse(text)).text(), text);
  EXPECT_THAT(must(SuitePolicy::parse("modern+classic")).suites(),
              ::testing::ElementsAre(Suite::modern, Suite::classic));
  for (const char* text : {"", "+", "modern+", "+classic", "modern,classic", "MODERN", "sm"})
    EXPECT_REASON(SuitePolicy::parse(text), "rki.suite_policy");
}

TEST(SuitePolicies, allow_nothing_unless_told) {
  EXPECT_FALSE(SuitePolicy().allows(Suite::classic));
  EXPECT_FALSE(SuitePolicy().allows(Suite::modern));
  EXPECT_TRUE(SuitePolicy().suites().empty());
}

TEST(KeySets, name_each_slot_once_and_put_the_master_key_first) {
  const KeySetPlan plan = must(KeySetPlan::make({"data", "pin", "tmk"}, 2));
  EXPECT_THAT(plan.slots, ::testing::ElementsAre(Slot::tmk, Slot::pin, Slot::data));
  EXPECT_EQ(plan.part_of(0), 1);
  EXPECT_EQ(plan.part_of(1), 1);
  EXPECT_EQ(plan.part_of(2), 2);
  EXPECT_REASON(KeySetPlan::make({"pin", "pin"}, 2), "rki.key_set");
  EXPECT_REASON(KeySetPlan::make({}, 2), "rki.key_set");
  EXPECT_REASON(KeySetPlan::make({"pin"}, 0), "rki.key_set");
  EXPECT_REASON(KeySetPlan::make({"pin"}, 9), "rki.key_set");
  EXPECT_REASON(KeySetPlan::make({"pen"}, 2), "rki.unknown_slot");
}

TEST(KeyVersions, count_in_two_characters_until_they_are_exhausted) {
  EXPECT_EQ(must(key_version_text(1)), "01");
  EXPECT_EQ(must(key_version_text(36)), "10");
  EXPECT_EQ(must(key_version_text(1295)), "ZZ");
  for (const std::int64_t set : {-1, 0, 1296}) {
    EXPECT_REASON(key_version_text(set), "rki.versions_exhausted");
    EXPECT_REASON(header_of(Suite::modern, Slot::pin, set), "rki.versions_exhausted");
  }
}

// A component is "cN" in a header: no version of ours may look like one.
TEST(KeyVersions, never_look_like_a_component) {
  for (std::int64_t set = 1; set < 36 * 36; ++set) EXPECT_NE(must(key_version_text(set)).front(), 'c');
}

TEST(Headers, say_what_a_slot_is_for) {
  struct Row {
    Slot slot;
    const char* classic;
    const char* modern;
    char mode;
  };
  for (const Row& row : {Row{Slot::tmk, "K1", "K1", 'D'}, Row{Slot::pin, "P0", "P0", 'E'},
                         Row{Slot::mac, "M3", "M6", 'C'}, Row{Slot::data, "D0", "D0", 'B'}}) {
    const auto classic = must(header_of(Suite::classic, row.slot, 5));
    const auto modern = must(header_of(Suite::modern, row.slot, 5));
    EXPECT_EQ(classic.usage, row.classic);
    EXPECT_EQ(modern.usage, row.modern);
    EXPECT_EQ(classic.version, 'B');
    EXPECT_EQ(modern.version, 'D');
    for (const auto& header : {classic, modern}) {
      EXPECT_EQ(header.mode, row.mode);
      EXPECT_EQ(header.exportability, 'N');
      EXPECT_EQ(header.key_version, "05");
    }
  }
}

TEST(KeyStatuses, are_read_back_by_their_names_alone) {
  for (const KeyStatus status : {KeyStatus::pending, KeyStatus::delivered, KeyStatus::active, KeyStatus::superseded})
    EXPECT_EQ(must(parse_key_status(name_of(status))), status);
  EXPECT_REASON(parse_key_status("Active"), "rki.key_status");
}

TEST(Rows, differ_by_serial_slot_and_set) {
  EXPECT_NE(row_of(kDsn, Slot::pin, 1), row_of(kDsn, Slot::pin, 2));
  EXPECT_NE(row_of(kDsn, Slot::pin, 1), row_of(kDsn, Slot::mac, 1));
  EXPECT_NE(row_of(kDsn, Slot::pin, 1), row_of(kOtherDsn, Slot::pin, 1));
}

TEST(Routes, are_four_posts_of_json_without_a_query) {
  wire::HttpRequest request{.method = "POST",
                            .path = "/rki/v1/token",
                            .query = {},
                            .content_type = "application/json",
                            .body = {},
                            .peer_address = {},
                            .client_certificate = {}};
  EXPECT_EQ(must(route_of(request)), "token");
  for (const char* path :
       {"/rki/v1/", "/rki/v1/Token", "/rki/v1/token/", "/rki/v2/token", "/rki/v1/ack", "", "token"}) {
    wire::HttpRequest other = request;
    other.path = path;
    EXPECT_REASON(route_of(other), "rki.no_such_route");
  }
  wire::HttpRequest get = request;
  get.method = "GET";
  EXPECT_REASON(route_of(get), "rki.method");
  wire::HttpRequest text = request;
  text.content_type = "text/plain";
  EXPECT_REASON(route_of(text), "rki.content_type");
  wire::HttpRequest query = request;
  query.query.emplace_back("a", "b");
  EXPECT_REASON(route_of(query), "rki.query");
}

}  // namespace
}  // namespace tf::rki::test
