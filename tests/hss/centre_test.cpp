// What is particular to the authentication centre of our own: numbers over restarts.
#include <set>

#include "tests/hss/contract.hpp"
#include "tests/hss/scene.hpp"

namespace tf::hss::test {
namespace {

class CentreUnderTest final : public UnderTest {
 public:
  Subscribers& subscribers() override { return *scene_.centre; }

 private:
  Scene scene_;
};

INSTANTIATE_TEST_SUITE_P(Own, SubscribersContract,
                         testing::Values(SubscribersFactory{"own", [] { return std::make_unique<CentreUnderTest>(); }},
                                         SubscribersFactory{"own_tuak", [] { return std::make_unique<CentreUnderTest>(); }, crypto::AkaAlgorithm::tuak}),
                         [](const auto& info) { return info.param.name; });

std::uint64_t seq_of(const Usim& usim) { return usim.sequence.highest() >> crypto::kIndBits; }

TEST(AuthenticationCentre, a_crash_skips_numbers_and_repeats_none) {
  Scene scene({.block = 8});
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  Usim usim{known_key(), {}};
  std::uint64_t before = 0;
  for (int crash = 0; crash < 10; ++crash) {
    for (int i = 0; i < crash * 3 + 1; ++i) {
      ASSERT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front())) << crash << " " << i;
      EXPECT_GT(seq_of(usim), before);
      before = seq_of(usim);
    }
    scene.open();
  }
  EXPECT_LE(before, 145U + 10 * 8U);
}

TEST(AuthenticationCentre, a_number_is_durable_before_its_vector_leaves) {
  Scene scene({.block = 4});
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  Usim usim{known_key(), {}};
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
    std::int64_t durable = 0;
    must(scene.database->read([&](store::Session& session) {
      return session.query("SELECT next_seq FROM hss_subscribers", {}, [&](const store::Row& row) -> Status {
        durable = row.integer(0);
        return {};
      });
    }));
    EXPECT_GT(durable, static_cast<std::int64_t>(seq_of(usim)));
  }
}

TEST(AuthenticationCentre, serves_more_subscribers_than_it_has_at_hand) {
  Scene scene({.block = 4, .at_hand = 3});
  std::vector<Usim> usims;
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(scene.centre->create({imsi_number(i), key_number(i)}));
    usims.push_back({key_number(i), {}});
  }
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 10; ++i)
      EXPECT_TRUE(usims[static_cast<std::size_t>(i)].takes(scene.centre->vectors(imsi_number(i), 1).value().front()));
}

TEST(AuthenticationCentre, an_old_auts_told_again_does_not_bring_old_numbers_back) {
  Scene scene;
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  Usim usim{known_key(), {}};
  const auto first = std::move(scene.centre->vectors(imsi_number(1), 1).value().front());
  ASSERT_TRUE(usim.takes(first));
  const crypto::Auts old = usim.auts_for(first);
  std::set<crypto::Autn> seen;
  for (int i = 0; i < 20; ++i) {
    EXPECT_OK(scene.centre->resync(imsi_number(1), first.rand, old));
    const auto vector = std::move(scene.centre->vectors(imsi_number(1), 1).value().front());
    EXPECT_TRUE(usim.takes(vector)) << i;
  }
  EXPECT_LE(seq_of(usim), 64U);
}

// As after more challenges than a USIM jumps over (annex C.2.1), none of them answered.
TEST(AuthenticationCentre, a_usim_that_was_left_too_far_behind_is_met_where_it_stands) {
  Scene scene;
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  Usim usim{known_key(), {}};
  ASSERT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
  const std::uint64_t stood = seq_of(usim);
  const auto wear_out = [&](std::uint64_t to) {
    must(scene.database->write([&](store::Session& session) -> Status {
      TF_TRY(session.execute("UPDATE hss_subscribers SET next_seq = $1", {static_cast<std::int64_t>(to)}));
      return {};
    }));
    scene.open();
  };
  wear_out(stood + crypto::kMaxSeqJump + 1);
  const auto far = std::move(scene.centre->vectors(imsi_number(1), 1).value().front());
  const crypto::Auts auts = usim.auts_for(far);
  EXPECT_REFUSED(scene.centre->resync(imsi_number(1), far.rand, {}), Code::refused, "hss.auts");
  ASSERT_OK(scene.centre->resync(imsi_number(1), far.rand, auts));
  EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
  EXPECT_EQ(seq_of(usim), stood + 1);
  // The same word again, while the USIM can follow, brings nothing back.
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(scene.centre->resync(imsi_number(1), far.rand, auts));
    EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front())) << i;
  }
  // The farthest that it takes is left as it is.
  wear_out(seq_of(usim) + crypto::kMaxSeqJump);
  Usim other{known_key(), usim.sequence};
  EXPECT_TRUE(other.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
}

