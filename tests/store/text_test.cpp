#include "store/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tf::store {
namespace {

using namespace std::string_view_literals;

TEST(StorableText, is_well_formed_utf8) {
  for (const auto text : {""sv, "plain"sv, "\x7f\t\n"sv, "é"sv, "\u0800\uffff\ud7ff\ue000"sv, "\U00010000\U0010ffff"sv})
    EXPECT_TRUE(is_storable_text(text));
}

TEST(StorableText, is_nothing_else) {
  for (const auto text : {"\0"sv, "a\0"sv, "\x80"sv, "\xbf"sv, "\xc2"sv, "\xc2\x41"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv,
                          "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xe2\x82"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv,
                          "\xf5\x80\x80\x80"sv, "\xf0\x9f\x94"sv, "\xff"sv, "good\xfe"sv})
    EXPECT_FALSE(is_storable_text(text));
}

// ASCII is looked at eight octets at a time.
TEST(StorableText, is_judged_by_every_octet_wherever_it_stands) {
  for (std::size_t length = 1; length <= 24; ++length) {
    const std::string plain(length, 'a');
    EXPECT_TRUE(is_storable_text(plain)) << length;
    for (std::size_t at = 0; at < length; ++at) {
      const auto with = [&](std::string_view text) { return std::string(plain).replace(at, 1, text); };
      EXPECT_FALSE(is_storable_text(with("\0"sv))) << length << " " << at;
      EXPECT_FALSE(is_storable_text(with("\x80"sv))) << length << " " << at;
      EXPECT_TRUE(is_storable_text(with("é"sv))) << length << " " << at;
    }
  }
}

}  // namespace
}  // namespace tf::store
