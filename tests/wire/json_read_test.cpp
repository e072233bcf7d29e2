#include <gtest/gtest.h>

#include "wire/json.hpp"

namespace tf::wire {
namespace {

JsonObject object(std::string_view text) { return JsonObject::parse(text).value(); }
Code refusal(std::string_view text, JsonLimits limits = {}) {
  const auto parsed = JsonObject::parse(text, limits);
  return parsed ? Code::internal : parsed.error().code;
}
std::string nested(std::size_t depth) {
  std::string out = "{\"a\":";
  for (std::size_t i = 1; i < depth; ++i) out += "[";
  return out + "0" + std::string(depth - 1, ']') + "}";
}

TEST(JsonObject, reads_each_kind_of_member) {
  auto o = object(R"({"t":"text \u00e9\n","i":-42,"b":true,"l":["x","y"],"o":{"n":1},"a":[{"k":"1"},{"k":"2"}],"d":"AQID"})");
  EXPECT_EQ(o.text("t").value(), "text é\n");
  EXPECT_EQ(o.integer("i", -100, 100).value(), -42);
  EXPECT_TRUE(o.boolean("b").value());
  EXPECT_EQ(o.texts("l", 2).value(), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(o.object("o").value().integer("n", 0, 1).value(), 1);
  EXPECT_EQ(o.objects("a", 2).value()[1].text("k").value(), "2");
  EXPECT_EQ(o.base64url<3>("d").value(), (ByteArray<3>{1, 2, 3}));
  EXPECT_TRUE(o.finish());
}

TEST(JsonObject, a_member_that_nobody_asked_for_is_refused_by_name) {
  auto o = object(R"({"known":1,"surplus":2})");
  EXPECT_TRUE(o.integer("known", 0, 9));
  const auto finished = o.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::malformed);
  EXPECT_NE(finished.error().detail.find("surplus"), std::string::npos);
  EXPECT_TRUE(o.has("surplus"));
  EXPECT_FALSE(o.finish()) << "to look whether it is there is not to read it";
}

TEST(JsonObject, a_name_that_came_before_is_refused_at_any_depth) {
  for (const char* text : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"o":{"a":1,"a":2}})", R"({"l":[{"a":1,"a":2}]})",
                           R"({"a":1,"\u0061":2})", R"({"":1,"":2})"})
    EXPECT_EQ(refusal(text), Code::malformed) << text;
  EXPECT_TRUE(JsonObject::parse(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})"));
}

TEST(JsonObject, a_name_that_came_before_is_refused_among_few_and_among_many) {
  for (const int names : {2, 3, 15, 16, 17, 18, 100})
    for (const int first : {0, names / 2, names - 1}) {
      std::string text = "{";
      for (int i = 0; i < names; ++i) text += "\"n" + std::to_string(i) + "\":1,";
      EXPECT_TRUE(JsonObject::parse(text + "\"n\":1}"));
      EXPECT_EQ(refusal(text + "\"n" + std::to_string(first) + "\":1}"), Code::malformed) << names << ", " << first;
    }
}

TEST(JsonObject, is_an_object_and_the_whole_text) {
  for (const char* text : {"", " ", "[]", "1", "\"a\"", "null", "true", "{", "}", "{}{}", "{} {}", "{}x", "{},", "{}\n1", "[{}]"})
    EXPECT_EQ(refusal(text), Code::malformed) << text;
  EXPECT_EQ(refusal(std::string_view("{}\0", 3)), Code::malformed);
  EXPECT_TRUE(JsonObject::parse("{}"));
  EXPECT_TRUE(JsonObject::parse(" \r\n\t{ } \n"));
}

TEST(JsonObject, is_json_and_no_dialect) {
  for (const char* text : {"{'a':1}", "{a:1}", "{\"a\":1,}", "{\"a\":[1,]}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":0x1}",
                           "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":1}//", "{\"a\":/**/1}", "{\"a\":TRUE}", "{\"a\":\"\n\"}", "{\"a\":\"\\x41\"}",
                           "{\"a\":\"\\ud800\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "\xef\xbb\xbf{}", "{\"a\" 1}", "{\"a\"}", "{1:1}"})
    EXPECT_EQ(refusal(text), Code::malformed) << text;
}

