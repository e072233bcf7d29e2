// What devices carried by one program share of the platform.
#include <gtest/gtest.h>

#include "protocols/rki/known_platform.hpp"
#include "tests/rki/scene.hpp"

namespace tf::rki::test {
namespace {

class Known : public ::testing::Test {
 protected:
  Estate& estate = shared_estate();
  const pki::Certificate root = estate.device(kDsn).root;
  const pki::Certificate leaf = estate.device(kDsn).device_chain.front();
  ServerHello hello{.chain = {leaf.der()}, .crl = {1, 2, 3}};
  const std::int64_t now = estate.clock.now_ms();
  KnownPlatform known;
};

TEST_F(Known, is_found_for_a_minute_with_the_same_chain_list_and_root_only) {
  EXPECT_FALSE(known.find(hello, root, now));
  known.remember(hello, root, leaf, now, leaf.not_after_ms());
  EXPECT_EQ(known.find(hello, root, now + 59'999), leaf);
  EXPECT_FALSE(known.find(hello, root, now + 60'000));
  EXPECT_FALSE(known.find(hello, root, now - 1)) << "a clock that went back";
  EXPECT_FALSE(known.find(hello, leaf, now)) << "another root";
  hello.crl = {1, 2, 4};
  EXPECT_FALSE(known.find(hello, root, now)) << "another list may revoke it";
  hello.crl = {1, 2, 3};
  hello.ocsp = Bytes{1};
  EXPECT_FALSE(known.find(hello, root, now)) << "another answer may tell it revoked";
  hello.ocsp.reset();
  EXPECT_TRUE(known.find(hello, root, now));
  hello.chain.push_back(root.der());
  EXPECT_FALSE(known.find(hello, root, now));
}

TEST_F(Known, is_not_found_any_more_when_its_ocsp_answer_is_out_of_date) {
  hello.ocsp = Bytes{1};
  known.remember(hello, root, leaf, now, now + 10'000);
  EXPECT_EQ(known.find(hello, root, now + 9'999), leaf);
  EXPECT_FALSE(known.find(hello, root, now + 10'000));
}

TEST_F(Known, lets_devices_share_a_validation_and_still_checks_each_serial) {
  Scene scene(Suite::modern);
  const auto begun = [&](const Identity& identity, TerminalPorts ports) {
    auto first = must(begin(identity, 1, ports));
    const std::string body = must(scene.platform.handle("hello", first.send->body));
    return step(std::move(first.next), body, identity, ports);
  };
  const TerminalPorts ports{estate.clock, scene.terminal_random, &known};
  EXPECT_OK(begun(estate.device(kDsn, {Suite::modern}), ports));
  EXPECT_OK(begun(estate.device(kOtherDsn, {Suite::modern}), ports));
}

}  // namespace
}  // namespace tf::rki::test
