// Revocation, hold and release; the lists.
#include <algorithm>

#include "tests/ca/scene.hpp"

namespace tf::ca::test {
namespace {

class Revocation : public testing::Test {
 protected:
  Result<Record> revoke(const Issued& issued, RevocationReason reason = RevocationReason::key_compromise) {
    return scene.ca->revoke(issued.serial_hex, reason, "operator:anna");
  }
  bool listed(const Issued& issued) { return must(scene.list_of(issued).is_revoked(must(pki::Certificate::from_der(issued.der)))); }
  Scene scene;
};

TEST_F(Revocation, shows_in_standing_list_register_and_audit) {
  const Issued issued = scene.issued();
  EXPECT_FALSE(listed(issued));
  scene.clock.set(scene.clock.now_ms() + 5000);
  ASSERT_OK(revoke(issued));
  EXPECT_EQ(must(scene.ca->standing("users", issued.serial_hex)),
            (Standing{StandingKind::revoked, RevocationReason::key_compromise, scene.clock.now_ms()}));
  EXPECT_TRUE(listed(issued));
  EXPECT_EQ(must(scene.ca->show(issued.serial_hex)).state, State::revoked);
  EXPECT_EQ(scene.audited("pki.revoke"), std::vector<std::string>{""});
}

TEST_F(Revocation, tells_whoever_wants_to_know) {
  std::vector<std::string> told;
  scene.ca->on_standing_changed([&](const std::string& authority, const std::string& serial) { told.push_back(authority + " " + serial); });
  const Issued issued = scene.issued();
  ASSERT_OK(revoke(issued, RevocationReason::certificate_hold));
  ASSERT_OK(scene.ca->release(issued.serial_hex, "operator:anna"));
  EXPECT_EQ(told, std::vector<std::string>(3, "users " + issued.serial_hex));
}

TEST_F(Revocation, happens_once) {
  const Issued issued = scene.issued();
  ASSERT_OK(revoke(issued));
  EXPECT_REFUSED(revoke(issued, RevocationReason::superseded), Code::conflict, "ca.revoked_already");
  EXPECT_REFUSED(scene.ca->revoke("4711", RevocationReason::superseded, "operator:anna"), Code::not_found, "ca.no_such_certificate");
  EXPECT_EQ(must(scene.ca->standing("users", issued.serial_hex)).reason, RevocationReason::key_compromise);
}

TEST_F(Revocation, on_hold_ends_with_release_or_for_good_since_the_hold_began) {
  const Issued issued = scene.issued();
  ASSERT_OK(revoke(issued, RevocationReason::certificate_hold));
  EXPECT_TRUE(listed(issued));
  ASSERT_OK(scene.ca->release(issued.serial_hex, "operator:anna"));
  EXPECT_EQ(must(scene.ca->standing("users", issued.serial_hex)).kind, StandingKind::good);
  EXPECT_FALSE(listed(issued));
  EXPECT_REFUSED(scene.ca->release(issued.serial_hex, "operator:anna"), Code::refused, "ca.not_on_hold");
  const std::int64_t held = scene.clock.now_ms();
  ASSERT_OK(revoke(issued, RevocationReason::certificate_hold));
  scene.clock.advance_days(1);
  ASSERT_OK(revoke(issued));
  EXPECT_EQ(must(scene.ca->standing("users", issued.serial_hex)), (Standing{StandingKind::revoked, RevocationReason::key_compromise, held}));
  EXPECT_REFUSED(scene.ca->release(issued.serial_hex, "operator:anna"), Code::refused, "ca.not_on_hold");
}

TEST_F(Revocation, by_holder_takes_all_of_his_and_nobody_elses) {
  const Issued one = scene.issued(), other = scene.issued("user-authentication"), held = scene.issued(), stranger = scene.issued("user-signing", "wallet:170");
  ASSERT_OK(revoke(held, RevocationReason::certificate_hold));
  EXPECT_EQ(must(scene.ca->revoke_holder("wallet:17", RevocationReason::cessation_of_operation, "wallet")), 3);
  for (const Issued* his : {&one, &other, &held})
    EXPECT_EQ(must(scene.ca->standing("users", his->serial_hex)).reason, RevocationReason::cessation_of_operation);
  EXPECT_EQ(must(scene.ca->standing("users", stranger.serial_hex)).kind, StandingKind::good);
  EXPECT_EQ(must(scene.ca->revoke_holder("wallet:17", RevocationReason::cessation_of_operation, "wallet")), 0);
}

TEST_F(Revocation, of_another_authority_is_none) {
  const Issued issued = scene.issued();
  EXPECT_EQ(must(scene.ca->standing("devices", issued.serial_hex)).kind, StandingKind::never_issued);
  EXPECT_REFUSED(scene.ca->standing("nobody", issued.serial_hex), Code::not_found, "ca.no_such_authority");
}

TEST_F(Revocation, survives_a_restart_with_a_list_that_was_not_made_yet) {
  const Issued issued = scene.issued();
  const std::uint64_t before = scene.list_of(issued).number();
  ASSERT_OK(revoke(issued));
  scene.open();
  const auto list = scene.list_of(issued, false);
  EXPECT_GT(list.number(), before);
  EXPECT_TRUE(must(list.is_revoked(must(pki::Certificate::from_der(issued.der)))));
}

TEST_F(Revocation, lists_are_signed_by_the_authority_and_hold_their_own_shard_alone) {
  std::vector<Issued> all;
  for (int i = 0; i < 24; ++i) {
    all.push_back(scene.issued());
    ASSERT_OK(revoke(all.back()));
  }
  const Authority users = must(scene.ca->authority("users"));
  must(scene.ca->lists().refresh(users));
  std::size_t entries = 0;
  for (std::uint32_t shard = 0; shard < users.places.shards; ++shard) {
    const auto list = must(pki::CrlShard::from_der(must(scene.ca->lists().find("users", shard))->der));
    EXPECT_OK(list.verify(users.certificate, scene.clock.now_ms()));
    for (const auto& entry : list.revoked()) EXPECT_EQ(pki::shard_of(entry.serial_hex, users.places.shards), shard);
    entries += list.revoked().size();
  }
  EXPECT_EQ(entries, all.size());
}

TEST_F(Revocation, lists_are_renewed_at_half_their_life_though_nobody_revokes) {
  const Issued issued = scene.issued();
  const auto first = scene.list_of(issued);
  ASSERT_OK(scene.ca->keep_house());
  EXPECT_EQ(scene.list_of(issued, false).number(), first.number());
  scene.clock.set(scene.clock.now_ms() + 12 * 3600 * 1000);
  ASSERT_OK(scene.ca->keep_house());
  const auto second = scene.list_of(issued, false);
  EXPECT_EQ(second.number(), first.number() + 1);
  EXPECT_EQ(second.next_update_ms(), scene.clock.now_ms() + 24 * 3600 * 1000);
}

TEST_F(Revocation, stays_listed_until_one_list_after_the_certificates_end) {
  const Issued issued = scene.issued();
  ASSERT_OK(revoke(issued));
  EXPECT_TRUE(listed(issued));
  scene.clock.set(issued.not_after_ms + 1000);
  EXPECT_TRUE(listed(issued)) << "the first list after its end still has it";
  scene.clock.advance_days(1);
  EXPECT_FALSE(listed(issued));
  EXPECT_EQ(must(scene.ca->standing("users", issued.serial_hex)).kind, StandingKind::revoked) << "OCSP remembers";
}

TEST_F(Revocation, places_of_lists_stay_once_something_was_issued) {
  scene.options.authorities[0].places.crl_pattern = "http://elsewhere.test/{shard}.crl";
  EXPECT_OK(scene.try_open());  // nothing is out yet
  scene.open();
  (void)scene.issued();
  scene.options.authorities[0].places.shards = 8;
  EXPECT_REFUSED(scene.try_open(), Code::invalid, "ca.url");
}

}  // namespace
}  // namespace tf::ca::test
