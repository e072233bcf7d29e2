// The module as a USIM: what it answers to a network, and that its SQN never goes back.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "tests/module/contract.hpp"

namespace tf::module::test {
namespace {

using crypto::AkaAccepted;
using crypto::AkaOutOfSequence;
using crypto::AkaVector;
using crypto::Auts;
using crypto::Rand;

// The subscription as its home network has it.
crypto::AkaFunctions network(std::string_view k = kK, std::string_view opc = kOpc) { return crypto::AkaFunctions(key_with(k, opc)); }

AkaVector vector_for(std::uint64_t sqn, std::string_view k = kK, std::string_view opc = kOpc) {
  SystemRandom random;
  const Rand rand = random.array<16>();
  AkaVector out;
  network(k, opc).vectors({&rand, 1}, {&sqn, 1}, {0x80, 0x00}, {&out, 1});
  return out;
}

Result<crypto::AkaAnswer> answer(SecureModule& module, const AkaVector& vector, Slot slot = Slot::subscription) { return module.aka(slot, vector.rand, vector.autn); }

bool accepts(SecureModule& module, std::uint64_t sqn) { return std::holds_alternative<AkaAccepted>(must(answer(module, vector_for(sqn)))); }

// SQN_MS, asked for with a vector that is surely old.
std::uint64_t highest_sqn(SecureModule& module) {
  const AkaVector old = vector_for(0);
  return must(network().open_auts(old.rand, std::get<AkaOutOfSequence>(must(answer(module, old))).auts));
}

TEST_P(ModuleContract, answers_a_network_that_knows_the_key) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  const AkaVector vector = vector_for(33);
  const auto answered = must(answer(*module, vector));
  ASSERT_TRUE(std::holds_alternative<AkaAccepted>(answered));
  EXPECT_EQ(std::get<AkaAccepted>(answered).res, vector.res);
  EXPECT_EQ(std::get<AkaAccepted>(answered).ck, vector.ck);
  EXPECT_EQ(std::get<AkaAccepted>(answered).ik, vector.ik);
}

TEST_P(ModuleContract, answers_an_old_sqn_with_the_highest_it_saw_also_after_switching_off) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  const AkaVector vector = vector_for(97);
  EXPECT_TRUE(std::holds_alternative<AkaAccepted>(must(answer(*module, vector))));
  for (int i = 0; i < 2; ++i) {
    const auto again = must(answer(*module, vector));
    ASSERT_TRUE(std::holds_alternative<AkaOutOfSequence>(again));
    EXPECT_EQ(must(network().open_auts(vector.rand, std::get<AkaOutOfSequence>(again).auts)), 97U);
    reopen();
  }
  EXPECT_TRUE(accepts(*module, 97 + 32));
}

TEST_P(ModuleContract, a_wrong_network_learns_nothing_and_changes_nothing) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(accepts(*module, 65));
  EXPECT_REFUSED(answer(*module, vector_for(97, "ffffffffffffffffffffffffffffffff")), Code::refused, "aka.mac");
  for (std::size_t i = 0; i < 16; ++i) {
    AkaVector altered = vector_for(97);
    altered.autn[i] ^= 0x40;
    EXPECT_REFUSED(answer(*module, altered), Code::refused, "aka.mac");
  }
  EXPECT_EQ(highest_sqn(*module), 65U);
}

TEST_P(ModuleContract, each_slot_has_a_key_and_a_sequence_of_its_own) {
  const std::string_view other = "000102030405060708090a0b0c0d0e0f";
  EXPECT_REFUSED(answer(*module, vector_for(33)), Code::not_found, "module.no_credential");
  ASSERT_OK(module->store_credential(Slot::preliminary, credential("001010000000007", other)));
  EXPECT_REFUSED(answer(*module, vector_for(33)), Code::not_found, "module.no_credential");
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(accepts(*module, 320));
  EXPECT_TRUE(std::holds_alternative<AkaAccepted>(must(answer(*module, vector_for(33, other), Slot::preliminary))));
  EXPECT_REFUSED(answer(*module, vector_for(353), Slot::preliminary), Code::refused, "aka.mac");
}

TEST_P(ModuleContract, a_credential_stored_again_keeps_its_sqn) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(accepts(*module, 64));
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_EQ(highest_sqn(*module), 64U);
  ASSERT_OK(module->erase(Slot::subscription));
  EXPECT_REFUSED(answer(*module, vector_for(96)), Code::not_found, "module.no_credential");
}

TEST_P(ModuleContract, a_credential_that_comes_back_after_others_goes_on_with_its_sqn) {
  const std::string_view other = "000102030405060708090a0b0c0d0e0f";
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(accepts(*module, 64));
  ASSERT_OK(module->erase(Slot::subscription));
  ASSERT_OK(module->store_credential(Slot::subscription, credential("001010000000007", other)));
  EXPECT_TRUE(std::holds_alternative<AkaAccepted>(must(answer(*module, vector_for(33, other)))));
  ASSERT_OK(module->erase(Slot::subscription));
  reopen();
  // Under whatever IMSI: what must not see an SQN twice is K.
  ASSERT_OK(module->store_credential(Slot::subscription, credential("001010123456788", kK, "another note")));
  EXPECT_EQ(highest_sqn(*module), 64U);
  EXPECT_FALSE(accepts(*module, 32));
  EXPECT_TRUE(accepts(*module, 96));
  ASSERT_OK(module->erase(Slot::subscription));
  ASSERT_OK(module->store_credential(Slot::subscription, credential("001010000000007", other)));
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(must(answer(*module, vector_for(33, other)))));
}

