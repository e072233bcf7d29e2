// From the request to the certificate, and what happens when it stops in between.
#include <atomic>
#include <future>
#include <thread>

#include "pki/lint/lint.hpp"
#include "tests/ca/scene.hpp"

namespace tf::ca::test {
namespace {

class Issuing : public testing::Test {
 protected:
  Scene scene;
};

pki::Certificate parsed(const Issued& issued) { return must(pki::Certificate::from_der(issued.der)); }

TEST_F(Issuing, gives_a_certificate_of_the_authority_for_the_key_and_names_that_were_asked_for) {
  const Issued issued = scene.issued();
  const auto certificate = parsed(issued);
  EXPECT_EQ(certificate.serial_hex(), issued.serial_hex);
  EXPECT_EQ(certificate.common_name(), "registration 17");
  EXPECT_EQ(certificate.subject_serial_number(), "17");
  EXPECT_TRUE(certificate.is_issued_by(issued.issuer));
  EXPECT_EQ(must(certificate.public_key()).spki(), scene.key.public_key().spki());
  EXPECT_EQ(certificate.not_after_ms(), issued.not_after_ms);
  EXPECT_EQ(issued.authority, "users");
}

TEST_F(Issuing, satisfies_lint_with_the_profile_once_it_is_signed) {
  for (const auto& [name, profile] : scene.options.profiles) {
    if (!profile.p256) continue;
    SCOPED_TRACE(name);
    const Issued issued = scene.issued(name);
    EXPECT_OK(pki::refuse_errors(pki::lint(issued.der, {.issuer = issued.issuer, .profile = &profile, .now_ms = scene.clock.now_ms()})));
  }
}

TEST_F(Issuing, works_with_rsa_keys_of_holders_and_of_authorities) {
  Scene rsa(crypto::KeyKind::rsa);
  rsa.key = crypto::PrivateKey::generate_rsa(2048);
  for (const char* profile : {"user-signing", "user-encryption"}) {
    const Issued issued = rsa.issued(profile);
    EXPECT_TRUE(parsed(issued).is_issued_by(issued.issuer));
    EXPECT_EQ(must(parsed(issued).public_key()).spki(), rsa.key.public_key().spki());
  }
}

TEST_F(Issuing, registers_the_certificate_and_audits_it_in_the_same_breath) {
  const Issued issued = scene.issued();
  const Record record = must(scene.ca->show(issued.serial_hex));
  EXPECT_EQ(record.state, State::issued);
  EXPECT_EQ(record.holder, "wallet:17");
  EXPECT_EQ(record.profile, "user-signing");
  EXPECT_EQ(record.der, issued.der);
  EXPECT_EQ(scene.audited("pki.issue"), std::vector<std::string>{""});
  EXPECT_EQ(must(scene.ca->standing("users", issued.serial_hex)), Standing{.kind = StandingKind::good});
}

TEST_F(Issuing, names_the_shard_the_register_has_and_the_responder) {
  const Issued issued = scene.issued();
  EXPECT_TRUE(scene.list_of(issued).covers(parsed(issued)));
}

TEST_F(Issuing, refuses_what_the_profile_does_not_allow) {
  auto request = scene.request();
  request.names.subject.emplace_back("title", "king");
  EXPECT_REFUSED(scene.ca->issue(request), Code::refused, "pki.names");
  request = scene.request();
  request.names.subject.erase(request.names.subject.begin());
  EXPECT_REFUSED(scene.ca->issue(request), Code::refused, "pki.names");
  request = scene.request();
  request.names.alternative.emplace_back(pki::NameKind::dns, "www.example.org");
  EXPECT_REFUSED(scene.ca->issue(request), Code::refused, "pki.names");
  request = scene.request("user-encryption");
  EXPECT_REFUSED(scene.ca->issue(request), Code::refused, "pki.bad_key");
  request = scene.request();
  request.days = 731;
  EXPECT_REFUSED(scene.ca->issue(request), Code::invalid, "pki.term");
  request = scene.request("nothing");
  EXPECT_REFUSED(scene.ca->issue(request), Code::not_found, "ca.no_such_profile");
  request = scene.request("user-signing", "");
  EXPECT_REFUSED(scene.ca->issue(request), Code::invalid, "ca.holder");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates"), 0);
}

TEST_F(Issuing, lints_before_anything_is_signed_or_written) {
  auto request = scene.request("server");
  request.names.alternative[0].second = "not a host name";
  EXPECT_REFUSED(scene.ca->issue(request), Code::refused, "pki.lint");
  request = scene.request();
  request.names.subject[1].second = "*";  // serialNumber is a PrintableString
  EXPECT_FALSE(scene.ca->issue(request).has_value());
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates"), 0);
}

TEST_F(Issuing, ends_with_its_authority_at_the_latest) {
  scene.clock.advance_days(pki::kAuthorityDays - 10);
  const Issued issued = scene.issued();
  EXPECT_EQ(issued.not_after_ms, issued.issuer.not_after_ms());
  scene.clock.advance_days(11);
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::refused, "pki.outlives_issuer");
}

TEST_F(Issuing, answers_asynchronously_after_the_commit) {
  std::promise<Result<Issued>> promise;
  scene.ca->issue(scene.request(), [&](Result<Issued> issued) { promise.set_value(std::move(issued)); });
  const auto issued = promise.get_future().get();
  ASSERT_OK(issued);
  EXPECT_EQ(must(scene.ca->show(issued->serial_hex)).state, State::issued);
}

TEST_F(Issuing, by_many_threads_gives_each_its_own_number) {
  constexpr int kThreads = 8, kEach = 25;
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&, i] {
        for (int j = 0; j < kEach; ++j)
          if (!scene.ca->issue(scene.request("user-signing", "wallet:" + std::to_string(i)))) ++failed;
      });
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates WHERE state = 'issued'"), kThreads * kEach);
  EXPECT_EQ(scene.audited("pki.issue").size(), std::size_t{kThreads * kEach});
}

