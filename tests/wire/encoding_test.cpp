#include "wire/encoding.hpp"

#include <gtest/gtest.h>

namespace tf::wire {
namespace {

struct Pair {
  const char* bytes;
  const char* text;
};

// RFC 4648 §10
const Pair kBase64[] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

template <class R>
void expect_malformed(const R& result, std::string_view text) {
  ASSERT_FALSE(result) << text;
  EXPECT_EQ(result.error().code, Code::malformed) << text;
}

TEST(Base64, gives_and_reads_the_published_texts) {
  for (const auto& [bytes, text] : kBase64) {
    EXPECT_EQ(base64(as_bytes(bytes)), text);
    EXPECT_EQ(as_text(from_base64(text).value()), bytes);
    const std::string unpadded = std::string(text).substr(0, std::string(text).find('='));
    EXPECT_EQ(base64url(as_bytes(bytes)), unpadded);
    EXPECT_EQ(as_text(from_base64url(unpadded).value()), bytes);
  }
}

TEST(Base64, every_byte_survives_at_every_position) {
  for (unsigned value = 0; value < 256; ++value) {
    for (std::size_t size = 1; size <= 4; ++size) {
      const Bytes bytes(size, static_cast<std::uint8_t>(value));
      EXPECT_EQ(from_base64(base64(bytes)).value(), bytes);
      EXPECT_EQ(from_base64url(base64url(bytes)).value(), bytes);
    }
  }
}

TEST(Base64, differs_from_base64url_in_two_characters_and_padding) {
  const Bytes bytes{0xfb, 0xff, 0xfe};
  EXPECT_EQ(base64(bytes), "+//+");
  EXPECT_EQ(base64url(bytes), "-__-");
  expect_malformed(from_base64("-__-"), "-__-");
  expect_malformed(from_base64url("+//+"), "+//+");
}

TEST(Base64, has_no_second_spelling) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zg====", "Z", "Zh==", "Zm9=", "Zm8==", "=", "==", "====", "Z===", "Zm9v====", "Zg==Zg==",
                           "Zg= =", " Zg==", "Zg==\n", "Zm9v\n", "Zm\n9v", "Zm9!", "Zm9\xff"})
    expect_malformed(from_base64(text), text);
}

TEST(Base64url, has_no_second_spelling) {
  for (const char* text : {"Zg==", "Z", "Zh", "Zm9", "Zm9vY", " Zg", "Zg ", "Zg\n", "Zg.", "Zm9v=", "Zm9\xff"})
    expect_malformed(from_base64url(text), text);
  expect_malformed(from_base64url(std::string_view("Zg\0", 3)), "a zero");
}

TEST(Hex, is_written_in_the_case_asked_for_and_read_in_either) {
  const Bytes bytes{0x00, 0x01, 0x7f, 0x80, 0xab, 0xff};
  EXPECT_EQ(hex_upper(bytes), "00017F80ABFF");
  EXPECT_EQ(hex_lower(bytes), "00017f80abff");
  for (const char* text : {"00017F80ABFF", "00017f80abff", "00017F80aBfF"}) EXPECT_EQ(from_hex(text).value(), bytes);
  EXPECT_EQ(from_hex("").value(), Bytes());
  EXPECT_EQ(secret_from_hex("00017f80abff").value(), SecretBytes(ByteView(bytes)));
}

TEST(Hex, refuses_everything_else) {
  for (const char* text : {"0", "000", "0g", "g0", "0x", "0x00", " 00", "00 ", "0 0", "00\n", "-1", "+1", "é", "@@", "``", "//", "::"}) {
    expect_malformed(from_hex(text), text);
    expect_malformed(secret_from_hex(text), text);
  }
}

TEST(Hex, refuses_each_byte_that_is_no_digit_at_either_place) {
  for (int c = 0; c < 256; ++c) {
    const bool digit = std::isxdigit(c) != 0;
    EXPECT_EQ(from_hex(std::string{static_cast<char>(c), '0'}).has_value(), digit) << c;
    EXPECT_EQ(from_hex(std::string{'0', static_cast<char>(c)}).has_value(), digit) << c;
  }
}

}  // namespace
}  // namespace tf::wire
