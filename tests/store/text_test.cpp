#include "store/text.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tf::store
