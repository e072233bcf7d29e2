#include "wire/dsn.hpp"

#include <gtest/gtest.h>

namespace tf::wire {
namespace {

Dsn dsn(std::string_view text) { return Dsn::parse(text).value(); }
DsnRange range(std::string_view text) { return DsnRange::parse(text).value(); }

TEST(Dsn, accepts_its_one_spelling) {
  for (const char* text : {"ABCD", "0000", "TF000001", "A-B1", "A--B", "1-2-3-4-5", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"})
    EXPECT_EQ(dsn(text).text(), text);
}

TEST(Dsn, refuses_every_other_spelling) {
  for (const std::string& text :
       {std::string(), std::string("A"), std::string("ABC"), std::string(33, 'A'), std::string("tf000001"), std::string("TF00000a"),
        std::string(" TF000001"), std::string("TF000001 "), std::string("TF000001\n"), std::string("-TF00001"), std::string("TF00001-"),
        std::string("TF_00001"), std::string("TF.00001"), std::string("TF/../01"), std::string("TF0000\0001", 9), std::string("TFÄ00001"),
        std::string("----")}) {
    const auto parsed = Dsn::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::malformed);
    EXPECT_STREQ(parsed.error().reason, "wire.dsn");
  }
}

TEST(DsnRange, is_written_as_it_is_read) {
  EXPECT_EQ(range("TF000001..TF000999").text(), "TF000001..TF000999");
  EXPECT_EQ(range("TF000001").text(), "TF000001..TF000001");
  EXPECT_EQ(range("TF000001..TF000999").from(), dsn("TF000001"));
  EXPECT_EQ(range("TF000001..TF000999").to(), dsn("TF000999"));
}

TEST(DsnRange, refuses_ends_that_do_not_fit_together) {
  for (const char* text : {"TF0002..TF0001", "TF0001..TF00002", "TF00001..TF0002"}) {
    const auto parsed = DsnRange::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::invalid);
  }
  for (const char* text : {"", "..", "TF0001..", "..TF0001", "TF0001...TF0002", "TF0001 .. TF0002", "TF0001..TF0002..TF0003", "TF0001.TF0002"})
    EXPECT_EQ(DsnRange::parse(text).error().code, Code::malformed) << text;
}

TEST(DsnRange, contains_serials_of_its_length_between_its_ends) {
  const auto r = range("TF0100..TF0200");
  for (const char* in : {"TF0100", "TF0150", "TF0200", "TF01ZZ"}) EXPECT_TRUE(r.contains(dsn(in))) << in;
  for (const char* out : {"TF0099", "TF0201", "TF00101", "TF010", "TG0150", "TE0150"}) EXPECT_FALSE(r.contains(dsn(out))) << out;
}

TEST(DsnRange, contains_a_range_when_it_contains_both_its_ends) {
  const auto r = range("TF0100..TF0200");
  EXPECT_TRUE(r.contains(r));
  EXPECT_TRUE(r.contains(range("TF0101..TF0199")));
  EXPECT_FALSE(r.contains(range("TF0099..TF0150")));
  EXPECT_FALSE(r.contains(range("TF0150..TF0201")));
  EXPECT_FALSE(r.contains(range("TF01000..TF01001")));
}

TEST(DsnRange, overlaps_where_they_share_a_serial) {
  const auto r = range("TF0100..TF0200");
  for (const char* yes : {"TF0000..TF0100", "TF0200..TF0300", "TF0000..TF0300", "TF0150"}) {
    EXPECT_TRUE(r.overlaps(range(yes))) << yes;
    EXPECT_TRUE(range(yes).overlaps(r)) << yes;
  }
  for (const char* no : {"TF0000..TF0099", "TF0201..TF0300", "TF00000..TF99999"}) {
    EXPECT_FALSE(r.overlaps(range(no))) << no;
    EXPECT_FALSE(range(no).overlaps(r)) << no;
  }
}

}  // namespace
}  // namespace tf::wire
