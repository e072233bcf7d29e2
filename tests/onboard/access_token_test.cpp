// The PHLR's tokens, at a registration server and a credentialing server that want one.
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

class OnboardAccessToken : public testing::Test, protected World {
 protected:
  OnboardAccessToken() {
    must(a.contract({kId, "Anna", "plan-1", {}, {}}));
    for (auto& [name, server] : registration_servers) server.ports.access.required = true;
    a.ports.access.required = true;
    device.servers = {"rs1"};
  }
  AccessClaim claim() const { return {"phlr.test", "001010123456789", clock.now_ms() / 1000, clock.now_ms() / 1000 + 600, {"rs1:443", "a.operator.test:443"}}; }
  std::string bearer(const AccessClaim& claim, const Signer& signer) const { return "Bearer " + must(issue_access_token(claim, signer)); }
  Status run_with(const std::string& authorization) {
    device.authorization = authorization;
    return device.run();
  }
  Operator& a = operators.at("a");
  const Signer phlr = estate().signer("onboard-access", "phlr.test");
  Device device{*this};
};

TEST_F(OnboardAccessToken, opens_the_hosts_it_names) { EXPECT_OK(run_with(bearer(claim(), phlr))); }

TEST_F(OnboardAccessToken, is_demanded) {
  EXPECT_REFUSED(run_with(""), Code::refused, "onboard.access_missing");
  EXPECT_REFUSED(run_with("Basic eDp5"), Code::refused, "onboard.access_missing");
  EXPECT_REFUSED(run_with("Bearer not.a.token"), Code::refused, "onboard.access_token");
}

TEST_F(OnboardAccessToken, for_another_host_is_refused) {
  auto other = claim();
  other.hosts = {"a.operator.test:443"};
  EXPECT_REFUSED(run_with(bearer(other, phlr)), Code::refused, "onboard.access_host");
  other.hosts = {"rs1:443"};
  EXPECT_REFUSED(run_with(bearer(other, phlr)), Code::refused, "onboard.access_host");  // the credentialing server looks too
  EXPECT_EQ(device.state().stage, Stage::referred);
}

TEST_F(OnboardAccessToken, that_expired_or_is_not_yet_issued_is_refused) {
  auto old = claim();
  old.expires_s = clock.now_ms() / 1000;
  EXPECT_REFUSED(run_with(bearer(old, phlr)), Code::refused, "onboard.access_expired");
  auto early = claim();
  early.issued_s += 3600;
  EXPECT_REFUSED(run_with(bearer(early, phlr)), Code::refused, "onboard.access_expired");
}

TEST_F(OnboardAccessToken, of_another_issuer_than_its_signer_is_refused) {
  auto other = claim();
  other.issuer = "another.test";
  EXPECT_REFUSED(run_with(bearer(other, phlr)), Code::refused, "onboard.access_token");
}

TEST_F(OnboardAccessToken, signed_under_another_pki_or_for_another_use_is_refused) {
  EXPECT_REFUSED(run_with(bearer(claim(), foreign_estate().signer("onboard-access", "phlr.test"))), Code::refused, "onboard.access_token");
  EXPECT_REFUSED(run_with(bearer(claim(), estate().signer("onboard-registration", "phlr.test"))), Code::refused, "onboard.access_token");
}

TEST_F(OnboardAccessToken, of_a_phlr_that_is_not_accepted_is_refused) {
  registration_servers.at("rs1").ports.access.issuers = {"another.test"};
  EXPECT_REFUSED(run_with(bearer(claim(), phlr)), Code::refused, "onboard.access_issuer");
}

TEST_F(OnboardAccessToken, that_was_altered_is_refused) {
  std::string token = bearer(claim(), phlr);
  char& c = token[token.rfind('.') + 10];
  c = c == 'A' ? 'B' : 'A';
  EXPECT_REFUSED(run_with(token), Code::refused, "onboard.access_token");
}

}  // namespace
}  // namespace tf::onboard::test
