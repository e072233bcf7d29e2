#include "pki/dsn_ranges.hpp"

#include "tests/pki/estate.hpp"
#include "wire/encoding.hpp"

namespace tf::pki::test {
namespace {

constexpr const char* kMalformedRanges = "malformed pki.dsn_ranges";
std::string decoding(std::string_view hex) { return outcome(decode_dsn_ranges(must(wire::from_hex(hex)))); }

TEST(DsnRanges, have_one_encoding) {
  const std::vector<wire::DsnRange> ranges{range("AAA1..AAA9"), range("B-22")};
  const Bytes der = must(encode_dsn_ranges(ranges));
  EXPECT_EQ(wire::hex_lower(der), "301c300c0c04414141310c0441414139300c0c04422d32320c04422d3232");
  EXPECT_EQ(must(decode_dsn_ranges(der)), ranges);
}

TEST(DsnRanges, sixty_four_of_the_longest_are_read_and_sixty_five_refused) {
  const std::string low(32, 'A'), high(32, 'Z');
  std::vector<wire::DsnRange> ranges(64, range(low + ".." + high));
  EXPECT_EQ(must(decode_dsn_ranges(must(encode_dsn_ranges(ranges)))), ranges);
  ranges.push_back(ranges.front());
  EXPECT_EQ(outcome(encode_dsn_ranges(ranges)), "invalid pki.dsn_ranges");
  Bytes many{0x30, 0x82, 0x03, 0x8e};  // 65 short ones
  for (int i = 0; i < 65; ++i) append(many, must(wire::from_hex("300c0c04414141310c0441414139")));
  EXPECT_EQ(outcome(decode_dsn_ranges(many)), kMalformedRanges);
}

TEST(DsnRanges, refuse_everything_but_der) {
  EXPECT_EQ(decoding(""), kMalformedRanges);
  EXPECT_EQ(decoding("3000"), kMalformedRanges);
  EXPECT_EQ(decoding("300e300c0c04414141310c044141413900"), kMalformedRanges);            // left over
  EXPECT_EQ(decoding("30810e300c0c04414141310c0441414139"), kMalformedRanges);            // long form
  EXPECT_EQ(decoding("3080300c0c04414141310c04414141390000"), kMalformedRanges);          // indefinite
  EXPECT_EQ(decoding("300e300c1304414141310c0441414139"), kMalformedRanges);              // PrintableString
  EXPECT_EQ(decoding("310e300c0c04414141310c0441414139"), kMalformedRanges);              // SET
  EXPECT_EQ(decoding("300830060c0441414131"), kMalformedRanges);                          // one end
  EXPECT_EQ(decoding("301430120c04414141310c04414141390c0441414139"), kMalformedRanges);  // three
}

TEST(DsnRanges, refuse_ends_that_are_no_range) {
  EXPECT_EQ(decoding("300e300c0c04414141390c0441414131"), kMalformedRanges);    // backwards
  EXPECT_EQ(decoding("300f300d0c04414141310c054141414139"), kMalformedRanges);  // lengths
  EXPECT_EQ(decoding("300e300c0c04616161310c0441414139"), kMalformedRanges);    // lower case
  EXPECT_EQ(decoding("300e300c0c04410041310c0441414139"), kMalformedRanges);    // NUL
}

TEST(DsnRanges, lie_within_others_each_in_one) {
  const std::vector<wire::DsnRange> outer{range("AA00..AA49"), range("AA50..AA99")};
  EXPECT_TRUE(all_within({range("AA00..AA49"), range("AA60")}, outer));
  EXPECT_FALSE(all_within({range("AA40..AA60")}, outer));
  EXPECT_FALSE(all_within({range("AA000..AA009")}, outer));
  EXPECT_TRUE(any_contains(outer, dsn("AA99")));
  EXPECT_FALSE(any_contains(outer, dsn("AB00")));
}

}  // namespace
}  // namespace tf::pki::test
