#include "crypto/aka/usim.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "tests/crypto/aka_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::crypto {
namespace {

using octets::fixed;
using octets::test_key;

const Rand kRand = fixed<16>("23553cbe9637a89d218ae64dae47bf35");
constexpr Amf kAmf{0x80, 0x00};

AkaVector vector_for(const AkaKey& key, std::uint64_t seq) {
  const std::uint64_t sqn = seq << kIndBits | seq % kIndCount;
  AkaVector out;
  AkaFunctions(key).vectors({&kRand, 1}, {&sqn, 1}, kAmf, {&out, 1});
  return out;
}

// What holds for either algorithm.
class Usim : public testing::TestWithParam<AkaAlgorithm> {
 protected:
  [[nodiscard]] AkaVector vector_of(std::uint64_t seq) const { return vector_for(key, seq); }
  const AkaKey key = test_key(GetParam());
};
INSTANTIATE_TEST_SUITE_P(Algorithms, Usim, testing::Values(AkaAlgorithm::milenage, AkaAlgorithm::tuak),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST_P(Usim, answers_a_fresh_vector_with_what_the_network_expects) {
  UsimSequence sequence;
  const AkaVector vector = vector_of(5);
  const auto answer = aka_answer(key, sequence, vector.rand, vector.autn).value();
  const auto& accepted = std::get<AkaAccepted>(answer);
  EXPECT_EQ(accepted.res, vector.res);
  EXPECT_EQ(accepted.ck, vector.ck);
  EXPECT_EQ(accepted.ik, vector.ik);
  EXPECT_EQ(sequence.highest(), 5U << kIndBits | 5U);
}

TEST_P(Usim, answers_a_vector_it_has_seen_with_auts_that_the_network_opens) {
  UsimSequence sequence;
  const AkaVector vector = vector_of(77);
  ASSERT_OK(aka_answer(key, sequence, vector.rand, vector.autn));
  const UsimSequence before = sequence;
  const auto answer = aka_answer(key, sequence, vector.rand, vector.autn).value();
  EXPECT_EQ(sequence, before);
  AkaFunctions network(key);
  EXPECT_EQ(network.open_auts(vector.rand, std::get<AkaOutOfSequence>(answer).auts).value() >> kIndBits, 77U);
}

TEST_P(Usim, takes_vectors_of_one_batch_in_any_order_and_each_once) {
  UsimSequence sequence;
  for (const std::uint64_t seq : {40U, 33U, 36U, 34U}) {
    const AkaVector vector = vector_of(seq);
    EXPECT_TRUE(std::holds_alternative<AkaAccepted>(aka_answer(key, sequence, vector.rand, vector.autn).value())) << seq;
    EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(aka_answer(key, sequence, vector.rand, vector.autn).value())) << seq;
  }
  const AkaVector old = vector_of(8);  // the IND of 40
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(aka_answer(key, sequence, old.rand, old.autn).value()));
}

TEST_P(Usim, refuses_a_jump_that_would_wear_the_counter_out) {
  UsimSequence sequence;
  const AkaVector far = vector_of(kMaxSeqJump + 1);
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(aka_answer(key, sequence, far.rand, far.autn).value()));
  const AkaVector near_by = vector_of(kMaxSeqJump);
  EXPECT_TRUE(std::holds_alternative<AkaAccepted>(aka_answer(key, sequence, near_by.rand, near_by.autn).value()));
}

TEST_P(Usim, refuses_a_network_without_its_key_and_learns_nothing_from_it) {
  const AkaVector vector = vector_of(5);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Autn bad = vector.autn;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    UsimSequence sequence;
    EXPECT_REFUSED(aka_answer(key, sequence, vector.rand, bad), Code::refused, "aka.mac");
    EXPECT_EQ(sequence, UsimSequence());
  }
  UsimSequence sequence;
  for (const AkaAlgorithm algorithm : {AkaAlgorithm::milenage, AkaAlgorithm::tuak})
    if (algorithm != GetParam()) EXPECT_REFUSED(aka_answer(test_key(algorithm), sequence, vector.rand, vector.autn), Code::refused, "aka.mac");
  EXPECT_REFUSED(aka_answer(octets::key_of("00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff"), sequence, vector.rand, vector.autn),
                 Code::refused, "aka.mac");
}

TEST_P(Usim, auts_is_refused_when_anything_of_it_was_changed) {
  UsimSequence sequence;
  sequence.accept(99U << kIndBits);
  const AkaVector old = vector_of(32);
  const Auts auts = std::get<AkaOutOfSequence>(aka_answer(key, sequence, old.rand, old.autn).value()).auts;
  AkaFunctions network(key);
  EXPECT_EQ(network.open_auts(old.rand, auts).value(), 99U << kIndBits);
  for (std::size_t bit = 0; bit < 8 * auts.size(); ++bit) {
    Auts bad = auts;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_REFUSED(network.open_auts(old.rand, bad), Code::refused, "aka.mac_s");
  }
  Rand other = old.rand;
  other[3] ^= 4;
  EXPECT_REFUSED(network.open_auts(other, auts), Code::refused, "aka.mac_s");
}

TEST(UsimWithMilenage, osmo_auc_gen_opens_our_auts) {
  UsimSequence sequence;
  sequence.accept(4711U << kIndBits | 3);
  const AkaVector old = vector_for(test_key(), 3);
  const Auts auts = std::get<AkaOutOfSequence>(aka_answer(test_key(), sequence, old.rand, old.autn).value()).auts;
  const std::string command = "osmo-auc-gen -3 -a milenage -k 465b5ce8b199b49faa5f0a2ee238a6bc -o cd63cb71954a9f4e48a5994e37a02baf -r " +
                              wire::hex_lower(old.rand) + " -A " + wire::hex_lower(auts) + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string out;
  char some[512];
  while (const std::size_t got = std::fread(some, 1, sizeof some, pipe)) out.append(some, got);
  EXPECT_EQ(::pclose(pipe), 0) << "osmo-auc-gen (package libosmocore-utils) is needed";
  EXPECT_NE(out.find("SQN.MS:\t" + std::to_string(4711U << kIndBits | 3)), std::string::npos) << out;
}

TEST(UsimSequence, keeps_its_sequence_as_octets) {
  UsimSequence sequence;
  for (const std::uint64_t seq : {3U, 70U, 4711U}) sequence.accept(seq << kIndBits | seq % kIndCount);
  EXPECT_EQ(UsimSequence::decode(sequence.encode()).value(), sequence);
  EXPECT_REFUSED(UsimSequence::decode(Bytes(191)), Code::integrity, "aka.sequence");
  EXPECT_REFUSED(UsimSequence::decode(Bytes(192, 0xff)), Code::integrity, "aka.sequence");
}

// Sequences that cards and modules keep are found by it.
TEST(UsimSequence, is_owned_by_its_key) {
  EXPECT_EQ(wire::hex_lower(sequence_owner(test_key())), "0340df1e863eb905bd87686656ec0ba574f893f8b927a313bebacdfd432686d2");
  EXPECT_NE(sequence_owner(test_key(AkaAlgorithm::tuak)), sequence_owner(test_key()));
}

}  // namespace
}  // namespace tf::crypto
