// The frame of the two misbehaving sides: a fault has a name, what is done to bring it about, and the exact reason with which
// the other side must refuse it.
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

// The same under both suites.
inline void add_both(std::vector<Misbehaviour>& to, const std::string& name, const std::function<void(Scene&)>& prepare,
                     const std::string& reason) {
  for (const Suite suite : {Suite::classic, Suite::modern}) to.push_back({name, suite, prepare, reason});
}

// Afterwards nobody is locked out: an honest terminal and an honest platform finish at once.
inline void expect_recovery(Scene& scene) {
  scene.platform.tamper = nullptr;
  scene.platform.own_credentials.reset();
  scene.platform.without_dik1 = false;
  scene.platform.conversations.clear();
  scene.forget();
  EXPECT_OK(scene.terminal.download(scene.platform.exchange(), 1));
  scene.expect_agreement();
}

}  // namespace tf::rki::test