TEST(JsonObject, a_number_without_bounds_is_refused) {
  for (const char* text : {"{\"a\":1e400}", "{\"a\":-1e400}", "{\"a\":1e999999999}", "{\"a\":[1,2,1e309]}"})
    EXPECT_EQ(refusal(text), Code::malformed) << text;
}

TEST(JsonObject, depth_is_capped) {
  EXPECT_TRUE(JsonObject::parse(nested(8), {.size = 1000, .depth = 8}));
  EXPECT_EQ(refusal(nested(9), {.size = 1000, .depth = 8}), Code::malformed);
  EXPECT_EQ(refusal(nested(30'000), {.size = 100'000, .depth = 8}), Code::malformed);
  EXPECT_EQ(refusal("{\"a\":" + std::string(60'000, '['), {}), Code::malformed);
}

TEST(JsonObject, size_is_capped) {
  const std::string text = "{\"a\":\"" + std::string(100, 'x') + "\"}";
  EXPECT_TRUE(JsonObject::parse(text, {.size = text.size(), .depth = 8}));
  EXPECT_EQ(refusal(text, {.size = text.size() - 1, .depth = 8}), Code::malformed);
  EXPECT_EQ(refusal("{\"" + std::string(300, 'k') + "\":1}"), Code::malformed) << "names are short";
}

TEST(JsonObject, a_member_of_another_kind_is_refused) {
  auto o = object(R"({"t":"1","i":1,"d":1.0,"n":null,"b":true,"l":["x",1],"o":{},"a":[{},1]})");
  EXPECT_FALSE(o.text("i"));
  EXPECT_FALSE(o.text("n"));
  EXPECT_FALSE(o.text("missing"));
  EXPECT_FALSE(o.integer("t", 0, 9));
  EXPECT_FALSE(o.integer("d", 0, 9));
  EXPECT_FALSE(o.integer("b", 0, 9));
  EXPECT_FALSE(o.boolean("i"));
  EXPECT_FALSE(o.texts("l", 9));
  EXPECT_FALSE(o.texts("t", 9));
  EXPECT_FALSE(o.object("a"));
  EXPECT_FALSE(o.objects("a", 9));
  EXPECT_FALSE(o.objects("o", 9));
}

TEST(JsonObject, members_have_bounds) {
  auto o = object(R"({"t":"12345","i":5,"l":["a","bb"],"a":[{},{}],"big":9223372036854775808})");
  EXPECT_TRUE(o.text("t", 5));
  EXPECT_FALSE(o.text("t", 4));
  EXPECT_TRUE(o.integer("i", 5, 5));
  EXPECT_FALSE(o.integer("i", 6, 9));
  EXPECT_FALSE(o.integer("i", 0, 4));
  EXPECT_FALSE(o.integer("big", INT64_MIN, INT64_MAX));
  EXPECT_FALSE(o.texts("l", 1));
  EXPECT_FALSE(o.texts("l", 2, 1));
  EXPECT_FALSE(o.objects("a", 1));
}

TEST(JsonObject, an_optional_text_may_be_missing_but_not_wrong) {
  auto o = object(R"({"t":"x","n":null})");
  EXPECT_EQ(o.optional_text("t").value(), "x");
  EXPECT_EQ(o.optional_text("missing").value(), std::nullopt);
  EXPECT_FALSE(o.optional_text("n"));
}

TEST(JsonObject, base64url_members_are_canonical_and_of_their_length) {
  auto o = object(R"({"a":"AQID","b":"AQI=","c":"AQJ","d":"","e":"AQ ID"})");
  EXPECT_TRUE(o.base64url("a", 3, 3));
  EXPECT_FALSE(o.base64url("a", 4, 9));
  EXPECT_FALSE(o.base64url("a", 0, 2));
  EXPECT_FALSE(o.base64url<4>("a"));
  EXPECT_FALSE(o.base64url("b", 0, 9));
  EXPECT_FALSE(o.base64url("c", 0, 9));
  EXPECT_TRUE(o.base64url("d", 0, 9));
  EXPECT_FALSE(o.base64url("e", 0, 9));
}

TEST(JsonObject, nested_objects_outlive_their_parent) {
  auto inner = object(R"({"o":{"list":[{"k":"v"}]}})").object("o").value().objects("list", 1).value();
  EXPECT_EQ(inner[0].text("k").value(), "v");
}

}  // namespace
}  // namespace tf::wire
