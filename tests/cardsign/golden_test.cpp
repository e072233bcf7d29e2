// An enrolment and a payment with fixed randomness, octet for octet as in vectors/cardsign/golden.txt. A command more or less, an octet of randomness
// drawn more or less on either side or inside OpenSSL: all of them show.
//
// After an intended change of the protocol the file is written anew by
//   TRUSTFERRY_WRITE_GOLDEN=1 build/release/tests/cardsign/test_cardsign --gtest_filter='*Golden*'
// and the difference is read before it is committed. The octets hold for OpenSSL 3.0.
#include <fmt/format.h>

#include <cstdlib>

#include "base/file.hpp"
#include "tests/cardsign/world.hpp"
#include "wire/encoding.hpp"

namespace tf::cardsign::test {
namespace {

std::string story() {
  Policy policy;
  policy.slots = {Slot::payment};
  World world("golden", policy);
  std::string out = "# cardsign: a card is enrolled and pays. > command, < answer (data and status word).\n";
  const auto card = world.make_card("TF-000001");
  world.add(*card, "anna");
  const Relay honest = world.relay_of(*card);
  const Relay written = [&](int exchange, const Commands& commands) {
    const auto answers = honest(exchange, commands);
    for (std::size_t i = 0; i < answers.size(); ++i) out += fmt::format("> {}\n< {}\n", wire::hex_upper(commands.apdus[i]), wire::hex_upper(answers[i]));
    out += fmt::format("drawn {} openssl {}\n", world.random.drawn(), world.openssl_random.drawn());
    return answers;
  };
  EXPECT_OK(world.enrol(*card, written));
  const auto payment = world.order("A-1");
  EXPECT_OK(world.pay(*card, payment, written, [&](const Display& display) {
    const auto shown = must(terminal::verify_display(display, world.keys(), world.trust(), world.clock.now_ms()));
    out += fmt::format("display {}\n", encode(shown.claim));
    return world.pad_of()(display);
  }));
  out += fmt::format("T {}\n", wire::hex_upper(world.signed_payments.at(payment).octets));
  return out + "end\n";
}

// The same card, and a further person's container on it.
std::string container_story() {
  Policy policy;
  policy.slots = {Slot::payment};
  World world("golden container", policy);
  std::string out = "# cardsign: a further person's container is made on a card and enrolled. > command, < answer (data and status word).\n";
  const auto card = world.enrolled("TF-000001", "anna");
  world.add_container(*card, 1, "berta", "ABCD2345");
  const Relay honest = world.relay_of(*card);
  EXPECT_OK(world.enrol(*card, [&](int exchange, const Commands& commands) {
    const auto answers = honest(exchange, commands);
    for (std::size_t i = 0; i < answers.size(); ++i) out += fmt::format("> {}\n< {}\n", wire::hex_upper(commands.apdus[i]), wire::hex_upper(answers[i]));
    out += fmt::format("drawn {} openssl {}\n", world.random.drawn(), world.openssl_random.drawn());
    return answers;
  }));
  return out + "end\n";
}

const std::string kFile = std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/cardsign/golden.txt";
const std::string kContainerFile = std::string(TRUSTFERRY_SOURCE_DIR) + "/vectors/cardsign/golden_container.txt";

TEST(CardsignGolden, story_is_the_recorded_one) {
  const std::string now = story();
  if (std::getenv("TRUSTFERRY_WRITE_GOLDEN") != nullptr) must(write_file_atomic(kFile, as_bytes(now), 0644));
  EXPECT_EQ(now, as_text(must(read_file(kFile, 256 * 1024))));
}

TEST(CardsignGolden, the_containers_story_is_the_recorded_one) {
  const std::string now = container_story();
  if (std::getenv("TRUSTFERRY_WRITE_GOLDEN") != nullptr) must(write_file_atomic(kContainerFile, as_bytes(now), 0644));
  EXPECT_EQ(now, as_text(must(read_file(kContainerFile, 256 * 1024))));
}

TEST(CardsignGolden, story_is_the_same_each_time) { EXPECT_EQ(story(), story()); }

}  // namespace
}  // namespace tf::cardsign::test
