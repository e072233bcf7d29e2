// Whole stories with fixed randomness, byte for byte as in vectors/wallet/golden_<story>.txt. A message more or less, a byte of
// randomness drawn more or less on either side or inside OpenSSL: all of them show.
//
// After an intended change of the protocol the files are written anew by
//   TRUSTFERRY_WRITE_GOLDEN=1 build/release/tests/wallet/test_wallet --gtest_filter='*Golden*'
// and the difference is read before it is committed. The bytes hold for OpenSSL 3.0, whose key generation and ECDSA nonces
// draw in a certain order.
#include <fmt/format.h>

#include <cstdlib>

#include "base/file.hpp"
#include "tests/wallet/line.hpp"
#include "wire/encoding.hpp"

namespace tf::wallet::test {
namespace {

class WalletGolden : public testing::TestWithParam<Story> {
 protected:
  static std::string story(Story which) {
    StoryWorld stage{.world = World("golden")};
    World& world = stage.world;
    std::string out = fmt::format("# wallet, {}: a phone registers, activates, logs in, pays, asks and has some of it given back.\n"
                                  "# > request, < answer; drawn: bytes of randomness so far by both sides, and inside OpenSSL.\n", name_of(which));
    Phone phone = stage.phone(which);
    phone.line = [&](std::string_view route, const std::string& body) {
      auto answer = world.handle(route, body);
      out += fmt::format("> {} {}\n< {}\ndrawn {} openssl {}\n", route, body, answer ? *answer : describe(answer.error()), world.random.drawn(),
                         world.openssl_random.drawn());
      return answer;
    };
    const auto end = stage.tell(phone);
    EXPECT_OK(end);
    if (end) out += fmt::format("sms {}\nfile {}\ntransaction {}\n", world.sms.back().text, wire::base64url(phone.file), end->transaction);
    return out + "end\n";
  }
  static std::string path(Story which) { return fmt::format("{}/vectors/wallet/golden_{}.txt", TRUSTFERRY_SOURCE_DIR, name_of(which)); }
};
INSTANTIATE_TEST_SUITE_P(Stories, WalletGolden, testing::Values(Story::modern, Story::modern_key_of_platform, Story::classic),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(WalletGolden, story_is_the_recorded_one) {
  const std::string now = story(GetParam());
  if (std::getenv("TRUSTFERRY_WRITE_GOLDEN") != nullptr) must(write_file_atomic(path(GetParam()), as_bytes(now), 0644));
  EXPECT_EQ(now, as_text(must(read_file(path(GetParam()), 256 * 1024))));
}

TEST_P(WalletGolden, story_is_the_same_each_time) { EXPECT_EQ(story(GetParam()), story(GetParam())); }

}  // namespace
}  // namespace tf::wallet::test
