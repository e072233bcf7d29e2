#include "net/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/json.hpp"

namespace tf::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr Code kAll[] = {Code::invalid,   Code::malformed, Code::refused,    Code::denied,
                         Code::not_found, Code::conflict,  Code::overloaded, Code::unavailable,
                         Code::sealed,    Code::integrity, Code::internal};

TEST(Problem, maps_each_code_to_its_status) {
  const int expected[] = {400, 400, 403, 403, 404, 409, 503, 503, 503, 500, 500};
  for (std::size_t i = 0; i < std::size(kAll); ++i)
    EXPECT_EQ(to_problem({kAll[i], "a.b", {}}).status, expected[i]) << name_of(kAll[i]);
  EXPECT_EQ(to_problem({Code::denied, kNoCredentials, {}}).status, 401);
}

TEST(Problem, tells_a_peer_the_code_and_nothing_finer) {
  const HttpResponse response = to_problem({Code::refused, "rki.token_replayed", "token 7 of DSN X"});
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"urn:trustferry:problem:refused","title":"Refused","status":403,"code":"refused"})");
}

TEST(Problem, tells_an_operator_reason_detail_and_instance) {
  const HttpResponse response = to_problem({Code::conflict, "store.changed", "row \"7\""},
                                           {.audience = Audience::operator_, .instance = "/v1/x"});
  EXPECT_THAT(response.body, HasSubstr(R"("instance":"/v1/x","reason":"store.changed","detail":"row \"7\"")"));
}

TEST(Problem, says_when_to_come_back_only_where_it_helps) {
  EXPECT_THAT(to_problem({Code::overloaded, "a.b", {}}).headers, ElementsAre(Pair("Retry-After", "1")));
  EXPECT_THAT(to_problem({Code::unavailable, "a.b", {}}, {.retry_after_s = 30}).headers,
              ElementsAre(Pair("Retry-After", "30")));
  EXPECT_THAT(to_problem({Code::sealed, "a.b", {}}).headers, ElementsAre());
}

TEST(Problem, comes_back_as_the_same_code) {
  for (const Code code : kAll) {
    const Error error = from_problem(to_problem({code, "a.b", {}}));
    EXPECT_EQ(error.code, code) << name_of(code);
    EXPECT_STREQ(error.reason, "net.problem");
  }
  const Error told = from_problem(to_problem({Code::not_found, "a.b", "no zone"}, {.audience = Audience::operator_}));
  EXPECT_EQ(told.detail, "404 a.b: no zone");
}

TEST(Problem, takes_the_status_when_the_body_is_no_problem_document) {
  EXPECT_EQ(from_problem(404, "<html>").code, Code::not_found);
  EXPECT_EQ(from_problem(502, "").code, Code::unavailable);
  EXPECT_EQ(from_problem(403, R"({"code":7,"detail":[]})").code, Code::refused);
  EXPECT_EQ(from_problem(401, R"({"code":"nonsense"})").code, Code::denied);
  EXPECT_EQ(from_problem(418, "").code, Code::invalid);
  EXPECT_EQ(from_problem(302, "").code, Code::internal);
}

TEST(Problem, cuts_and_cleans_what_the_other_side_wrote) {
  const std::string body = R"({"code":"invalid","detail":"a\u001b[31m)" + std::string(2000, 'x') + "\"}";
  const Error error = from_problem(400, body);
  EXPECT_THAT(error.detail, Not(HasSubstr("\x1b")));
  EXPECT_LE(error.detail.size(), 404u);
}

TEST(Problem, reads_retry_after_as_plain_seconds) {
  const auto of = [](const char* value) { return retry_after_s({503, "", "", {{"retry-after", value}}}); };
  EXPECT_EQ(of("7"), 7);
  for (const char* bad : {"", "-1", "7s", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999", "86401"})
    EXPECT_EQ(of(bad), std::nullopt) << bad;
  EXPECT_EQ(retry_after_s({503, "", "", {}}), std::nullopt);
}

}  // namespace
}  // namespace tf::net
