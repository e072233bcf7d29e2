#include "platform/estate.hpp"

#include "tests/platform/scene.hpp"

namespace tf::platform::test {
namespace {

const std::string kHeader = "serial,model,group,suites\n";

struct BadFile {
  const char* name;
  std::string text;
  int line;
  const char* says;
};
class BadEstate : public testing::TestWithParam<BadFile> {};
INSTANTIATE_TEST_SUITE_P(Files, BadEstate, testing::Values(
    BadFile{"no_header", "TF10000001,M,g,modern\n", 1, "first line"},
    BadFile{"other_header", "serial,model,suites,group\nTF10000001,M,g,modern\n", 1, "first line"},
    BadFile{"header_in_capitals", "Serial,Model,Group,Suites\n", 1, "first line"},
    BadFile{"two_byte_order_marks", "\xEF\xBB\xBF\xEF\xBB\xBF" + kHeader, 1, "first line"},
    BadFile{"three_values", kHeader + "TF10000001,M,modern\n", 2, "3 values"},
    BadFile{"five_values", kHeader + "TF10000001,M,g,modern,\n", 2, "5 values"},
    BadFile{"one_value", kHeader + "TF10000001\n", 2, "1 values"},
    BadFile{"bad_on_a_later_line", kHeader + "TF10000001,M,g,modern\nTF10000002,M,g,modern\nTF10000003,M,g\n", 4, "3 values"},
    BadFile{"counts_empty_lines", kHeader + "\n\nTF1\n", 4, "1 values"},
    BadFile{"serial_in_small_letters", kHeader + "tf10000001,M,g,modern\n", 2, ""},
    BadFile{"serial_with_a_space", kHeader + "TF10000001 ,M,g,modern\n", 2, ""},
    BadFile{"serial_in_quotes", kHeader + "\"TF10000001\",M,g,modern\n", 2, ""},
    BadFile{"serial_too_short", kHeader + "TF1,M,g,modern\n", 2, ""},
    BadFile{"serial_too_long", kHeader + std::string(33, 'A') + ",M,g,modern\n", 2, ""},
    BadFile{"serial_ends_with_a_dash", kHeader + "TF1000-,M,g,modern\n", 2, ""},
    BadFile{"serial_with_nul", kHeader + std::string("TF10\0 0001,M,g,modern\n", 22), 2, ""},
    BadFile{"serial_empty", kHeader + ",M,g,modern\n", 2, ""},
    BadFile{"serial_twice", kHeader + "TF10000001,M,g,modern\nTF10000002,M,g,modern\nTF10000001,M,g,classic\n", 4, "twice"},
    BadFile{"model_empty", kHeader + "TF10000001,,g,modern\n", 2, "model and group"},
    BadFile{"model_with_a_space", kHeader + "TF10000001,Model 1,g,modern\n", 2, "model and group"},
    BadFile{"group_empty", kHeader + "TF10000001,M,,modern\n", 2, "model and group"},
    BadFile{"group_too_long", kHeader + "TF10000001,M," + std::string(65, 'g') + ",modern\n", 2, "model and group"},
    BadFile{"group_with_a_quote", kHeader + "TF10000001,M,a\"b,modern\n", 2, "model and group"},
    BadFile{"policy_empty", kHeader + "TF10000001,M,g,\n", 2, ""},
    BadFile{"policy_unknown", kHeader + "TF10000001,M,g,quantum\n", 2, ""},
    BadFile{"policy_half", kHeader + "TF10000001,M,g,modern+\n", 2, ""},
    BadFile{"policy_twice", kHeader + "TF10000001,M,g,modern+modern\n", 2, ""},
    BadFile{"policy_with_a_space", kHeader + "TF10000001,M,g, modern\n", 2, ""},
    BadFile{"carriage_return_alone", kHeader + "TF10000001,M,g,modern\rTF10000002,M,g,modern\n", 2, ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(BadEstate, is_refused_with_the_number_of_its_line) {
  const auto rows = parse_estate_csv(GetParam().text);
  EXPECT_REFUSED(rows, Code::invalid, "estate.csv");
  EXPECT_EQ(rows.error().detail.find("line " + std::to_string(GetParam().line) + ": "), 0U) << rows.error().detail;
  EXPECT_THAT(rows.error().detail, testing::HasSubstr(GetParam().says));
}

TEST(EstateCsv, without_a_terminal_is_refused) {
  for (const std::string& text : {std::string(), kHeader, kHeader + "\n\n", std::string("serial,model,group,suites"), std::string("\xEF\xBB\xBF")})
    EXPECT_REFUSED(parse_estate_csv(text), Code::invalid, "estate.csv");
}

TEST(EstateCsv, is_read_with_byte_order_mark_crlf_and_without_a_last_newline) {
  const auto plain = must(parse_estate_csv(kHeader + "TF10000001,M-1,air.port_2,modern+classic\nTF10000002,M,g,classic\n"));
  for (const std::string& text : {"\xEF\xBB\xBF" + kHeader + "TF10000001,M-1,air.port_2,modern+classic\nTF10000002,M,g,classic\n",
                                  std::string("serial,model,group,suites\r\nTF10000001,M-1,air.port_2,modern+classic\r\nTF10000002,M,g,classic\r\n"),
                                  kHeader + "TF10000001,M-1,air.port_2,modern+classic\nTF10000002,M,g,classic",
                                  kHeader + "\nTF10000001,M-1,air.port_2,modern+classic\n\nTF10000002,M,g,classic\n\n"})
    EXPECT_EQ(estate_csv(must(parse_estate_csv(text))), estate_csv(plain));
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(plain[0].dsn, dsn("TF10000001"));
  EXPECT_EQ(plain[0].model, "M-1");
  EXPECT_EQ(plain[0].group, "air.port_2");
  EXPECT_TRUE(plain[0].policy.allows(rki::Suite::modern) && plain[0].policy.allows(rki::Suite::classic));
  EXPECT_FALSE(plain[1].policy.allows(rki::Suite::modern));
}

TEST(EstateCsv, is_written_as_it_is_read) {
  const std::string text = kHeader + "AAAA,M,g,modern\nBB-BB,N,h,modern+classic\n";
  EXPECT_EQ(estate_csv(must(parse_estate_csv(text))), text);
}

class EstateImport : public testing::Test {
 protected:
  Result<ImportCount> import(const std::string& lines) { return import_estate(*scene.context, "operator:o", must(parse_estate_csv(kHeader + lines))); }
  Scene scene;
};

TEST_F(EstateImport, counts_what_it_did_and_changes_nothing_the_second_time) {
  const std::string lines = "TF10000001,M2,default,modern\nTF10000002,M1,default,modern\nTF10000050,M1,default,classic\n";
  auto count = must(import(lines));
  EXPECT_EQ(count.added, 1);
  EXPECT_EQ(count.changed, 1);
  EXPECT_EQ(count.unchanged, 1);
  count = must(import(lines));
  EXPECT_EQ(count.added, 0);
  EXPECT_EQ(count.changed, 0);
  EXPECT_EQ(count.unchanged, 3);
  EXPECT_EQ(must(show_terminal(*scene.context, kBoth)).row.model, "M2");
  EXPECT_EQ(must(count_estate(*scene.context)).terminals, 5);
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("estate.import accepted", "estate.import accepted"));
  EXPECT_EQ(scene.audited()[0].actor, "operator:o");
}

TEST_F(EstateImport, keeps_what_is_not_in_the_file_and_the_state_of_what_is) {
  ASSERT_OK(set_denied(*scene.context, "operator:o", kBoth, true));
  must(import("TF10000001,M9,default,modern\n"));
  const EstateEntry entry = must(show_terminal(*scene.context, kBoth));
  EXPECT_TRUE(entry.denied) << "an import must not let a denied terminal in again";
  EXPECT_EQ(entry.row.model, "M9");
  EXPECT_EQ(must(show_terminal(*scene.context, kModern)).row.model, "M1");
}

TEST_F(EstateImport, happens_wholly_or_not_at_all) {
  scene.database->next_write = FaultyDatabase::Fault::lost;
  EXPECT_REFUSED(import("TF10000050,M,g,modern\nTF10000051,M,g,modern\n"), Code::unavailable, "store.io");
  // The second row is refused by the database itself.
  scene.script("CREATE TRIGGER no_such BEFORE INSERT ON terminals WHEN NEW.dsn = 'TF10000051' BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(import("TF10000050,M,g,modern\nTF10000051,M,g,modern\n"));
  EXPECT_EQ(must(count_estate(*scene.context)).terminals, 4);
  EXPECT_TRUE(scene.audited().empty());
}

TEST_F(EstateImport, is_not_done_without_its_audit_entry) {
  scene.script("CREATE TRIGGER no_audit BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_FALSE(import("TF10000050,M,g,modern\n"));
  EXPECT_FALSE(set_denied(*scene.context, "operator:o", kBoth, true));
  EXPECT_EQ(must(count_estate(*scene.context)).terminals, 4);
  EXPECT_FALSE(must(show_terminal(*scene.context, kBoth)).denied);
}

TEST_F(EstateImport, finds_no_terminal_that_is_not_there) {
  EXPECT_REFUSED(show_terminal(*scene.context, dsn("TF10000077")), Code::not_found, "estate.unknown_dsn");
  EXPECT_REFUSED(set_denied(*scene.context, "operator:o", dsn("TF10000077"), true), Code::not_found, "estate.unknown_dsn");
  EXPECT_TRUE(scene.audited().empty());
}

}  // namespace
}  // namespace tf::platform::test
