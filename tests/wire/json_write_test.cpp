#include <gtest/gtest.h>

#include "wire/json.hpp"

namespace tf::wire {
namespace {

TEST(JsonWriter, writes_in_the_order_of_the_calls) {
  JsonWriter writer;
  writer.begin_object().member("b", "x").member("a", 1).member("t", true).member("d", 0.5).key("n").null();
  writer.key("l").begin_array().value("y").value(std::int64_t{-2}).begin_object().end_object().begin_array().end_array().end_array();
  writer.member("last", std::string("z")).end_object();
  EXPECT_EQ(writer.text(), R"({"b":"x","a":1,"t":true,"d":0.5,"n":null,"l":["y",-2,{},[]],"last":"z"})");
}

TEST(JsonWriter, an_empty_object_stays_empty) { EXPECT_EQ(JsonWriter().begin_object().end_object().text(), "{}"); }

TEST(JsonWriter, every_text_comes_back_from_the_reader) {
  for (int c = 0; c < 128; ++c) {
    const std::string text = "a" + std::string(1, static_cast<char>(c)) + "b";
    const std::string written = JsonWriter().begin_object().member("t", text).end_object().take();
    auto read = JsonObject::parse(written);
    ASSERT_TRUE(read) << written;
    EXPECT_EQ(read->text("t").value(), text);
  }
  const std::string accents = "é € 𝄞 \u2028";
  const std::string written = JsonWriter().begin_object().member("t", accents).end_object().take();
  EXPECT_EQ(JsonObject::parse(written).value().text("t").value(), accents);
}

TEST(JsonWriter, a_text_cannot_break_out_of_its_quotes) {
  EXPECT_EQ(JsonWriter().begin_object().member("t", "\",\"x\":\"\\\n").end_object().text(), R"({"t":"\",\"x\":\"\\\n"})");
  EXPECT_EQ(JsonWriter().begin_object().member("a\"b", 1).end_object().text(), R"({"a\"b":1})");
}

TEST(JsonWriter, the_widest_integers_are_exact) {
  EXPECT_EQ(JsonWriter().begin_object().member("a", INT64_MIN).member("b", INT64_MAX).end_object().text(),
            R"({"a":-9223372036854775808,"b":9223372036854775807})");
}

}  // namespace
}  // namespace tf::wire