TEST(AuthenticationCentre, ends_when_the_numbers_are_used_up) {
  Scene scene;
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  must(scene.database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("UPDATE hss_subscribers SET next_seq = $1", {(std::int64_t{1} << 43) - 1}));
    return {};
  }));
  scene.open();
  EXPECT_REFUSED(scene.centre->vectors(imsi_number(1), 2), Code::refused, "hss.sqn_exhausted");
}

TEST(AuthenticationCentre, a_row_under_another_imsi_does_not_open) {
  Scene scene;
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  must(scene.database->write([](store::Session& session) -> Status {
    TF_TRY(session.execute("UPDATE hss_subscribers SET imsi = $1", {std::string_view(imsi_number(2).text())}));
    return {};
  }));
  EXPECT_REFUSED(scene.centre->vectors(imsi_number(2), 1), Code::integrity, "vault.row");
}

TEST(AuthenticationCentre, what_is_at_hand_ends_with_the_vaults_sealing) {
  Scene scene;
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  ASSERT_OK(scene.centre->vectors(imsi_number(1), 1));
  scene.vault->seal();
  EXPECT_REFUSED(scene.centre->vectors(imsi_number(1), 1), Code::sealed, "vault.sealed");
  EXPECT_REFUSED(scene.centre->create({imsi_number(2), known_key()}), Code::sealed, "vault.sealed");
}

// Writes nothing while it fails, and says so.
class FailingDatabase final : public store::Database {
 public:
  explicit FailingDatabase(store::Database& inner) : inner_(inner) {}
  bool fails = false;
  Status read(store::FunctionRef<Status(store::Session&)> fn) override { return inner_.read(fn); }
  Status write(store::FunctionRef<Status(store::Session&)> fn) override {
    if (!fails) return inner_.write(fn);
    // As a batch that is run and then lost at its commit.
    static_cast<void>(inner_.write([&](store::Session& session) -> Status {
      TF_CHECK(fn(session));
      return Error{Code::unavailable, "store.io", "lost"};
    }).has_value());
    return Error{Code::unavailable, "store.io", "lost"};
  }
  void write_async(store::WriteFn fn, store::DoneFn done) override { inner_.write_async(std::move(fn), std::move(done)); }
  Status check() override { return inner_.check(); }
  [[nodiscard]] bool read_only() const override { return inner_.read_only(); }
  [[nodiscard]] store::BatchStats stats() const override { return inner_.stats(); }
  void observe(store::BatchObserver& observer) override { inner_.observe(observer); }
  void forget(store::BatchObserver& observer) override { inner_.forget(observer); }

 private:
  store::Database& inner_;
};

TEST(AuthenticationCentre, no_vector_leaves_whose_number_is_not_durable) {
  Scene scene;
  FailingDatabase failing(*scene.database);
  const auto centre = must(AuthenticationCentre::open(failing, *scene.vault, {.block = 4}));
  ASSERT_OK(centre->create({imsi_number(1), known_key()}));
  Usim usim{known_key(), {}};
  int refusals = 0;
  for (int i = 0; i < 20; ++i) {
    failing.fails = i % 3 == 1;
    const auto given = centre->vectors(imsi_number(1), 3);
    if (!given) {
      ++refusals;
      EXPECT_TRUE(failing.fails);
      EXPECT_STREQ(given.error().reason, "store.io");
      continue;
    }
    // A number that is still at hand from before needs no write.
    for (const auto& vector : *given) EXPECT_TRUE(usim.takes(vector)) << i;
  }
  EXPECT_GT(refusals, 0);
  failing.fails = true;
  EXPECT_REFUSED(centre->create({imsi_number(2), known_key()}), Code::unavailable, "store.io");
  EXPECT_REFUSED(centre->remove(imsi_number(1)), Code::unavailable, "store.io");
  failing.fails = false;
  EXPECT_EQ(centre->count().value(), 1);
  EXPECT_TRUE(usim.takes(centre->vectors(imsi_number(1), 1).value().front()));
}

