// The rows of the authentication centre of our own: whose key is in them, of which algorithm, and under which KEK.
#include "base/file.hpp"
#include "tests/hss/scene.hpp"

#include <gtest/gtest.h>

namespace tf::hss::test {
namespace {

// The record says the algorithm, and is bound to the key.
TEST(AuthenticationCentre, a_row_under_another_algorithm_does_not_open) {
  for (const auto algorithm : {crypto::AkaAlgorithm::milenage, crypto::AkaAlgorithm::tuak}) {
    Scene scene;
    ASSERT_OK(scene.centre->create({imsi_number(1), key_number(1, algorithm)}));
    must(scene.database->write([&](store::Session& session) -> Status {
      TF_TRY(session.execute("UPDATE hss_subscribers SET algorithm = $1, next_seq = 1000",
                             {name_of(algorithm == crypto::AkaAlgorithm::tuak ? crypto::AkaAlgorithm::milenage : crypto::AkaAlgorithm::tuak)}));
      return {};
    }));
    scene.open();
    EXPECT_REFUSED(scene.centre->vectors(imsi_number(1), 1), Code::integrity, "vault.row");
  }
}

TEST(AuthenticationCentre, rows_of_before_there_was_another_algorithm_are_milenages) {
  Scene scene;
  scene.crash();
  scene.database = must(store::open_sqlite({.path = scene.directory.file("before.db")}));
  ASSERT_OK(scene.database->migrate(kComponent, std::span(kMigrations).first(1)));
  const auto made = must(scene.vault->wrap(crypto::AkaKey(known_key()).octets().clone(), {vault::SymmetricAlgorithm::aes, 32, vault::SymmetricPurpose::subscription},
                                           {"hss_subscribers", imsi_number(1).text(), 1}));
  must(scene.database->write([&](store::Session& session) -> Status {
    TF_TRY(session.execute("INSERT INTO hss_subscribers (imsi, amf, kek, wrapped, next_seq) VALUES ($1, 32768, $2, $3, 70)",
                           {std::string_view(imsi_number(1).text()), std::string_view(made.wrapped.kek), ByteView(made.wrapped.blob)}));
    return {};
  }));
  scene.centre = must(AuthenticationCentre::open(*scene.database, *scene.vault));
  Usim usim{known_key(), {}};
  EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(1), 1).value().front()));
  EXPECT_EQ(usim.sequence.highest() >> crypto::kIndBits, 70U);
  EXPECT_OK(scene.centre->create({imsi_number(1), known_key()}));  // the same once more
  EXPECT_REFUSED(scene.centre->create({imsi_number(1), key_number(1, crypto::AkaAlgorithm::tuak)}), Code::conflict, "hss.other_key");
}

TEST(AuthenticationCentre, takes_its_rows_to_a_new_kek_and_goes_on) {
  Scene scene;
  const auto key = [](int i) { return key_number(i, i % 2 == 0 ? crypto::AkaAlgorithm::milenage : crypto::AkaAlgorithm::tuak); };
  for (int i = 0; i < 20; ++i) ASSERT_OK(scene.centre->create({imsi_number(i), key(i)}));
  Usim usim{key(3), {}};
  EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(3), 1).value().front()));
  const std::string old = scene.vault->state().keks.front();
  ASSERT_OK(scene.vault->rotate_kek());
  EXPECT_EQ(scene.centre->rewrap().value(), 20);
  EXPECT_EQ(scene.centre->rewrap().value(), 0);
  ASSERT_OK(scene.vault->retire_kek(old));
  EXPECT_TRUE(usim.takes(scene.centre->vectors(imsi_number(3), 1).value().front()));
  EXPECT_OK(scene.centre->create({imsi_number(3), key(3)}));
  Usim other{key(4), {}};
  EXPECT_TRUE(other.takes(scene.centre->vectors(imsi_number(4), 1).value().front()));
}

TEST(AuthenticationCentre, keys_are_nowhere_in_the_database_file) {
  Scene scene;
  ASSERT_OK(scene.centre->create({imsi_number(1), known_key()}));
  ASSERT_OK(scene.centre->vectors(imsi_number(1), 1));
  const std::string directory = scene.directory.path();
  const crypto::MilenageKey key = known_key();
  for (const char* name : {"/hss.db", "/hss.db-wal"}) {
    const auto content = read_file(directory + name, 64 << 20);
    if (!content) continue;
    EXPECT_EQ(as_text(*content).find(as_text(key.k.reveal())), std::string_view::npos);
    EXPECT_EQ(as_text(*content).find(as_text(key.opc.reveal())), std::string_view::npos);
  }
}

}  // namespace
}  // namespace tf::hss::test
