// What a Result is expected to be.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.hpp"

#define EXPECT_OK(expr)                                                      \
  do {                                                                       \
    const auto& ok_result_ = (expr);                                         \
    EXPECT_TRUE(ok_result_.has_value()) << tf::describe(ok_result_.error()); \
  } while (false)
#define ASSERT_OK(expr)                                                      \
  do {                                                                       \
    const auto& ok_result_ = (expr);                                         \
    ASSERT_TRUE(ok_result_.has_value()) << tf::describe(ok_result_.error()); \
  } while (false)
#define EXPECT_REFUSED(expr, expected_code, expected_reason)                             \
  do {                                                                                   \
    const auto& refused_ = (expr);                                                       \
    ASSERT_FALSE(refused_.has_value()) << "was not refused";                             \
    EXPECT_EQ(refused_.error().code, expected_code) << tf::describe(refused_.error());   \
    EXPECT_STREQ(refused_.error().reason, expected_reason) << refused_.error().detail;   \
  } while (false)
