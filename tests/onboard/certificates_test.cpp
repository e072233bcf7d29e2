// Chains that peers show: what is judged of a leaf whose authority is remembered is what is judged without.
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

class OnboardCertificates : public testing::Test {
 protected:
  // Whoever verified a first chain remembers its authority.
  OnboardCertificates() { must(remembering.verify_named(good.chain, pki::Usage::onboard_operator, "a", now)); }
  // Both judge alike.
  Result<Shown> verify(const Chain& chain, pki::Usage usage, std::int64_t at_ms) {
    const ChainVerifier fresh({estate().root.certificate});
    const auto anew = fresh.verify(chain, usage, at_ms);
    auto out = remembering.verify(chain, usage, at_ms);
    EXPECT_EQ(anew.has_value(), out.has_value());
    if (!anew && !out) EXPECT_STREQ(anew.error().reason, out.error().reason);
    return out;
  }
  const std::int64_t now = estate().clock.now_ms();
  const Signer good = estate().signer("onboard-operator", "a");
  ChainVerifier remembering{{estate().root.certificate}};
};

TEST_F(OnboardCertificates, of_another_holder_under_a_known_authority_are_verified) {
  const auto shown = verify(estate().signer("onboard-issuer", "b").chain, pki::Usage::onboard_issuer, now);
  ASSERT_OK(shown);
  EXPECT_EQ(shown->leaf.common_name(), "b");
  EXPECT_EQ(shown->issuer, estate().servers.issuer.certificate);
}

TEST_F(OnboardCertificates, for_another_use_are_refused) {
  EXPECT_REFUSED(verify(good.chain, pki::Usage::onboard_issuer, now), Code::refused, "pki.wrong_usage");
  EXPECT_REFUSED(verify(good.chain, pki::Usage::onboard_module, now), Code::refused, "pki.wrong_usage");
}

TEST_F(OnboardCertificates, that_expired_or_are_not_yet_valid_are_refused) {
  const Signer brief = estate().signer("onboard-operator", "a", 1);
  remembering = ChainVerifier({estate().root.certificate});
  const std::int64_t later = now + 2LL * 24 * 3600 * 1000;
  must(remembering.verify(good.chain, pki::Usage::onboard_operator, later));
  EXPECT_REFUSED(verify(brief.chain, pki::Usage::onboard_operator, later), Code::refused, "pki.expired");
  EXPECT_REFUSED(verify(good.chain, pki::Usage::onboard_operator, now - 3'600'000), Code::refused, "pki.not_yet_valid");
}

TEST_F(OnboardCertificates, known_for_a_moment_are_refused_at_their_end_and_for_another_use) {
  const Signer brief = estate().signer("onboard-operator", "a", 1);
  const auto shown = verify(brief.chain, pki::Usage::onboard_operator, now);
  ASSERT_OK(shown);
  const std::int64_t end = shown->leaf.not_after_ms();
  ASSERT_OK(verify(brief.chain, pki::Usage::onboard_operator, end - 1000));
  ASSERT_OK(verify(brief.chain, pki::Usage::onboard_operator, end - 500));
  EXPECT_REFUSED(verify(brief.chain, pki::Usage::onboard_operator, end), Code::refused, "pki.expired");
  EXPECT_REFUSED(verify(brief.chain, pki::Usage::onboard_issuer, end - 500), Code::refused, "pki.wrong_usage");
  Chain elsewhere = brief.chain;
  elsewhere[1] = foreign_estate().signer("onboard-operator", "a").chain[1];
  EXPECT_REFUSED(verify(elsewhere, pki::Usage::onboard_operator, end - 500), Code::refused, "pki.untrusted");
}

TEST_F(OnboardCertificates, under_an_authority_that_expired_are_refused) {
  const std::int64_t end = estate().servers.issuer.certificate.not_after_ms();
  EXPECT_FALSE(verify(good.chain, pki::Usage::onboard_operator, end));
}

TEST_F(OnboardCertificates, of_another_authority_than_shown_are_refused) {
  Chain chain = chain_of(module_of(kId).module->certificates(module::Key::sign));
  chain[1] = good.chain[1];
  EXPECT_REFUSED(verify(chain, pki::Usage::onboard_module, now), Code::refused, "pki.untrusted");
}

TEST_F(OnboardCertificates, of_another_root_are_refused_beside_a_known_authority) {
  Chain foreign = foreign_estate().signer("onboard-operator", "a").chain;
  EXPECT_REFUSED(verify(foreign, pki::Usage::onboard_operator, now), Code::refused, "pki.untrusted");
  foreign[1] = good.chain[1];
  EXPECT_REFUSED(verify(foreign, pki::Usage::onboard_operator, now), Code::refused, "pki.untrusted");
}

TEST_F(OnboardCertificates, with_an_altered_signature_are_refused) {
  Chain altered = good.chain;
  altered[0].back() ^= 1;
  EXPECT_FALSE(verify(altered, pki::Usage::onboard_operator, now));
}

TEST_F(OnboardCertificates, of_an_authority_itself_are_refused) {
  const Chain authority{estate().servers.issuer.certificate.der(), estate().root.certificate.der()};
  EXPECT_FALSE(verify(authority, pki::Usage::onboard_operator, now));
  EXPECT_FALSE(verify({estate().root.certificate.der()}, pki::Usage::onboard_operator, now));
}

}  // namespace
}  // namespace tf::onboard::test
