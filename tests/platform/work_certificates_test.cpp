// Work certificates renewed with a root that is elsewhere: request, signing, installing.
#include "platform/ca/foundation.hpp"
#include "platform/rki/work_certificates.hpp"

#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

// What init makes: root, two CAs, TLS, two work certificates; the issuing authorities and the root's OCSP signer.
const std::int64_t kOwn = 6 + static_cast<std::int64_t>(issuing_authorities().size()) + 1;

class WorkCertificates : public testing::Test {
 protected:
  WorkRequest request() { return must(request_work_certificates(*scene.context, "operator:a", {})); }
  // New keys bear the second they were made in.
  WorkRequest request_again() {
    scene.clock.set(scene.clock.now_ms() + 1'000);
    return request();
  }
  Result<WorkAnswer> sign(const WorkRequest& request, const RootSigning& how = {}) {
    return sign_work_request(root, request, how, scene.clock.now_ms(), scene.random);
  }
  Status install(const WorkAnswer& answer) { return install_work_certificates(*scene.context, "operator:a", answer); }
  void expect_nothing_installed() {
    EXPECT_EQ(scene.count("SELECT COUNT(*) FROM certificates"), kOwn);
    EXPECT_EQ(scene.count("SELECT COUNT(*) FROM crls"), 1);
    EXPECT_EQ(scene.opened->certificates->current_crl()->number(), 1U);
  }
  RkiScene scene;
  pki::Issuer root = scene.root();
};

TEST_F(WorkCertificates, are_requested_signed_and_taken_into_use) {
  const auto wanted = decode_work_request(encode(request()));
  ASSERT_OK(wanted);
  ASSERT_EQ(wanted->items.size(), 3U);  // and the root's OCSP signer
  EXPECT_EQ(wanted->ranges, (std::vector{range("TF10000000..TF19999999")}));
  const auto answer = decode_work_answer(encode(must(sign(*wanted))));
  ASSERT_OK(answer);
  ASSERT_OK(install(*answer));
  for (const WorkAnswerItem& item : answer->items) {
    if (item.kind == kind::ocsp_root) continue;
    const auto suite = item.kind == kind::work_classic ? rki::Suite::classic : rki::Suite::modern;
    const auto work = must(scene.opened->certificates->work_certificate(suite, kBoth));
    EXPECT_EQ(work.key_name, item.key_name);
    EXPECT_EQ(work.chain, (std::vector<Bytes>{item.certificate}));
  }
  EXPECT_EQ(scene.opened->certificates->current_crl()->number(), 2U);
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("work.request accepted", "work.install accepted"));
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    auto device = scene.device(suite == rki::Suite::classic ? kClassic : kModern, {suite});
    EXPECT_OK(device.download(scene.exchange(), 1));
  }
}

TEST_F(WorkCertificates, old_and_new_serve_side_by_side) {
  auto device = scene.device(kModern, {rki::Suite::modern});
  Conversation talk(scene, device);
  talk.until("proof");
  ASSERT_OK(install(must(sign(request()))));
  talk.finish();
}