TEST_F(Issuing, that_was_interrupted_after_the_intent_is_marked_failed_at_the_next_start_and_never_good) {
  scene.lossy->writes_left = 1;  // the intent; then as if the process were gone
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::unavailable, "store.io");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates WHERE state = 'intended'"), 1);
  const auto intended = must(scene.ca->list({.state = State::intended}));
  ASSERT_EQ(intended.size(), 1U);
  EXPECT_EQ(must(scene.ca->standing("users", intended[0].serial_hex)).kind, StandingKind::never_issued);
  scene.open();
  EXPECT_EQ(must(scene.ca->show(intended[0].serial_hex)).state, State::failed);
  EXPECT_EQ(must(scene.ca->standing("users", intended[0].serial_hex)).kind, StandingKind::never_issued);
  EXPECT_EQ(scene.audited("pki.issue"), std::vector<std::string>{"ca.interrupted"});
  EXPECT_REFUSED(scene.ca->revoke(intended[0].serial_hex, RevocationReason::superseded, "operator:anna"), Code::refused, "ca.not_issued");
}

TEST_F(Issuing, without_an_intent_signs_nothing) {
  scene.lossy->writes_left = 0;
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::unavailable, "store.io");
  scene.lossy->writes_left = 1 << 30;
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates"), 0);
}

TEST_F(Issuing, while_the_vault_is_sealed_fails_audited) {
  scene.vault->seal();
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::sealed, "vault.sealed");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates WHERE state = 'failed'"), 1);
  EXPECT_EQ(scene.audited("pki.issue"), std::vector<std::string>{"vault.sealed"});
}

TEST_F(Issuing, settles_intents_that_are_old_while_it_runs) {
  scene.lossy->writes_left = 1;
  EXPECT_FALSE(scene.ca->issue(scene.request()).has_value());
  scene.lossy->writes_left = 1 << 30;
  ASSERT_OK(scene.ca->keep_house());
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates WHERE state = 'intended'"), 1);
  scene.clock.set(scene.clock.now_ms() + 601'000);
  ASSERT_OK(scene.ca->keep_house());
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM pki_certificates WHERE state = 'failed'"), 1);
}

TEST_F(Issuing, elsewhere_is_believed_no_further_than_it_can_be_checked) {
  Scene other;
  std::optional<Bytes> answer;
  scene.ca->issue_elsewhere("user-signing", [&](const IssueRequest& request, Done<Bytes> done) {
    done(answer ? *answer : must(other.ca->issue(request)).der);
  });
  const Issued issued = scene.issued();
  EXPECT_EQ(must(scene.ca->show(issued.serial_hex)).authority, "elsewhere");
  other.key = crypto::PrivateKey::generate_p256();
  answer = other.issued().der;
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::refused, "ca.elsewhere_key");
  other.key = scene.key;
  auto renamed = other.request();
  renamed.names.subject[0].second = "somebody else";
  answer = must(other.ca->issue(renamed)).der;
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::refused, "ca.elsewhere_names");
  answer = other.issued("user-authentication").der;
  EXPECT_REFUSED(scene.ca->issue(scene.request()), Code::refused, "pki.lint");
}

}  // namespace
}  // namespace tf::ca::test
