// A platform that an earlier version made gets the issuing authorities and profiles that came later: asked for, signed by the offline root, installed.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.hpp"
#include "pki/issue.hpp"
#include "platform/ca/foundation.hpp"
#include "platform/ca/office.hpp"
#include "platform/ca/root_items.hpp"
#include "platform/rki/work_certificates.hpp"
#include "tests/platform/scene.hpp"

namespace tf::platform::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

struct OlderPlatform : testing::Test {
  OlderPlatform() { scene.context->profiles_directory = scene.opened->paths.profiles(); }
  // As if there had never been one.
  void forget(const std::string& authority) {
    scene.script("DELETE FROM certificates WHERE kind = 'authority-" + authority + "'");
    for (const std::string& name : must(missing_profiles("/nonexistent")))
      if (must(default_profile(name)).authority == authority) forget_profile(name);
    must(scene.opened->certificates->reload(*scene.opened->database));
  }
  void forget_profile(const std::string& name) { ASSERT_TRUE(std::filesystem::remove(scene.opened->paths.profiles() + "/" + name + ".toml")); }
  WorkAnswer sign(const WorkRequest& request) { return must(sign_work_request(root, must(decode_work_request(encode(request))), {}, scene.clock.now_ms(), random)); }
  Status install(const WorkAnswer& answer) { return install_work_certificates(*scene.context, "operator:a", must(decode_work_answer(encode(answer)))); }
  std::unique_ptr<ca::CertificateAuthority> opened() { return must(open_authority(*scene.context, scene.opened->paths.profiles())); }

  Scene scene;
  SystemRandom random;
  pki::Issuer root = scene.root();
};

TEST_F(OlderPlatform, gets_an_authority_and_its_profiles_and_issues_under_it) {
  forget("cards");
  EXPECT_THAT(missing_authorities(*scene.opened->certificates), ElementsAre("cards"));
  EXPECT_THAT(must(missing_profiles(scene.opened->paths.profiles())), testing::UnorderedElementsAre("cardsign-authentication", "cardsign-card", "cardsign-hash", "cardsign-payment"));
  const auto request = must(request_authorities(*scene.context, "operator:a"));
  ASSERT_EQ(request.items.size(), 1U) << "no work keys, no OCSP signer";
  EXPECT_EQ(request.items[0].kind, "authority-cards");
  ASSERT_OK(install(sign(request)));
  EXPECT_THAT(scene.audited_actions(), ElementsAre("work.request accepted", "work.install accepted"));
  EXPECT_THAT(missing_authorities(*scene.opened->certificates), IsEmpty());
  EXPECT_THAT(must(missing_profiles(scene.opened->paths.profiles())), IsEmpty());
  const auto authority = opened();
  const auto issued = must(authority->issue({.profile = "cardsign-payment", .holder = "card:X", .names = {.subject = {{"commonName", "anna"}, {"serialNumber", "X"}}, .alternative = {}},
                                             .key = crypto::PrivateKey::generate_p256().public_key(), .actor = "test"}));
  EXPECT_EQ(issued.authority, "cards");
  EXPECT_TRUE(issued.issuer.is_issued_by(root.certificate));
  authority->drain();
}

TEST_F(OlderPlatform, from_before_there_were_any_gets_all_of_them_in_one_request) {
  for (const AuthorityKind& one : issuing_authorities()) forget(std::string(one.name));
  const auto request = must(request_work_certificates(*scene.context, "operator:a", {}));
  EXPECT_EQ(request.items.size(), 3 + issuing_authorities().size());
  ASSERT_OK(install(sign(request)));
  EXPECT_THAT(missing_authorities(*scene.opened->certificates), IsEmpty());
  EXPECT_THAT(must(missing_profiles(scene.opened->paths.profiles())), IsEmpty());
  opened()->drain();
}

TEST_F(OlderPlatform, keeps_an_authoritys_key_when_its_certificate_grows) {
  const auto wide = must(scene.opened->certificates->current("authority-platform"));
  scene.script("DELETE FROM certificates WHERE kind = 'authority-platform'");
  const auto key = must(scene.opened->vault->public_key(wide.key_name));
  const auto narrow = must(pki::issue_authority(root, "Trustferry platform CA", {pki::Usage::wallet_encryption, pki::Usage::wallet_results}, key, {wide.certificate.not_before_ms(), 1000}, random));
  must(scene.opened->database->write([&](store::Session& session) { return insert_certificate(session, wide.kind, wide.key_name, narrow); }));
  scene.script("UPDATE certificates SET not_before_ms = not_before_ms - 5000 WHERE kind = 'authority-platform'");  // older than what comes
  forget_profile("cardsign-server");
  must(scene.opened->certificates->reload(*scene.opened->database));
  EXPECT_THAT(missing_authorities(*scene.opened->certificates), ElementsAre("platform"));
  EXPECT_REFUSED(add_default_profile(*scene.context, "operator:a", "cardsign-server"), Code::refused, "pki.profile_issuer");  // the next start would not take it
  ASSERT_OK(install(sign(must(request_authorities(*scene.context, "operator:a")))));
  const auto now = must(scene.opened->certificates->current("authority-platform"));
  EXPECT_EQ(must(now.certificate.public_key()).spki(), key.spki());
  EXPECT_TRUE(now.certificate.has_usage(pki::Usage::cardsign_server));
  EXPECT_THAT(must(missing_profiles(scene.opened->paths.profiles())), IsEmpty());
  opened()->drain();
}