TEST_F(WorkCertificates, that_are_revoked_are_not_shown_any_more) {
  const auto old = must(scene.opened->certificates->current(kind::work_modern)).certificate;
  ASSERT_OK(install(must(sign(request(), {.revoke = {old.serial_hex()}}))));
  EXPECT_TRUE(scene.opened->certificates->current_crl()->is_revoked(old));
  EXPECT_NE(must(scene.opened->certificates->work_certificate(rki::Suite::modern, kBoth)).chain.front(), old.der());
  // The list that revoked it is where the next one begins.
  scene.clock.set(scene.clock.now_ms() + 2'000);
  ASSERT_OK(install(must(sign(request()))));
  EXPECT_TRUE(scene.opened->certificates->current_crl()->is_revoked(old));
}

TEST_F(WorkCertificates, serve_the_ranges_that_were_asked_for) {
  const auto wanted = must(request_work_certificates(*scene.context, "operator:a", {range("TF20000000..TF20000009")}));
  ASSERT_OK(install(must(sign(wanted))));
  const auto item = must(scene.opened->certificates->work_certificate(rki::Suite::modern, dsn("TF20000001")));
  EXPECT_EQ(item.key_name, wanted.items[1].key_name);
  EXPECT_NE(must(scene.opened->certificates->work_certificate(rki::Suite::modern, kBoth)).key_name, wanted.items[1].key_name);
  EXPECT_REFUSED(scene.opened->certificates->work_certificate(rki::Suite::modern, dsn("TF30000000")), Code::refused, "rki.no_work_certificate");
}

TEST_F(WorkCertificates, are_not_signed_for_another_purpose) {
  WorkRequest wanted = request();
  for (const char* kind : {"tls", "root", "estate-ca", ""}) {
    wanted.items[0].kind = kind;
    EXPECT_REFUSED(sign(wanted), Code::refused, "work.kind");
  }
}

TEST_F(WorkCertificates, are_not_signed_on_top_of_a_crl_the_root_never_issued) {
  WorkRequest wanted = request();
  wanted.crl = tf::test::shared_estate().pki.crl(scene.clock.now_ms());
  EXPECT_REFUSED(sign(wanted), Code::refused, "pki.crl_untrusted");
}

TEST_F(WorkCertificates, for_a_foreign_key_are_not_installed) {
  WorkRequest wanted = request();
  wanted.items[1].public_key = crypto::PrivateKey::generate_p256().public_key().spki();
  EXPECT_REFUSED(install(must(sign(wanted))), Code::refused, "work.other_key");
  wanted = WorkRequest(wanted);
  wanted.items.pop_back();
  wanted.items[0].key_name = "rki.no-such-key";
  EXPECT_REFUSED(install(must(sign(wanted))), Code::not_found, "vault.no_such_key");
  expect_nothing_installed();
}

TEST_F(WorkCertificates, under_a_foreign_root_are_not_installed) {
  auto key = crypto::PrivateKey::generate_p256();
  const pki::Issuer foreign{must(pki::make_root("Trustferry root", key, {scene.clock.now_ms(), 30}, scene.random)), key};
  WorkRequest wanted = request();
  wanted.crl = must(pki::issue_crl(foreign, 1, {}, scene.clock.now_ms(), scene.clock.now_ms() + kDayMs)).der();
  const auto answer = must(sign_work_request(foreign, wanted, {.work_days = 20, .revoke = {}}, scene.clock.now_ms(), scene.random));
  const Status installed = install(answer);
  ASSERT_FALSE(installed);
  EXPECT_EQ(installed.error().code, Code::refused);
  EXPECT_EQ(std::string_view(installed.error().reason).substr(0, 4), "pki.");
  // Good certificates with a foreign list, and a foreign list alone.
  auto mixed = must(sign(request_again()));
  mixed.crl = answer.crl;
  EXPECT_REFUSED(install(mixed), Code::refused, "pki.crl_untrusted");
  mixed.items.clear();
  EXPECT_REFUSED(install(mixed), Code::refused, "pki.crl_untrusted");
  expect_nothing_installed();
}

TEST_F(WorkCertificates, of_a_kind_that_is_not_theirs_are_not_installed) {
  WorkAnswer answer = must(sign(request()));
  for (const std::string kind : {"root", "tls", "estate-ca", "operations-ca", "", "work-quantum"}) {
    WorkAnswer changed = answer;
    changed.items[0].kind = kind;
    EXPECT_REFUSED(install(changed), Code::refused, "work.kind");
  }
  std::swap(answer.items[0].kind, answer.items[1].kind);
  EXPECT_REFUSED(install(answer), Code::refused, "work.kind");
  expect_nothing_installed();
}

TEST_F(WorkCertificates, come_with_a_list_that_is_newer_than_ours) {
  const WorkAnswer first = must(sign(request()));
  ASSERT_OK(install(first));
  WorkAnswer again = must(sign(request_again()));
  again.crl = first.crl;
  EXPECT_REFUSED(install(again), Code::conflict, "work.crl_older");
  again.crl = must(pki::issue_crl(root, 1, {}, scene.clock.now_ms(), scene.clock.now_ms() + kDayMs)).der();
  EXPECT_REFUSED(install(again), Code::conflict, "work.crl_older");
  EXPECT_REFUSED(install(first), Code::conflict, "work.crl_older");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM certificates"), kOwn + 3);
}

TEST_F(WorkCertificates, are_all_installed_or_none) {
  const WorkAnswer answer = must(sign(request()));
  scene.database->next_write = FaultyDatabase::Fault::lost;
  EXPECT_REFUSED(install(answer), Code::unavailable, "store.io");
  expect_nothing_installed();
  WorkAnswer twice = answer;
  twice.items.push_back(twice.items.front());
  EXPECT_REFUSED(install(twice), Code::conflict, "store.conflict");
  expect_nothing_installed();
  EXPECT_OK(install(answer));
}

TEST_F(WorkCertificates, files_of_another_type_are_not_read) {
  const WorkRequest wanted = request();
  EXPECT_REFUSED(decode_work_answer(encode(wanted)), Code::invalid, "work.file_type");
  EXPECT_REFUSED(decode_work_request(encode(must(sign(wanted)))), Code::invalid, "work.file_type");
  EXPECT_FALSE(decode_work_request("{}"));
  EXPECT_FALSE(decode_work_answer("[]"));
}

TEST_F(WorkCertificates, a_request_for_the_list_alone_brings_its_successor_and_no_keys) {
  const auto loader = must(pki::Certificate::from_der(must(scene.opened->certificates->current(kind::work_modern)).certificate.der()));
  const auto wanted = must(decode_work_request(encode(must(request_crl(*scene.context, "operator:a")))));
  EXPECT_TRUE(wanted.items.empty());
  SystemRandom random;
  RootSigning how;
  how.revoke = {loader.serial_hex()};
  const auto answer = must(sign_work_request(scene.root(), wanted, how, scene.clock.now_ms(), random));
  EXPECT_TRUE(answer.items.empty());
  EXPECT_OK(install_work_certificates(*scene.context, "operator:a", must(decode_work_answer(encode(answer)))));
  EXPECT_TRUE(scene.opened->certificates->current_crl()->is_revoked(loader));
  EXPECT_EQ(scene.audited_actions(), (std::vector<std::string>{"work.request accepted", "work.install accepted"}));
}

}  // namespace
}  // namespace tf::platform::test
