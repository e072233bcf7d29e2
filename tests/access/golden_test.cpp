// Whole stories with fixed randomness, byte for byte as in vectors/access/golden_<suite>.txt. A message more or less, a byte
// of randomness drawn more or less on either side or inside OpenSSL: all of them show.
//
// After an intended change of the protocol the files are written anew by
//   TRUSTFERRY_WRITE_GOLDEN=1 build/release/tests/access/test_access --gtest_filter='*Golden*'
// and the difference is read before it is committed. The bytes hold for OpenSSL 3.0, whose key generation and ECDSA nonces
// draw in a certain order.
#include <fmt/format.h>

#include <cstdlib>

#include "base/file.hpp"
#include "tests/access/faulty_line.hpp"

namespace tf::platform::test {
namespace {

using access::Suite;
using tf::test::DeterministicRandom;
using tf::test::OpenSslRandomness;

// Chance in all its places; the platform's keys of access are made with it.
struct FixedChance {
  TemporaryDirectory directory;
  DeterministicRandom platform{"golden platform"};
  DeterministicRandom terminal{"golden terminal"};
  DeterministicRandom openssl{"golden openssl"};
  OpenSslRandomness guard{openssl};
  std::unique_ptr<vault::SoftwareVault> keys = must(vault::SoftwareVault::create(directory.file("vault.json"), passphrase(), platform, {.n = 16, .r = 8, .p = 1}));

  FixedChance() {
    must(keys->generate("access.p256.1", crypto::KeyKind::p256, 0, vault::Purpose::agree));
    must(keys->generate("access.rsa.1", crypto::KeyKind::rsa, 2048, vault::Purpose::decrypt));
    must(keys->generate("access.ticket.1", crypto::KeyKind::p256, 0, vault::Purpose::sign));
  }
};

class AccessGolden : public testing::TestWithParam<Suite> {
 protected:
  static std::string story(Suite suite) {
    shared_template();  // made before chance is fixed, if it is not there yet
    FixedChance chance;
    AccessWorld world(&chance.platform, chance.keys.get());
    world.scene.clock.set(FixedClock::kStart);
    chance.openssl.reseed("golden story");  // what opening the platform drew is its own affair
    std::string out = fmt::format("# access, suite {}: a terminal without a key gets a ticket.\n"
                                  "# > request, < answer; drawn: bytes of randomness so far on either side and inside OpenSSL.\n", name_of(suite));
    const terminal::AccessExchange recorded = [&](const std::string& target, const std::string& body) -> Result<net::HttpResponse> {
      auto answer = world.over_http(target, body, {kNumber});
      out += fmt::format("> {} {}\n< {} {}\ndrawn terminal {} platform {} openssl {}\n", target, body, answer.status, answer.body,
                         chance.terminal.drawn(), chance.platform.drawn(), chance.openssl.drawn());
      return answer;
    };
    Phone phone{{world.identity("TF10000001", "open", kNumber, suite), {}}, 0, {}};
    const auto ticket = phone.client(world.scene.clock, chance.terminal, recorded).authenticate(phone.device);
    EXPECT_OK(ticket);
    if (ticket) out += fmt::format("bound {} until {}\nticket {}\n", phone.key_id(), phone.device.binding->key_time_ms, *ticket);
    return out + "end\n";
  }
  static std::string path(Suite suite) { return fmt::format("{}/vectors/access/golden_{}.txt", TRUSTFERRY_SOURCE_DIR, name_of(suite)); }
};
INSTANTIATE_TEST_SUITE_P(Suites, AccessGolden, testing::Values(Suite::classic, Suite::modern), suite_name);

TEST_P(AccessGolden, story_is_the_recorded_one) {
  const std::string now = story(GetParam());
  if (std::getenv("TRUSTFERRY_WRITE_GOLDEN") != nullptr) must(write_file_atomic(path(GetParam()), as_bytes(now), 0644));
  EXPECT_EQ(now, as_text(must(read_file(path(GetParam()), 256 * 1024))));
}

TEST_P(AccessGolden, story_is_the_same_each_time) { EXPECT_EQ(story(GetParam()), story(GetParam())); }

}  // namespace
}  // namespace tf::platform::test