TEST(AuthenticationCentre, the_first_block_is_durable_with_the_subscriber_himself) {
  Scene scene;
  FailingDatabase failing(*scene.database);
  const auto centre = must(AuthenticationCentre::open(failing, *scene.vault, {.block = 4}));
  ASSERT_OK(centre->create({imsi_number(1), known_key()}));
  failing.fails = true;
  Usim usim{known_key(), {}};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(usim.takes(centre->vectors(imsi_number(1), 1).value().front()));
  EXPECT_REFUSED(centre->vectors(imsi_number(1), 1), Code::unavailable, "store.io");
  failing.fails = false;
  const auto other = must(AuthenticationCentre::open(*scene.database, *scene.vault, {.block = 4}));
  EXPECT_TRUE(usim.takes(other->vectors(imsi_number(1), 1).value().front()));
  EXPECT_GT(seq_of(usim), 4U);
}

TEST(AuthenticationCentre, a_subscriber_comes_with_somebody_elses_transaction_or_not_at_all) {
  Scene scene;
  const auto commit = [&](Creation& creation, const Status& outcome) {
    return scene.database->write([&](store::Session& session) -> Status {
      TF_CHECK(creation.write(session));
      return outcome;
    });
  };
  auto creation = must(scene.centre->creation_in(*scene.database, {imsi_number(1), known_key()}));
  ASSERT_TRUE(creation);
  EXPECT_REFUSED(commit(*creation, Error{Code::conflict, "test.other", ""}), Code::conflict, "test.other");
  EXPECT_EQ(scene.centre->count().value(), 0);
  ASSERT_OK(commit(*creation, {}));
  creation->done();
  Usim usim{known_key(), {}};
  EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
  EXPECT_EQ(seq_of(usim), 1U);
  auto again = must(scene.centre->creation_in(*scene.database, {imsi_number(1), key_number(2)}));
  EXPECT_REFUSED(commit(*again, {}), Code::conflict, "hss.other_key");
  EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
}

TEST(AuthenticationCentre, a_subscriber_who_was_removed_meanwhile_has_nothing_at_hand) {
  Scene scene;
  auto creation = must(scene.centre->creation_in(*scene.database, {imsi_number(1), known_key()}));
  ASSERT_OK(scene.database->write([&](store::Session& session) { return creation->write(session); }));
  ASSERT_OK(scene.centre->remove(imsi_number(1)));
  creation->done();
  EXPECT_REFUSED(scene.centre->vectors(imsi_number(1), 1), Code::not_found, "hss.no_such_subscriber");
  FailingDatabase other(*scene.database);
  EXPECT_FALSE(must(scene.centre->creation_in(other, {imsi_number(1), known_key()}))) << "of another database";
}

TEST(AuthenticationCentre, writes_a_note_with_each_change_or_changes_nothing) {
  std::vector<std::string> notes;
  bool fails = false;
  CentreOptions options;
  options.note = [&](store::Session&, const char* act, const Imsi& imsi) -> Status {
    if (fails) return Error{Code::unavailable, "test.note", ""};
    notes.push_back(std::string(act) + " " + imsi.text());
    return {};
  };
  Scene scene(options);
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  ASSERT_OK(scene.centre->remove(imsi_number(1)));
  const std::vector<std::string> expected{"hss.create 001010000000001", "hss.remove 001010000000001"};
  EXPECT_EQ(notes, expected);
  fails = true;
  EXPECT_REFUSED(scene.centre->create({imsi_number(2), known_key()}), Code::unavailable, "test.note");
  EXPECT_EQ(scene.centre->count().value(), 0);
}

}  // namespace
}  // namespace tf::hss::test
