// Whole conversations with fixed randomness, byte for byte as in vectors/rki/golden_<suite>.txt. A message more or
// less, a byte of randomness drawn more or less on either side or inside OpenSSL: all of them show.
//
// After an intended change of the protocol the files are written anew by
//   TRUSTFERRY_WRITE_GOLDEN=1 build/release/tests/rki/test_rki --gtest_filter='*Golden*'
// and the difference is read before it is committed. The bytes hold for OpenSSL 3.0, whose RSA key generation and ECDSA
// nonces draw in a certain order.
#include <fmt/format.h>

#include <cstdlib>

#include "base/file.hpp"
#include "tests/rki/scene.hpp"

namespace tf::rki::test {
namespace {

class Golden : public ::testing::TestWithParam<Suite> {
 protected:
  static std::string conversation(Suite suite) {
    Estate estate("golden");  // of its own: what other tests did with the shared one would show
    Scene scene(suite, estate);
    std::string out = fmt::format(
        "# rki, suite {}: one download of a set of four keys.\n"
        "# > request, < reply; drawn: bytes of randomness so far on either side and inside OpenSSL.\n",
        name_of(suite));
    const Exchange recorded = [&](std::string_view route, const std::string& body) {
      out += fmt::format("> {} {}\n", route, body);
      auto reply = scene.platform.handle(route, body);
      out += fmt::format("< {} {}\n", route, reply ? *reply : reply.error().reason);
      out += fmt::format("drawn device {} platform {} openssl {}\n", scene.terminal_random.drawn(),
                         scene.platform_random.drawn(), scene.openssl_random.drawn());
      return reply;
    };
    EXPECT_OK(scene.terminal.download(recorded, 1));
    for (const auto& [slot, key] : scene.terminal.in_use)
      out += fmt::format("installed {} {} {}\n", name_of(slot), key.version, key.kcv);
    return out + "end\n";
  }
  static std::string path(Suite suite) {
    return fmt::format("{}/vectors/rki/golden_{}.txt", TRUSTFERRY_SOURCE_DIR, name_of(suite));
  }
};
INSTANTIATE_TEST_SUITE_P(Suites, Golden, ::testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(Golden, conversation_is_the_recorded_one) {
  const std::string now = conversation(GetParam());
  if (std::getenv("TRUSTFERRY_WRITE_GOLDEN") != nullptr) must(write_file_atomic(path(GetParam()), as_bytes(now), 0644));
  EXPECT_EQ(now, as_text(must(read_file(path(GetParam()), 256 * 1024))));
}

TEST_P(Golden, conversation_is_the_same_each_time) { EXPECT_EQ(conversation(GetParam()), conversation(GetParam())); }

}  // namespace
}  // namespace tf::rki::test
