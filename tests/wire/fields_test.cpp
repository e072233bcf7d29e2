#include "wire/fields.hpp"

#include <gtest/gtest.h>

#include "wire/encoding.hpp"

namespace tf::wire {
namespace {

template <class T>
std::string reason(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

TEST(Fields, are_a_length_and_the_bytes) {
  EXPECT_EQ(hex_lower(FieldWriter().field("ab").field("").number(258).bytes()), "0000000261620000000000000008" "0000000000000102");
}

TEST(Fields, no_two_sequences_look_alike) {
  EXPECT_NE(FieldWriter().field("ab").field("c").take(), FieldWriter().field("a").field("bc").take());
  EXPECT_NE(FieldWriter().field("").field("a").take(), FieldWriter().field("a").field("").take());
  EXPECT_NE(FieldWriter().field("").take(), FieldWriter().take());
}

TEST(Fields, are_read_as_they_were_written) {
  const Bytes written = FieldWriter().field("label").number(UINT64_MAX).field("").take();
  FieldReader reader(written);
  EXPECT_EQ(as_text(reader.field(5).value()), "label");
  EXPECT_EQ(reader.number().value(), UINT64_MAX);
  EXPECT_FALSE(reader.finish()) << "a field is left";
  EXPECT_TRUE(reader.field(0).value().empty());
  EXPECT_TRUE(reader.finish());
}

TEST(Fields, a_field_longer_than_allowed_is_refused) {
  const Bytes written = FieldWriter().field("12345").take();
  EXPECT_EQ(reason(FieldReader(written).field(5)), "ok");
  EXPECT_EQ(reason(FieldReader(written).field(4)), "wire.field_too_long");
}

TEST(Fields, every_truncation_is_refused) {
  const Bytes written = FieldWriter().field("12345").take();
  for (std::size_t size = 0; size < written.size(); ++size)
    EXPECT_EQ(reason(FieldReader(ByteView(written).first(size)).field(100)), "wire.truncated") << size;
}

TEST(Fields, a_length_that_lies_does_not_reach_beyond_the_end) {
  for (const char* lie : {"00000006", "7fffffff", "80000000", "ffffffff"}) {
    Bytes bytes = from_hex(lie).value();
    append(bytes, as_bytes("12345"));
    EXPECT_EQ(reason(FieldReader(bytes).field(SIZE_MAX)), "wire.truncated") << lie;
  }
}

TEST(Fields, a_number_has_eight_bytes) {
  for (const std::size_t size : {0U, 1U, 7U}) {
    const Bytes written = FieldWriter().field(ByteView(Bytes(size))).take();
    EXPECT_EQ(reason(FieldReader(written).number()), "wire.bad_number") << size;
  }
  const Bytes nine = FieldWriter().field(ByteView(Bytes(9))).take();
  EXPECT_EQ(reason(FieldReader(nine).number()), "wire.field_too_long");
}

TEST(Fields, what_is_left_over_is_refused) {
  Bytes written = FieldWriter().field("a").take();
  written.push_back(0);
  FieldReader reader(written);
  EXPECT_EQ(reason(reader.field(1)), "ok");
  EXPECT_STREQ(reader.finish().error().reason, "wire.trailing_bytes");
}

}  // namespace
}  // namespace tf::wire