TEST_P(ModuleContract, one_key_has_one_sequence_in_both_slots) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  EXPECT_TRUE(accepts(*module, 64));
  ASSERT_OK(module->store_credential(Slot::preliminary, credential("001010000000007")));
  EXPECT_TRUE(std::holds_alternative<AkaOutOfSequence>(must(answer(*module, vector_for(64), Slot::preliminary))));
  EXPECT_TRUE(std::holds_alternative<AkaAccepted>(must(answer(*module, vector_for(96), Slot::preliminary))));
  EXPECT_FALSE(accepts(*module, 96));
  // The same K beside another OPc is another subscriber's.
  ASSERT_OK(module->erase(Slot::preliminary));
  std::string other(kOpc);
  other[0] = '0';
  ASSERT_OK(module->store_credential(Slot::preliminary, credential("001010000000007", kK, "note", other)));
  EXPECT_REFUSED(answer(*module, vector_for(128), Slot::preliminary), Code::refused, "aka.mac");
}

TEST_P(ModuleContract, answers_by_tuak_with_a_key_of_tuak_also_after_switching_off) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential("001010123456789", kK, "note", kTopc)));
  ASSERT_OK(module->store_credential(Slot::preliminary, credential("001010000000007")));
  for (const std::uint64_t sqn : {64U, 96U}) {
    const AkaVector vector = vector_for(sqn, kK, kTopc);
    const auto answered = must(answer(*module, vector));
    ASSERT_TRUE(std::holds_alternative<AkaAccepted>(answered));
    EXPECT_EQ(std::get<AkaAccepted>(answered).res, vector.res);
    EXPECT_EQ(std::get<AkaAccepted>(answered).ck, vector.ck);
    EXPECT_EQ(std::get<AkaAccepted>(answered).ik, vector.ik);
    const auto again = must(answer(*module, vector));
    ASSERT_TRUE(std::holds_alternative<AkaOutOfSequence>(again));
    EXPECT_EQ(must(network(kK, kTopc).open_auts(vector.rand, std::get<AkaOutOfSequence>(again).auts)), sqn);
    reopen();
  }
  // Under the same K neither algorithm takes the other's word, and each has a sequence of its own.
  EXPECT_REFUSED(answer(*module, vector_for(128)), Code::refused, "aka.mac");
  EXPECT_REFUSED(answer(*module, vector_for(128, kK, kTopc), Slot::preliminary), Code::refused, "aka.mac");
  EXPECT_TRUE(std::holds_alternative<AkaAccepted>(must(answer(*module, vector_for(32), Slot::preliminary))));
  EXPECT_REFUSED(module->store_credential(Slot::subscription, credential()), Code::conflict, "module.credential_present");
  EXPECT_OK(module->store_credential(Slot::subscription, credential("001010123456789", kK, "note", kTopc)));
}

TEST_P(ModuleContract, remembers_so_many_sequences_and_takes_no_credential_beyond) {
  ASSERT_OK(module->store_credential(Slot::preliminary, credential()));
  const auto other = [](std::size_t i) { return credential("001010000000007", fmt::format("{:032x}", i)); };
  for (std::size_t i = 1; i < kMaxCredentials; ++i) {
    ASSERT_OK(module->store_credential(Slot::subscription, other(i)));
    ASSERT_OK(module->erase(Slot::subscription));
  }
  EXPECT_REFUSED(module->store_credential(Slot::subscription, other(kMaxCredentials)), Code::conflict, "module.credentials_full");
  EXPECT_FALSE(module->credential(Slot::subscription));
  reopen();
  EXPECT_REFUSED(module->store_credential(Slot::subscription, other(kMaxCredentials)), Code::conflict, "module.credentials_full");
  EXPECT_OK(module->store_credential(Slot::subscription, other(1)));
}

// A child authenticates with one SQN after the other and reports each answer; it is killed somewhere along the way.
TEST_P(ModuleContract, no_answered_sqn_is_answered_again_after_a_kill) {
  ASSERT_OK(module->store_credential(Slot::subscription, credential()));
  module.reset();
  std::uint64_t last = 0;
  for (int round = 0; round < 4; ++round) {
    int fds[2];
    ASSERT_EQ(::pipe(fds), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto opened = under_test->open(kId);
      if (!opened) ::_exit(1);
      for (std::uint64_t sqn = last + 32; sqn < last + 320'000; sqn += 32) {
        if (!accepts(**opened, sqn)) ::_exit(1);
        if (::write(fds[1], "+", 1) != 1) ::_exit(1);
      }
      ::_exit(0);
    }
    ::close(fds[1]);
    std::uint64_t reported = 0;
    char mark = 0;
    while (reported < 3 && ::read(fds[0], &mark, 1) == 1) ++reported;
    ::usleep(static_cast<useconds_t>(round * 1100));
    ::kill(child, SIGKILL);
    while (::read(fds[0], &mark, 1) == 1) ++reported;
    ::close(fds[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);

    reopen();
    const std::uint64_t highest = highest_sqn(*module);
    EXPECT_GE(highest, last + 32 * reported);
    EXPECT_LE(highest, last + 32 * (reported + 1));
    last = highest;
    module.reset();
  }
}

}  // namespace
}  // namespace tf::module::test
