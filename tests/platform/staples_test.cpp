// OCSP responses about the work certificates: made ahead by the root's signer, shown with every hello that asks.
#include "pki/ocsp/verify.hpp"
#include "platform/rki/staples.hpp"
#include "platform/rki/work_certificates.hpp"
#include "tests/platform/conversation.hpp"

namespace tf::platform::test {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

class Staples : public testing::Test {
 protected:
  // As a server has them that has run for some time.
  Staples() : certificates(must(Certificates::load(*scene.database, scene.clock))) {}

  Bytes staple(rki::Suite suite) const { return must(certificates->work_certificate(suite, kBoth)).ocsp; }
  pki::Certificate work(rki::Suite suite) const {
    return must(pki::Certificate::from_der(must(certificates->work_certificate(suite, kBoth)).chain.front()));
  }
  Result<pki::ocsp::Verified> verified(rki::Suite suite, std::int64_t at_ms) const {
    return pki::ocsp::verify(staple(suite), {.issuer = root.certificate, .serial_hex = work(suite).serial_hex(), .now_ms = at_ms});
  }
  Result<rki::ServerHello> greeting(const TerminalUnderTest& device) {
    const auto first = must(rki::begin(device.identity, 1, {scene.clock, scene.random}));
    return TF_TRY(rki::decode_server_hello(TF_TRY(service.handle_hello(first.send->body)))).hello;
  }
  WorkAnswer answer(const std::vector<std::string>& revoke = {}) {
    const WorkRequest request = must(request_work_certificates(context, "operator:a", {}));
    RootSigning how;
    how.revoke = revoke;
    return must(sign_work_request(root, request, how, scene.clock.now_ms(), scene.random));
  }

  RkiScene scene;
  pki::Issuer root = scene.root();
  std::unique_ptr<Certificates> certificates;
  Context context{scene.clock, scene.opened->random, *scene.database, *scene.opened->vault, *scene.opened->trail, scene.opened->metrics, scene.config,
                  *certificates};
  struct Service {
    RkiScene& scene;
    RkiService rki;
    Result<std::string> handle_hello(const std::string& body) {
      wire::HttpRequest request;
      request.body = body;
      std::optional<Result<std::string>> given;
      rki.handle("hello", request, [&given](Result<std::string> reply) { given = std::move(reply); });
      return std::move(*given);  // a hello is answered at once
    }
  };
  Service service{scene, RkiService(*scene.database, *scene.opened->trail, scene.refusals,
                                    rki::PlatformPorts{scene.clock, scene.random, *scene.opened->vault, *certificates}, scene.opened->metrics,
                                    scene.settings)};
};

TEST_F(Staples, say_good_about_the_work_certificates_of_both_suites) {
  renew_staples(context);
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    const auto said = verified(suite, scene.clock.now_ms());
    ASSERT_OK(said);
    EXPECT_OK(pki::ocsp::require_good(*said));
    EXPECT_EQ(said->next_update_ms, (scene.clock.now_ms() + kStapleLifeMs) / 1000 * 1000);
  }
}

TEST_F(Staples, are_believed_by_a_terminal_whose_clock_is_minutes_behind) {
  scene.clock.set(scene.clock.now_ms() + kHourMs);  // the signer has been there for some time
  renew_staples(context);
  EXPECT_OK(verified(rki::Suite::modern, scene.clock.now_ms() - 5 * kMinuteMs));
  EXPECT_REFUSED(verified(rki::Suite::modern, scene.clock.now_ms() - 6 * kMinuteMs), Code::refused, "ocsp.not_yet_valid");
}

TEST_F(Staples, go_to_terminals_that_ask_the_same_each_time) {
  renew_staples(context);
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    auto device = scene.device(kBoth, {suite});
    const auto first = greeting(device), second = greeting(device);
    ASSERT_OK(first);
    ASSERT_OK(second);
    ASSERT_TRUE(first->ocsp);
    EXPECT_EQ(*first->ocsp, staple(suite));
    EXPECT_EQ(first->ocsp, second->ocsp) << "a signature made for a hello would be another each time";
    device.identity.staple = rki::Staple::none;
    EXPECT_FALSE(must(greeting(device)).ocsp);
  }
}

TEST_F(Staples, let_terminals_download_that_require_them) {
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    auto device = scene.device(suite == rki::Suite::classic ? kClassic : kModern, {suite});
    device.identity.staple = rki::Staple::require;
    const auto none = device.converse(1, scene.exchange());
    EXPECT_REFUSED(none, Code::refused, "rki.no_staple");
  }
  renew_staples(*scene.context);
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) {
    auto device = scene.device(suite == rki::Suite::classic ? kClassic : kModern, {suite});
    device.identity.staple = rki::Staple::require;
    EXPECT_OK(device.download(scene.exchange(), 1));
    EXPECT_EQ(scene.disagreement(device), "");
  }
}

