#include "apdu/tlv.hpp"

#include <gtest/gtest.h>

#include "tests/apdu/octets.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "wire/encoding.hpp"

namespace tf::apdu {
namespace {

using test::must;


TEST(Tlv, reads_what_it_writes_at_every_size_of_a_length) {
  for (const std::size_t size : {0, 1, 127, 128, 255, 256, 65535, 65536}) {
    for (const std::uint32_t tag : {0x53u, 0x7F49u, 0x5FC105u}) {
      const Bytes value(size, 0x5A);
      const Bytes octets = tlv(tag, value);
      EXPECT_EQ(to_bytes(must(only(octets, tag))), value);
    }
  }
  EXPECT_EQ(tlv(0x5FC105, hex("AA")), hex("5FC10501AA"));
  EXPECT_EQ(TlvWriter().put(0x7C, TlvWriter().put(0x82, ByteView())).take(), hex("7C028200"));
}

TEST(Tlv, takes_lengths_that_could_be_shorter) {
  EXPECT_EQ(to_bytes(must(only(hex("5381" "02AABB"), 0x53))), hex("AABB"));
  EXPECT_EQ(to_bytes(must(only(hex("5382" "0002AABB"), 0x53))), hex("AABB"));
  EXPECT_EQ(to_bytes(must(only(hex("5383" "000002AABB"), 0x53))), hex("AABB"));
}

TEST(Tlv, refuses_what_runs_past_the_end_and_every_cut) {
  const Bytes whole = tlv(0x7F49, tlv(0x86, Bytes(200, 4)));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_REFUSED(only(ByteView(whole).first(cut), 0x7F49), Code::malformed, "apdu.tlv");
  // No tag, tags without end, indefinite and too long lengths, more than one object, another one.
  for (const char* text : {"", "00", "0000", "1F", "1F80", "1F818181", "5380", "5384" "00000001AA", "53FF", "5301", "5302AA", "5301AA00", "5401AA"})
    EXPECT_REFUSED(only(hex(text), 0x53), Code::malformed, "apdu.tlv");
}

TEST(Tlv, finds_an_object_once_and_not_twice) {
  const Bytes octets = hex("8000" "8101AA" "8200");
  EXPECT_EQ(to_bytes(must(find(octets, 0x81)).value()), hex("AA"));
  EXPECT_TRUE(must(find(octets, 0x82)).value().empty());
  EXPECT_FALSE(must(find(octets, 0x85)).has_value());
  EXPECT_REFUSED(find(hex("8101AA8101BB"), 0x81), Code::malformed, "apdu.tlv");
  EXPECT_REFUSED(find(hex("8101AA82"), 0x81), Code::malformed, "apdu.tlv");
}

}  // namespace
}  // namespace tf::apdu