TEST_F(OlderPlatform, that_lacks_nothing_asks_for_nothing) {
  EXPECT_REFUSED(request_authorities(*scene.context, "operator:a"), Code::conflict, "work.nothing_missing");
  EXPECT_THAT(scene.audited_actions(), IsEmpty());
}

TEST_F(OlderPlatform, asks_again_for_the_same_key_and_takes_one_answer) {
  forget("cards");
  const auto first = must(request_authorities(*scene.context, "operator:a"));
  const auto second = must(request_authorities(*scene.context, "operator:a"));
  EXPECT_EQ(first.items[0].public_key, second.items[0].public_key);
  const auto answer = sign(first);
  ASSERT_OK(install(answer));
  EXPECT_REFUSED(install(answer), Code::conflict, "work.crl_older");
  EXPECT_REFUSED(request_authorities(*scene.context, "operator:a"), Code::conflict, "work.nothing_missing");
}

TEST_F(OlderPlatform, takes_no_authority_of_another_root_kind_or_use) {
  forget("cards");
  const auto request = must(request_authorities(*scene.context, "operator:a"));
  auto answer = sign(request);
  answer.items[0].kind = "authority-users";
  EXPECT_OK(sign_work_request(root, request, {}, scene.clock.now_ms(), random));
  answer.items[0].kind = "authority-onboard";  // whose usages it does not have
  EXPECT_REFUSED(install(answer), Code::refused, "work.kind");
  answer.items[0].kind = "authority-nonsense";
  EXPECT_REFUSED(install(answer), Code::refused, "work.kind");
  const auto key = crypto::PrivateKey::generate_p256();
  const pki::Issuer foreign{must(pki::make_root("Trustferry root", key, {scene.clock.now_ms(), pki::kRootDays}, random)), key};
  answer = sign(request);
  answer.items[0].certificate = must(sign_root_item(foreign, "authority-cards", must(crypto::PublicKey::from_spki(request.items[0].public_key)), scene.clock.now_ms(), random)).der();
  EXPECT_REFUSED(install(answer), Code::refused, "work.kind");
  EXPECT_THAT(missing_authorities(*scene.opened->certificates), ElementsAre("cards"));
  EXPECT_EQ(must(missing_profiles(scene.opened->paths.profiles())).size(), 4U);
}

TEST_F(OlderPlatform, gets_a_single_profile_by_an_operators_act) {
  forget_profile("cardsign-signature");
  EXPECT_THAT(must(missing_profiles(scene.opened->paths.profiles())), ElementsAre("cardsign-signature"));
  ASSERT_OK(add_default_profile(*scene.context, "operator:a", "cardsign-signature"));
  EXPECT_THAT(scene.audited_actions(), ElementsAre("pki.profile accepted"));
  EXPECT_THAT(must(missing_profiles(scene.opened->paths.profiles())), IsEmpty());
  EXPECT_REFUSED(add_default_profile(*scene.context, "operator:a", "cardsign-signature"), Code::conflict, "pki.profile_there");
  EXPECT_REFUSED(add_default_profile(*scene.context, "operator:a", "../vault"), Code::not_found, "pki.no_default_profile");
  forget("cards");
  EXPECT_REFUSED(add_default_profile(*scene.context, "operator:a", "cardsign-payment"), Code::refused, "pki.profile_issuer");
  opened()->drain();
}

// What an operator wrote is his.
TEST_F(OlderPlatform, keeps_a_file_that_stands_where_a_profile_would) {
  forget("cards");
  const std::string mine = scene.opened->paths.profiles() + "/cardsign-payment.toml";
  must(write_file_atomic(mine, as_bytes(std::string_view("not a profile\n")), 0644));
  EXPECT_FALSE(add_default_profile(*scene.context, "operator:a", "cardsign-payment"));
  EXPECT_EQ(as_text(must(read_file(mine, 100))), "not a profile\n");
}

}  // namespace
}  // namespace tf::platform::test
