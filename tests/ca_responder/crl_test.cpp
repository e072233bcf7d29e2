// The source that has revocation lists and nothing else.
#include "ca/responder/crl.hpp"
#include "tests/ca_responder/fixture.hpp"

namespace tf::ca::test {
namespace {

using pki::ocsp::CertStatus;
using pki::RevocationReason;

constexpr const char* kPattern = "http://ca.example.org/crl/operations/{shard}.crl";
constexpr std::uint32_t kShards = 4;

class ListTest : public testing::Test {
 protected:
  ListTest() : source(clock, [this](const std::string& authority, const std::string& serial) {
                 changed.push_back(authority + "/" + serial);
                 if (responder) responder->forget(authority, serial);
               }) {
    EXPECT_OK(source.add({kAuthority, estate.issuer.certificate, kPattern, kShards}));
    responder = std::make_unique<Responder>(source, clock);
    EXPECT_OK(responder->serve({served(estate)}));
  }
  [[nodiscard]] std::uint32_t shard() const { return pki::shard_of(serial, kShards); }
  Bytes list(std::uint64_t number, const std::vector<pki::Revoked>& revoked, std::int64_t life_ms = kDayMs) const {
    return must(pki::issue_crl_shard(estate.issuer, must(pki::shard_for(serial, kPattern, kShards)), number, revoked, clock.now_ms(), clock.now_ms() + life_ms)).der();
  }
  pki::ocsp::Verified ask() {
    return must(pki::ocsp::verify(responder->answer(must(pki::ocsp::encode_request({estate.id()}, {})))->der, estate.expected(clock.now_ms())));
  }

  const pki::test::OcspEstate& estate = pki::test::ocsp_estate();
  const std::string serial = estate.subject.serial_hex();
  FixedClock clock;
  std::vector<std::string> changed;
  CrlSource source;
  std::unique_ptr<Responder> responder;
};

TEST_F(ListTest, says_what_the_list_says_with_its_dates) {
  ASSERT_TRUE(must(source.update(kAuthority, shard(), list(1, {}))));
  EXPECT_EQ(ask().status, CertStatus::good);
  clock.set(kNow + 60'000);
  ASSERT_TRUE(must(source.update(kAuthority, shard(), list(2, {{serial, RevocationReason::key_compromise, kNow}}))));
  EXPECT_EQ(changed, std::vector<std::string>{std::string(kAuthority) + "/" + serial});
  clock.set(kNow + 120'000);
  const auto found = ask();
  EXPECT_EQ(found.status, CertStatus::revoked);
  EXPECT_EQ(found.reason, RevocationReason::key_compromise);
  EXPECT_EQ(found.this_update_ms, kNow + 60'000);
  ASSERT_TRUE(must(source.update(kAuthority, shard(), list(3, {}))));  // released
  EXPECT_EQ(ask().status, CertStatus::good);
}

TEST_F(ListTest, without_a_list_in_force_there_is_no_answer) {
  const auto later = pki::ocsp::error_response(pki::ocsp::ErrorStatus::try_later);
  const Bytes request = must(pki::ocsp::encode_request({estate.id()}, {}));
  EXPECT_EQ(responder->answer(request)->der, later);
  EXPECT_EQ(source.missing().size(), kShards);
  ASSERT_OK(source.update(kAuthority, shard(), list(1, {}, 3'600'000)));
  EXPECT_EQ(ask().next_update_ms, kNow + 3'600'000);
  EXPECT_EQ(source.missing().size(), kShards - 1);
  clock.set(kNow + 3'600'000);
  EXPECT_EQ(responder->answer(request)->der, later);
  EXPECT_EQ(source.missing().size(), kShards);
}

TEST_F(ListTest, the_next_list_takes_over_for_those_that_did_not_change) {
  ASSERT_OK(source.update(kAuthority, shard(), list(1, {}, 3'600'000)));
  EXPECT_EQ(ask().next_update_ms, kNow + 3'600'000);
  clock.set(kNow + 1'800'000);
  ASSERT_OK(source.update(kAuthority, shard(), list(2, {}, 3'600'000)));
  EXPECT_EQ(ask().next_update_ms, kNow + 5'400'000);
  clock.set(kNow + 3'600'000);
  EXPECT_EQ(ask().status, CertStatus::good);
}

TEST_F(ListTest, takes_no_list_that_is_older_or_of_another_shard_or_issuer) {
  ASSERT_OK(source.update(kAuthority, shard(), list(5, {{serial, RevocationReason::superseded, kNow}})));
  EXPECT_REFUSED(source.update(kAuthority, shard(), list(4, {})), Code::refused, "ca.list_older");
  EXPECT_FALSE(must(source.update(kAuthority, shard(), list(5, {})))) << "another list of the same number";
  EXPECT_EQ(ask().status, CertStatus::revoked);
  EXPECT_REFUSED(source.update(kAuthority, (shard() + 1) % kShards, list(6, {})), Code::refused, "ca.list_other");
  EXPECT_REFUSED(source.update(kAuthority, kShards, list(6, {})), Code::not_found, "ca.no_such_authority");
  EXPECT_REFUSED(source.update("nobody", 0, list(6, {})), Code::not_found, "ca.no_such_authority");
  const auto& foreign = pki::test::foreign_estate().operations_ca;
  const Bytes forged = must(pki::issue_crl_shard(foreign, must(pki::shard_for(serial, kPattern, kShards)), 9, {}, kNow, kNow + kDayMs)).der();
  EXPECT_REFUSED(source.update(kAuthority, shard(), forged), Code::refused, "pki.crl_untrusted");
  EXPECT_REFUSED(source.update(kAuthority, shard(), Bytes{0x30, 0x00}), Code::malformed, "pki.crl");
  const Bytes old = list(7, {}, 1000);
  clock.set(kNow + 2000);
  EXPECT_REFUSED(source.update(kAuthority, shard(), old), Code::refused, "pki.crl_expired");
}

TEST_F(ListTest, a_complete_list_will_do_as_well) {
  CrlSource whole(clock, {});
  ASSERT_OK(whole.add({kAuthority, estate.issuer.certificate, "", 0}));
  EXPECT_REFUSED(whole.add({kAuthority, estate.issuer.certificate, "", 0}), Code::conflict, "ca.authority_twice");
  const Bytes der = must(pki::issue_crl(estate.issuer, 1, {{serial, RevocationReason::superseded, kNow}}, kNow, kNow + kDayMs)).der();
  ASSERT_OK(whole.update(kAuthority, 0, der));
  EXPECT_EQ(must(whole.known(kAuthority, serial)).standing.kind, StandingKind::revoked);
  EXPECT_EQ(must(whole.known(kAuthority, "77")).standing.kind, StandingKind::good);
}

}  // namespace
}  // namespace tf::ca::test
