#include "base/log.hpp"

#include <gtest/gtest.h>

namespace tf {
namespace {

TEST(QuotedText, cannot_begin_a_line_of_its_own_nor_end_its_quotes) {
  EXPECT_EQ(log::quoted("plain"), "\"plain\"");
  EXPECT_EQ(log::quoted("a\nb"), "\"a\\u000ab\"");
  EXPECT_EQ(log::quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(log::quoted(std::string_view("\0\x1b[31m\x7f", 7)), "\"\\u0000\\u001b[31m\\u007f\"");
}

TEST(QuotedText, is_cut_at_120_bytes) {
  EXPECT_EQ(log::quoted(std::string(120, 'x')), "\"" + std::string(120, 'x') + "\"");
  EXPECT_EQ(log::quoted(std::string(121, 'x')), "\"" + std::string(120, 'x') + "…\"");
}

TEST(Log, writes_one_line_an_event) {
  testing::internal::CaptureStderr();
  log::set_json(true);
  log::info("a \"quoted\" word");
  log::set_json(false);
  log::warn("plain");
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_NE(written.find("\"message\":\"a \\\"quoted\\\" word\"}\n"), std::string::npos) << written;
  EXPECT_NE(written.find("plain\n"), std::string::npos) << written;
}

}  // namespace
}  // namespace tf
