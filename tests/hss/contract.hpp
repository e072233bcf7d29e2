// What every keeper of subscriptions must do, whatever it is made of. Each test gets a fresh one without subscribers.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "hss/subscribers.hpp"

namespace tf::hss::test {

class UnderTest {
 public:
  virtual ~UnderTest() = default;
  virtual Subscribers& subscribers() = 0;
};

struct SubscribersFactory {
  std::string name;
  std::function<std::unique_ptr<UnderTest>()> make;
  crypto::AkaAlgorithm algorithm = crypto::AkaAlgorithm::milenage;  // of its subscribers
};
inline void PrintTo(const SubscribersFactory& factory, std::ostream* out) { *out << factory.name; }

class SubscribersContract : public testing::TestWithParam<SubscribersFactory> {
 protected:
  SubscribersContract() : under_test(GetParam().make()), hss(under_test->subscribers()) {}
  std::unique_ptr<UnderTest> under_test;
  Subscribers& hss;
};

}  // namespace tf::hss::test
