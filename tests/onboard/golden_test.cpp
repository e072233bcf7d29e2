// A whole story with fixed randomness, byte for byte as in vectors/onboard/golden.txt. A message more or less, a byte of randomness drawn
// more or less by any side or inside OpenSSL: all of them show.
//
// After an intended change of the protocol the file is written anew by
//   TRUSTFERRY_WRITE_GOLDEN=1 build/release/tests/onboard/test_onboard --gtest_filter='*Golden*'
// and the difference is read before it is committed. The bytes hold for OpenSSL 3.0 and libxmlsec1 1.2.37, which draw in a certain order.
#include <fmt/format.h>

#include <cstdlib>

#include "base/file.hpp"
#include "tests/onboard/world.hpp"
#include "wire/encoding.hpp"

namespace tf::onboard::test {
namespace {

std::string story() {
  World world("golden");
  std::string out = "# onboard: an operator registers a device, which gets its subscription over the air.\n"
                    "# > to route and request, < answer; drawn: bytes of randomness so far by all sides, and inside OpenSSL.\n";
  world.line = [&](const Message& message, const Deliver& deliver) {
    out += fmt::format("> {} {} {}\n", message.to, message.route, message.body);
    auto answer = deliver(message);
    out += fmt::format("< {} {} {}\ndrawn {} openssl {}\n", message.to, message.route, answer ? *answer : describe(answer.error()), world.random.drawn(),
                       world.openssl_random.drawn());
    return answer;
  };
  EXPECT_OK(world.operators.at("a").contract({kId, "Anna", "plan-1", {}, {}}));
  Device device(world);
  EXPECT_OK(device.run());
  const DeviceState end = device.state();
  return out + fmt::format("imsi {}\nenvelope hash {}\nend\n", device.imsi().value_or("none"), wire::hex_lower(end.envelope_hash));
}

std::string path() { return std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/onboard/golden.txt"; }

TEST(OnboardGolden, story_is_the_recorded_one) {
  const std::string now = story();
  if (std::getenv("TRUSTFERRY_WRITE_GOLDEN") != nullptr) must(write_file_atomic(path(), as_bytes(now), 0644));
  EXPECT_EQ(now, as_text(must(read_file(path(), 256 * 1024))));
}

TEST(OnboardGolden, story_is_the_same_each_time) { EXPECT_EQ(story(), story()); }

}  // namespace
}  // namespace tf::onboard::test