TEST_F(Staples, are_made_anew_when_certificates_are_installed) {
  renew_staples(context);
  const Bytes before = staple(rki::Suite::modern);
  ASSERT_OK(install_work_certificates(context, "operator:a", answer()));
  for (const rki::Suite suite : {rki::Suite::classic, rki::Suite::modern}) EXPECT_OK(verified(suite, scene.clock.now_ms()));
  EXPECT_NE(staple(rki::Suite::modern), before);
}

TEST_F(Staples, are_made_anew_when_a_revocation_list_is_installed) {
  renew_staples(context);
  const Bytes before = staple(rki::Suite::modern);
  const WorkRequest request = must(request_crl(context, "operator:a"));
  scene.clock.set(scene.clock.now_ms() + 1'000);
  ASSERT_OK(install_work_certificates(context, "operator:a", must(sign_work_request(root, request, {}, scene.clock.now_ms(), scene.random))));
  EXPECT_OK(verified(rki::Suite::modern, scene.clock.now_ms()));
  EXPECT_NE(staple(rki::Suite::modern), before);
}

TEST_F(Staples, are_not_made_for_what_is_revoked) {
  const std::string old = work(rki::Suite::modern).serial_hex();
  ASSERT_OK(install_work_certificates(context, "operator:a", answer({old})));
  const auto made = must(make_staples(context));
  EXPECT_EQ(std::ranges::count(made, old, &Stapled::serial_hex), 0);
  EXPECT_EQ(made.size(), 3U);  // two new ones, and the old one of classic
}

TEST_F(Staples, are_by_no_signer_that_is_revoked) {
  const std::string signer = must(certificates->current(kind::ocsp_root)).certificate.serial_hex();
  const WorkRequest request = must(request_crl(context, "operator:a"));
  RootSigning how;
  how.revoke = {signer};
  ASSERT_OK(install_work_certificates(context, "operator:a", must(sign_work_request(root, request, how, scene.clock.now_ms(), scene.random))));
  EXPECT_REFUSED(make_staples(context), Code::not_found, "rki.no_ocsp_signer");
  ASSERT_OK(install_work_certificates(context, "operator:a", answer()));  // brings a new one
  EXPECT_OK(verified(rki::Suite::modern, scene.clock.now_ms()));
}

TEST_F(Staples, are_served_until_they_are_out_of_date_and_not_after) {
  renew_staples(context);
  const auto device = scene.device(kBoth, {rki::Suite::modern});
  const std::int64_t until = must(verified(rki::Suite::modern, scene.clock.now_ms())).next_update_ms;
  scene.clock.set(until - 1);
  EXPECT_TRUE(must(greeting(device)).ocsp);
  scene.clock.set(until);
  EXPECT_FALSE(must(greeting(device)).ocsp);
  renew_staples(context);
  EXPECT_TRUE(must(greeting(device)).ocsp);
}

TEST_F(Staples, last_no_longer_than_their_signer) {
  const std::int64_t end = must(certificates->current(kind::ocsp_root)).certificate.not_after_ms();
  scene.clock.set(end - kHourMs);
  renew_staples(context);
  EXPECT_EQ(must(verified(rki::Suite::modern, scene.clock.now_ms())).next_update_ms, end);
  const Bytes last = staple(rki::Suite::modern);
  scene.clock.set(end - 1);
  EXPECT_EQ(staple(rki::Suite::modern), last);
  scene.clock.set(end);
  EXPECT_REFUSED(make_staples(context), Code::not_found, "rki.no_ocsp_signer");
  renew_staples(context);
  EXPECT_TRUE(staple(rki::Suite::modern).empty());
}

TEST_F(Staples, are_none_on_a_platform_of_before_there_was_a_signer) {
  scene.script("DELETE FROM certificates WHERE kind = 'ocsp-root'");
  ASSERT_OK(certificates->reload(*scene.database));
  renew_staples(context);
  EXPECT_TRUE(staple(rki::Suite::modern).empty());
  EXPECT_FALSE(must(greeting(scene.device(kBoth, {rki::Suite::modern}))).ocsp);
}

TEST_F(Staples, that_are_put_late_do_not_push_out_others) {
  renew_staples(context);
  auto early = must(make_staples(context));
  ASSERT_OK(install_work_certificates(context, "operator:a", answer()));
  certificates->put_staples(std::move(early));  // made by another thread before the install, put after it
  EXPECT_OK(verified(rki::Suite::modern, scene.clock.now_ms()));
  EXPECT_OK(verified(rki::Suite::classic, scene.clock.now_ms()));
}

}  // namespace
}  // namespace tf::platform::test
