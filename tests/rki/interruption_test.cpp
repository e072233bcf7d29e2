// Interrupted after any message, a terminal that begins again receives the same keys in the same version, never a
// second set (row 8 of the feature table).
#include "tests/rki/scene.hpp"

namespace tf::rki::test {
namespace {

struct Cut {
  Suite suite;
  int message;     // 0 to 7: after so many messages the line is dead
  bool restarted;  // and the platform has forgotten its conversations
};

class Interruption : public ::testing::TestWithParam<Cut> {
 protected:
  // The line: message 2n is the n-th request, 2n + 1 its reply.
  Result<std::string> post(std::string_view route, const std::string& body) {
    const Error lost{Code::not_found, "test.line_dead", "the line is dead"};
    if (sent_++ >= GetParam().message) return lost;
    auto reply = scene_.platform.handle(route, body);
    if (sent_++ >= GetParam().message) return lost;
    return reply;
  }

  Scene scene_{GetParam().suite};
  int sent_ = 0;
};

std::vector<Cut> cuts() {
  std::vector<Cut> out;
  for (const Suite suite : {Suite::classic, Suite::modern})
    for (int message = 0; message < 8; ++message)
      for (const bool restarted : {false, true}) out.push_back({suite, message, restarted});
  return out;
}

std::string cut_name(const ::testing::TestParamInfo<Cut>& info) {
  return std::string(name_of(info.param.suite)) + "_after_" + std::to_string(info.param.message) +
         (info.param.restarted ? "_restarted" : "");
}
INSTANTIATE_TEST_SUITE_P(Everywhere, Interruption, ::testing::ValuesIn(cuts()), cut_name);

TEST_P(Interruption, gives_the_same_keys_and_never_a_second_set) {
  const auto broken = [this](std::string_view route, const std::string& body) { return post(route, body); };
  EXPECT_REASON(scene_.terminal.converse(1, broken), "test.line_dead");
  const bool token_arrived = GetParam().message >= 5;
  EXPECT_EQ(scene_.platform.sets_of(kDsn), token_arrived ? 1 : 0);
  EXPECT_TRUE(scene_.terminal.in_use.empty());
  const std::map<Slot, HeldKey> arrived = std::move(scene_.terminal.arrived);
  scene_.terminal.arrived.clear();
  EXPECT_EQ(arrived.size(), GetParam().message >= 6 ? 4U : 0U);

  if (GetParam().restarted) scene_.platform.conversations.clear();
  EXPECT_OK(scene_.terminal.download(scene_.platform.exchange(), 1));
  EXPECT_EQ(scene_.platform.sets_of(kDsn), 1);
  EXPECT_EQ(scene_.terminal.set, 1);
  for (const auto& [slot, key] : arrived) {
    EXPECT_EQ(scene_.terminal.in_use.at(slot).key, key.key);
    EXPECT_EQ(scene_.terminal.in_use.at(slot).version, key.version);
  }
  scene_.expect_agreement();
}

TEST_P(Interruption, of_a_renewal_leaves_the_old_keys_in_use) {
  EXPECT_OK(scene_.terminal.download(scene_.platform.exchange(), 1));
  scene_.platform.renew(kDsn, GetParam().suite);
  const auto broken = [this](std::string_view route, const std::string& body) { return post(route, body); };
  EXPECT_REASON(scene_.terminal.converse(1, broken), "test.line_dead");
  for (const auto& [slot, key] : scene_.terminal.in_use) EXPECT_EQ(key.set, 1) << name_of(slot);
  // Only when the acknowledgement alone is lost is the platform ahead; the terminal has the new keys installed.
  if (GetParam().message < 7) {
    scene_.expect_agreement();
  } else {
    EXPECT_EQ(scene_.terminal.arrived.size(), 4U);
  }
  EXPECT_OK(scene_.terminal.download(scene_.platform.exchange(), 1));
  EXPECT_EQ(scene_.terminal.in_use.at(Slot::tmk).set, 2);
  EXPECT_EQ(scene_.platform.sets_of(kDsn), 2);
  scene_.expect_agreement();
}

}  // namespace
}  // namespace tf::rki::test
