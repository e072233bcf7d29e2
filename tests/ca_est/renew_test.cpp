// By client certificate: renewal, and enrolment for another profile; keys made by the platform.
#include "tests/ca_est/fixture.hpp"

namespace tf::ca::test {
namespace {

using crypto::PrivateKey;
using testing::HasSubstr;

TEST_F(EstTest, a_certificate_is_renewed_by_itself_with_its_names_and_a_new_key) {
  const pki::Certificate before = enrolled(PrivateKey::generate_p256());
  const auto key = PrivateKey::generate_p256();
  const wire::HttpResponse response = ask_as(before, "simplereenroll", body(key));
  EXPECT_EQ(response.status, 200) << response.body;
  const auto after = certificates(response).at(0);
  EXPECT_NE(after.serial_hex(), before.serial_hex());
  EXPECT_EQ(after.subject_text(), before.subject_text());
  EXPECT_EQ(must(after.public_key()).spki(), key.public_key().spki());
  EXPECT_EQ(must(authority->show(after.serial_hex())).renews, before.serial_hex());
}

TEST_F(EstTest, renewal_under_another_name_is_refused) {
  const pki::Certificate before = enrolled(PrivateKey::generate_p256());
  for (const char* name : {"Eve", "ada"}) {
    const wire::HttpResponse response = ask_as(before, "simplereenroll", body(PrivateKey::generate_p256(), name));
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr("subject and subjectAltName of the certificate"));
  }
}

TEST_F(EstTest, only_a_certificate_of_ours_that_is_good_renews) {
  const std::string content = body(PrivateKey::generate_p256());
  EXPECT_EQ(ask("simplereenroll", content).status, 401);
  EXPECT_EQ(ask("simplereenroll", content, basic(code())).status, 401) << "a code does not renew";
  EXPECT_EQ(ask_as(root.certificate, "simplereenroll", content).status, 401);
  EXPECT_EQ(ask_as(pki::test::p256_estate().person.certificate, "simplereenroll", content).status, 401);
  const pki::Certificate mine = enrolled(PrivateKey::generate_p256());
  EXPECT_EQ(ask_as(mine, "badge/simplereenroll", content).status, 403) << "another label";
  (void)must(authority->revoke(mine.serial_hex(), pki::RevocationReason::superseded, "operator:test"));
  EXPECT_EQ(ask_as(mine, "simplereenroll", content).status, 401) << "revoked";
  const pki::Certificate old = enrolled(PrivateKey::generate_p256());
  clock.ahead_ms = 301 * kDayMs;
  EXPECT_EQ(ask_as(old, "simplereenroll", content).status, 401) << "past its end";
}

TEST_F(EstTest, a_certificate_enrols_for_another_profile_where_that_is_allowed) {
  const pki::Certificate mine = enrolled(PrivateKey::generate_p256());
  const wire::HttpResponse response = ask_as(mine, "badge/simpleenroll", body(PrivateKey::generate_p256()));
  EXPECT_EQ(response.status, 200) << response.body;
  const Record record = must(authority->show(certificates(response).at(0).serial_hex()));
  EXPECT_EQ(record.profile, "badge");
  EXPECT_EQ(record.holder, "person:ada");
  EXPECT_EQ(ask_as(certificates(response).at(0), "user/simpleenroll", body(PrivateKey::generate_p256())).status, 403) << "not the other way round";
}

// The parts of a multipart/mixed body.
std::vector<std::string> parts_of(const wire::HttpResponse& response) {
  const std::string boundary = "--" + response.content_type.substr(response.content_type.find('=') + 1);
  std::vector<std::string> out;
  for (std::size_t at = response.body.find(boundary); at != std::string::npos;) {
    const std::size_t next = response.body.find(boundary, at + 1);
    if (next != std::string::npos) out.push_back(response.body.substr(at + boundary.size() + 2, next - at - boundary.size() - 2));
    at = next;
  }
  return out;
}
std::string content_of(const std::string& part) { return part.substr(part.find("\r\n\r\n") + 4); }

TEST_F(EstTest, the_platform_makes_a_key_where_the_profile_says_so) {
  const NewCode secret = code("escrow");
  const std::string content = body(PrivateKey::generate_p256());
  EXPECT_EQ(ask("escrow/simpleenroll", content, basic(secret)).status, 403);
  const wire::HttpResponse response = ask("escrow/serverkeygen", content, basic(secret));
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.content_type, testing::StartsWith("multipart/mixed; boundary=est-"));
  const auto parts = parts_of(response);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[0], testing::StartsWith("Content-Type: application/pkcs8\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
  EXPECT_THAT(parts[1], testing::StartsWith("Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n"));
  const auto key = must(crypto::PrivateKey::from_pkcs8(SecretBytes(must(est::body_der(content_of(parts[0]), false)))));
  const auto certificate = must(pki::certificates_of(must(est::body_der(content_of(parts[1]), false)))).at(0);
  EXPECT_EQ(must(certificate.public_key()).spki(), key.public_key().spki());
  EXPECT_EQ(certificate.common_name(), "Ada");
  // The key is nowhere any more: it cannot be told a second time.
  EXPECT_EQ(ask("escrow/serverkeygen", content, basic(secret)).status, 403);
}

TEST_F(EstTest, no_key_is_made_where_holders_make_their_own) {
  const NewCode secret = code();
  const wire::HttpResponse response = ask("serverkeygen", body(PrivateKey::generate_p256()), basic(secret));
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, HasSubstr("use simpleenroll"));
  EXPECT_EQ(stored(secret.name)->state, CodeState::open);
}

}  // namespace
}  // namespace tf::ca::test
