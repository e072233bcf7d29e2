// The frame of the two misbehaving sides: a fault has a name, what is done to bring it about, and the exact reason with
// which the other side must refuse it.
#pragma once
#include <algorithm>

#include "tests/rki/scene.hpp"

namespace tf::rki::test {

struct Misbehaviour {
  std::string name;
  Suite suite;
  std::function<void(Scene&)> prepare;
  std::string reason;
};

inline std::string misbehaviour_name(const ::testing::TestParamInfo<Misbehaviour>& info) {
  std::string out = std::string(name_of(info.param.suite)) + "_" + info.param.name;
  std::ranges::replace_if(out, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return out;
}

inline void add_one(std::vector<Misbehaviour>& to, const std::string& name, Suite suite,
                    const std::function<void(Scene&)>& prepare, const std::string& reason) {
  to.push_back({name, suite, prepare, reason});
}
// The same under both suites.
inline void add_both(std::vector<Misbehaviour>& to, const std::string& name, const std::function<void(Scene&)>& prepare,
                     const std::string& reason) {
  for (const Suite suite : {Suite::classic, Suite::modern}) to.push_back({name, suite, prepare, reason});
}

// Afterwards nobody is locked out: an honest terminal and an honest platform finish at once.
inline void expect_recovery(Scene& scene) {
  scene.platform.tamper = nullptr;
  scene.platform.own_credentials.reset();
  scene.platform.own_clock = nullptr;
  scene.platform.without_dik1 = false;
  scene.platform.conversations.clear();
  scene.forget();
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  scene.expect_agreement();
}

// A terminal's fault: refused by the platform, for that reason, and nothing became active by it.
inline void expect_refused_by_the_platform(const Misbehaviour& fault) {
  Scene scene(fault.suite);
  fault.prepare(scene);
  const auto receipts = [&] { return std::ranges::count(scene.platform.actions, "rki.receipt"); };
  const std::ptrdiff_t before = receipts();
  EXPECT_FALSE(scene.terminal.converse(1, scene.platform.exchange()).has_value());
  EXPECT_EQ(scene.platform.last_refusal, fault.reason);
  EXPECT_EQ(scene.platform.broken_promise(), "");
  EXPECT_EQ(receipts(), before);
  expect_recovery(scene);
}

// Changes the terminal's message on one route.
using Send = std::function<void(Scene&, const TerminalState& before, std::string_view received, Outgoing& message)>;
inline std::function<void(Scene&)> sends(std::string_view route, Send change) {
  return [route, change = std::move(change)](Scene& scene) {
    scene.terminal.tamper = [&scene, route, change](const TerminalState& before, std::string_view received,
                                                    TerminalStep& step) {
      if (step.send && step.send->route == route) change(scene, before, received, *step.send);
    };
  };
}

}  // namespace tf::rki::test
