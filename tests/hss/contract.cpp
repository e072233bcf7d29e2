#include "tests/hss/contract.hpp"

#include <set>
#include <thread>

#include "tests/hss/scene.hpp"

namespace tf::hss::test {
namespace {

crypto::AkaKey key(int number) { return key_number(number, SubscribersContract::GetParam().algorithm); }
Subscription subscription(int number) { return {imsi_number(number), key(number)}; }

TEST_P(SubscribersContract, a_created_subscriber_authenticates) {
  ASSERT_OK(hss.create(subscription(1)));
  Usim usim{key(1), {}};
  for (int i = 0; i < 3; ++i)
    for (const auto& vector : hss.vectors(imsi_number(1), 5).value()) EXPECT_TRUE(usim.takes(vector));
}

TEST_P(SubscribersContract, creating_again_after_a_crash_changes_nothing) {
  ASSERT_OK(hss.create(subscription(1)));
  Usim usim{key(1), {}};
  EXPECT_TRUE(usim.takes(hss.vectors(imsi_number(1), 1).value().front()));
  ASSERT_OK(hss.create(subscription(1)));
  EXPECT_TRUE(usim.takes(hss.vectors(imsi_number(1), 1).value().front()));
}

TEST_P(SubscribersContract, an_imsi_never_gets_another_key) {
  ASSERT_OK(hss.create(subscription(1)));
  EXPECT_REFUSED(hss.create(Subscription{imsi_number(1), key(2)}), Code::conflict, "hss.other_key");
  EXPECT_REFUSED(hss.create(Subscription{imsi_number(1), must(crypto::AkaKey::of(key(1).k(), key(2).opc()))}), Code::conflict, "hss.other_key");
  Usim usim{key(1), {}};
  EXPECT_TRUE(usim.takes(hss.vectors(imsi_number(1), 1).value().front()));
}

TEST_P(SubscribersContract, an_unknown_subscriber_gets_nothing) {
  EXPECT_REFUSED(hss.vectors(imsi_number(9), 1), Code::not_found, "hss.no_such_subscriber");
  EXPECT_REFUSED(hss.resync(imsi_number(9), {}, {}), Code::not_found, "hss.no_such_subscriber");
  EXPECT_REFUSED(hss.remove(imsi_number(9)), Code::not_found, "hss.no_such_subscriber");
}

TEST_P(SubscribersContract, a_removed_subscriber_gets_nothing_and_may_come_back) {
  ASSERT_OK(hss.create(subscription(1)));
  ASSERT_OK(hss.vectors(imsi_number(1), 1));
  ASSERT_OK(hss.remove(imsi_number(1)));
  EXPECT_REFUSED(hss.vectors(imsi_number(1), 1), Code::not_found, "hss.no_such_subscriber");
  ASSERT_OK(hss.create(Subscription{imsi_number(1), key(7)}));
  Usim usim{key(7), {}};
  EXPECT_TRUE(usim.takes(hss.vectors(imsi_number(1), 1).value().front()));
}

TEST_P(SubscribersContract, a_usim_that_is_ahead_is_followed) {
  ASSERT_OK(hss.create(subscription(1)));
  Usim usim{key(1), {}};
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) usim.sequence.accept(5000U << crypto::kIndBits | ind);
  const auto old = std::move(hss.vectors(imsi_number(1), 1).value().front());
  ASSERT_OK(hss.resync(imsi_number(1), old.rand, usim.auts_for(old)));
  for (const auto& vector : hss.vectors(imsi_number(1), 5).value()) EXPECT_TRUE(usim.takes(vector));
}

TEST_P(SubscribersContract, forged_auts_moves_nothing) {
  ASSERT_OK(hss.create(subscription(1)));
  ASSERT_OK(hss.create(subscription(2)));
  Usim usim{key(1), {}};
  Usim stranger{key(2), {}};
  const auto good = std::move(hss.vectors(imsi_number(1), 1).value().front());
  const auto other = std::move(hss.vectors(imsi_number(2), 1).value().front());
  for (std::uint64_t ind = 0; ind < crypto::kIndCount; ++ind) stranger.sequence.accept(70'000U << crypto::kIndBits | ind);
  const crypto::Auts auts = stranger.auts_for(other);
  EXPECT_REFUSED(hss.resync(imsi_number(1), good.rand, auts), Code::refused, "hss.auts");
  EXPECT_REFUSED(hss.resync(imsi_number(1), other.rand, auts), Code::refused, "hss.auts");
  EXPECT_REFUSED(hss.resync(imsi_number(1), good.rand, {}), Code::refused, "hss.auts");
  EXPECT_TRUE(usim.takes(good));
  EXPECT_TRUE(usim.takes(hss.vectors(imsi_number(1), 1).value().front()));
}

TEST_P(SubscribersContract, a_batch_is_answered_one_by_one) {
  std::vector<Subscription> some;
  for (int i = 0; i < 40; ++i) some.push_back(subscription(i));
  ASSERT_OK(hss.create(Subscription{imsi_number(5), key(99)}));
  const auto created = hss.create(some);
  ASSERT_EQ(created.size(), some.size());
  for (int i = 0; i < 40; ++i) {
    if (i == 5) EXPECT_REFUSED(created[5], Code::conflict, "hss.other_key");
    else EXPECT_OK(created[static_cast<std::size_t>(i)]);
  }
  std::vector<VectorRequest> requests;
  for (int i = 0; i < 41; ++i) requests.push_back({imsi_number(i), 1});
  const auto vectors = hss.vectors(requests);
  ASSERT_EQ(vectors.size(), 41U);
  for (int i = 0; i < 40; ++i) {
    ASSERT_OK(vectors[static_cast<std::size_t>(i)]);
    Usim usim{key(i == 5 ? 99 : i), {}};
    EXPECT_TRUE(usim.takes(vectors[static_cast<std::size_t>(i)]->front()));
  }
  EXPECT_REFUSED(vectors[40], Code::not_found, "hss.no_such_subscriber");
}

TEST_P(SubscribersContract, an_imsi_twice_in_a_batch_has_the_first_key) {
  std::vector<Subscription> some;
  for (const int which : {1, 1, 2}) some.push_back({imsi_number(1), key(which)});
  const auto created = hss.create(some);
  EXPECT_OK(created[0]);
  EXPECT_OK(created[1]);
  EXPECT_REFUSED(created[2], Code::conflict, "hss.other_key");
  Usim usim{key(1), {}};
  EXPECT_TRUE(usim.takes(hss.vectors(imsi_number(1), 1).value().front()));
}

TEST_P(SubscribersContract, no_vector_is_given_twice_to_those_who_ask_at_once) {
  ASSERT_OK(hss.create(subscription(1)));
  std::mutex mutex;
  std::set<crypto::Autn> seen;
  std::size_t given = 0;
  std::vector<std::thread> askers;
  for (int asker = 0; asker < 4; ++asker)
    askers.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        const auto vectors = hss.vectors(imsi_number(1), 3);
        const std::scoped_lock lock(mutex);
        ASSERT_OK(vectors);
        for (const auto& vector : *vectors) seen.insert(vector.autn);
        given += vectors->size();
      }
    });
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(given, 120U);
  EXPECT_EQ(seen.size(), given);
}

TEST_P(SubscribersContract, refuses_to_give_none_or_too_many) {
  ASSERT_OK(hss.create(subscription(1)));
  EXPECT_REFUSED(hss.vectors(imsi_number(1), 0), Code::invalid, "hss.count");
  EXPECT_REFUSED(hss.vectors(imsi_number(1), kMaxVectors + 1), Code::invalid, "hss.count");
  EXPECT_EQ(hss.vectors(imsi_number(1), kMaxVectors).value().size(), kMaxVectors);
}

TEST(Imsi, has_one_spelling) {
  for (const char* good : {"001010", "001010000000001"}) EXPECT_EQ(Imsi::parse(good).value().text(), good);
  for (const char* bad : {"", "12345", "0010100000000012", "00101000000000a", " 00101000000001", "00101000000001\n", "+4915112345"})
    EXPECT_REFUSED(Imsi::parse(bad), Code::malformed, "hss.imsi");
}

}  // namespace
}  // namespace tf::hss::test
