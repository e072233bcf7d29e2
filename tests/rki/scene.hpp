// What most tests of rki begin with: the shared estate, a platform that knows two terminals, one terminal.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/terminal_under_test.hpp"

namespace tf::rki::test {

using namespace tf::test;  // NOLINT: these tests live among its words

inline constexpr Slot kAllSlots[] = {Slot::tmk, Slot::pin, Slot::mac, Slot::data};

struct Scene {
  explicit Scene(Suite suite, Estate& of = shared_estate())
      : estate(of), suite(suite), platform(of, platform_random),
        terminal(of.device(kDsn, {suite}), of.clock, terminal_random) {
    platform.admit(kDsn);
    platform.admit(kOtherDsn);
  }
  // Another device, made in the same factory.
  TerminalUnderTest device(const wire::Dsn& dsn, std::vector<Suite> suites) {
    return TerminalUnderTest(estate.device(dsn, std::move(suites)), estate.clock, terminal_random);
  }
  TerminalUnderTest second_device(const wire::Dsn& dsn) {
    return TerminalUnderTest(estate.second_device(dsn, {Suite::modern}), estate.clock, terminal_random);
  }
  // As if the terminal had never downloaded anything; conversations on the platform stay.
  void forget() {
    platform.admit(kDsn);
    platform.actions.clear();
    terminal = device(kDsn, {suite});
  }
  void expect_agreement() {
    EXPECT_EQ(platform.broken_promise(), "");
    EXPECT_EQ(terminal.disagreement(platform), "");
  }

  Estate& estate;
  Suite suite;
  DeterministicRandom openssl_random{"scene openssl"};
  OpenSslRandomness guard{openssl_random};
  DeterministicRandom platform_random{"scene platform"};
  DeterministicRandom terminal_random{"scene terminal"};
  MemoryPlatform platform;
  TerminalUnderTest terminal;
};

inline std::string suite_name(const ::testing::TestParamInfo<Suite>& info) { return std::string(name_of(info.param)); }

}  // namespace tf::rki::test

#define EXPECT_OK(expr)                                                      \
  do {                                                                       \
    const auto& ok_result_ = (expr);                                         \
    EXPECT_TRUE(ok_result_.has_value()) << tf::describe(ok_result_.error()); \
  } while (false)
#define EXPECT_REASON(expr, expected)                        \
  do {                                                       \
    const auto& refused_ = (expr);                           \
    ASSERT_FALSE(refused_.has_value()) << "was not refused"; \
    EXPECT_STREQ(refused_.error().reason, expected);         \
  } while (false)
