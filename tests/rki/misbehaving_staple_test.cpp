// A platform that staples what is not right: each fault by name, with the exact reason the device must give, under each of the
// device's policies that asks. What is there is believed or the conversation ends; the revocation list, which is good in all of
// these, does not make up for it.
#include "crypto/jose/jose.hpp"
#include "tests/rki/forge.hpp"
#include "tests/rki/misbehaviour.hpp"

namespace tf::rki::test {
namespace {

using pki::ocsp::CertStatus;

constexpr std::int64_t kStapleHourMs = 3600 * 1000;
constexpr std::int64_t kStapleDayMs = 24 * kStapleHourMs;
constexpr std::int64_t kStapledAt = FixedClock::kStart;

// Made anew for the certificate that the platform shows.
using Make = std::function<Bytes(const Hierarchy&, const std::string& serial_hex)>;

std::function<void(Scene&)> staples(const Make& make) {
  return [make](Scene& scene) {
    scene.platform.own_credentials = scene.estate.credentials;
    TestCredentials& credentials = *scene.platform.own_credentials;
    for (WorkCertificate* work : {&credentials.classic, &credentials.modern})
      work->ocsp = make(scene.estate.pki, must(pki::Certificate::from_der(work->chain.front())).serial_hex());
  };
}

pki::ocsp::SingleResponse good(const pki::Certificate& issuer, const std::string& serial_hex) {
  return {.cert_id = must(pki::ocsp::cert_id(issuer, serial_hex)), .status = CertStatus::good, .this_update_ms = kStapledAt, .next_update_ms = kStapledAt + kStapleHourMs};
}

Make signed_by(const std::function<pki::Issuer(const Hierarchy&)>& signer) {
  return [signer](const Hierarchy& pki, const std::string& serial) {
    const pki::Issuer by = signer(pki);
    return must(pki::ocsp::make_response({.responses = {good(pki.root.certificate, serial)}, .produced_at_ms = kStapledAt},
                                         must(pki::ocsp::responder_of(by.certificate, by.key))));
  };
}

// A signer whom somebody else than the root appointed, or for another time.
pki::Issuer signer_under(const pki::Issuer& issuer, std::int64_t now_ms, int days) {
  DeterministicRandom random("another OCSP signer");
  const auto key = crypto::PrivateKey::generate_p256();
  return {must(pki::issue_ocsp_signer(issuer, "OCSP", key.public_key(), {now_ms, days}, random)), key};
}

void add_statements(std::vector<Misbehaviour>& out) {
  add_both(out, "that it is revoked", staples([](const Hierarchy& pki, const std::string& serial) {
             return pki.staple(serial, kStapledAt, kStapleHourMs, CertStatus::revoked);
           }),
           "ocsp.revoked");
  add_both(out, "that nothing is known of it", staples([](const Hierarchy& pki, const std::string& serial) {
             return pki.staple(serial, kStapledAt, kStapleHourMs, CertStatus::unknown);
           }),
           "ocsp.unknown");
  add_both(out, "that it was never issued", staples([](const Hierarchy& pki, const std::string& serial) {
             auto one = pki::ocsp::never_issued(must(pki::ocsp::cert_id(pki.root.certificate, serial)), kStapledAt, kStapledAt + kStapleHourMs);
             return must(pki::ocsp::make_response({.responses = {std::move(one)}, .produced_at_ms = kStapledAt},
                                                  must(pki::ocsp::responder_of(pki.ocsp.certificate, pki.ocsp.key))));
           }),
           "ocsp.revoked");
  add_both(out, "about another certificate",
           staples([](const Hierarchy& pki, const std::string&) { return pki.staple(pki.estate_ca.certificate.serial_hex(), kStapledAt, kStapleHourMs); }),
           "ocsp.wrong_certificate");
  add_both(out, "about that number of another issuer", staples([](const Hierarchy& pki, const std::string& serial) {
             return must(pki::ocsp::make_response({.responses = {good(pki.estate_ca.certificate, serial)}, .produced_at_ms = kStapledAt},
                                                  must(pki::ocsp::responder_of(pki.ocsp.certificate, pki.ocsp.key))));
           }),
           "ocsp.wrong_certificate");
  add_both(out, "about the work certificate of the other suite", [](Scene& scene) {
             scene.platform.own_credentials = scene.estate.credentials;
             std::swap(scene.platform.own_credentials->classic.ocsp, scene.platform.own_credentials->modern.ocsp);
           },
           "ocsp.wrong_certificate");
  add_both(out, "of yesterday", staples([](const Hierarchy& pki, const std::string& serial) { return pki.staple(serial, kStapledAt - kStapleDayMs, kStapleDayMs); }),
           "ocsp.expired");
  add_both(out, "of tomorrow", staples([](const Hierarchy& pki, const std::string& serial) { return pki.staple(serial, kStapledAt + kStapleDayMs, kStapleDayMs); }),
           "ocsp.not_yet_valid");
}

void add_signers(std::vector<Misbehaviour>& out) {
  add_both(out, "by another root's signer", staples(signed_by([](const Hierarchy&) {
             DeterministicRandom random("other root");
             return Hierarchy::make("Other", kStapledAt, random).ocsp;
           })),
           "ocsp.responder_untrusted");
  add_both(out, "by a signer of an authority below the root",
           staples(signed_by([](const Hierarchy& pki) { return signer_under(pki.estate_ca, kStapledAt, 30); })), "ocsp.responder_untrusted");
  add_both(out, "by a certificate of the root's for another use", staples(signed_by([](const Hierarchy& pki) { return pki.estate_ca; })),
           "ocsp.responder_usage");
  add_both(out, "by a signer whose time has not come",
           staples(signed_by([](const Hierarchy& pki) { return signer_under(pki.root, kStapledAt + kStapleDayMs, 5); })), "ocsp.responder_expired");
  add_both(out, "by a signer whose time is over", [](Scene& scene) {
             staples(signed_by([](const Hierarchy& pki) { return signer_under(pki.root, kStapledAt, 1); }))(scene);
             static const FixedClock later(kStapledAt + kStapleDayMs + kStapleHourMs / 2);
             scene.terminal.use_clock(later);
           },
           "ocsp.responder_expired");
  add_both(out, "with a signature of another", staples([](const Hierarchy& pki, const std::string& serial) {
             const auto other = crypto::PrivateKey::generate_p256();
             const pki::ocsp::Responder forger{.certificate = pki.ocsp.certificate, .sign = [&](ByteView tbs) -> Result<Bytes> {
                                                 return pki::ocsp::to_der(TF_TRY(crypto::sign_es256(other, tbs)));
                                               }};
             return must(pki::ocsp::make_response({.responses = {good(pki.root.certificate, serial)}, .produced_at_ms = kStapledAt}, forger));
           }),
           "ocsp.signature");
  add_both(out, "without the signer's certificate", staples([](const Hierarchy& pki, const std::string& serial) {
             auto responder = must(pki::ocsp::responder_of(pki.ocsp.certificate, pki.ocsp.key));
             responder.include_certificate = false;
             return must(pki::ocsp::make_response({.responses = {good(pki.root.certificate, serial)}, .produced_at_ms = kStapledAt}, responder));
           }),
           "ocsp.responder_unknown");
}

void add_shapes(std::vector<Misbehaviour>& out) {
  const auto always = [](Bytes der) { return staples([der](const Hierarchy&, const std::string&) { return der; }); };
  add_both(out, "what is no response", always({0x30, 0x00}), "ocsp.response");
  add_both(out, "an answer that it should ask later", always(pki::ocsp::error_response(pki::ocsp::ErrorStatus::try_later)), "ocsp.try_later");
  add_both(out, "an answer that it may not ask", always(pki::ocsp::error_response(pki::ocsp::ErrorStatus::unauthorized)), "ocsp.unauthorized");
  add_both(out, "a response with a byte after it", staples([](const Hierarchy& pki, const std::string& serial) {
             Bytes der = pki.staple(serial, kStapledAt, kStapleHourMs);
             der.push_back(0);
             return der;
           }),
           "ocsp.response");
  for (const Suite suite : {Suite::classic, Suite::modern})
    add_one(out, "nothing under its name", suite, [](Scene& scene) {
      scene.platform.tamper = [](const PlatformState& before, std::string_view, PlatformStep& step) {
        const std::size_t at = step.reply.find(R"("ocsp":")");
        if (std::holds_alternative<Ended>(before)) step.reply.replace(at + 8, step.reply.size() - 2 - (at + 8), "");
      };
    }, "ocsp.response");
}

std::vector<Misbehaviour> of_staples() {
  std::vector<Misbehaviour> out;
  add_statements(out);
  add_signers(out);
  add_shapes(out);
  return out;
}

class MisbehavingStaple : public ::testing::TestWithParam<Misbehaviour> {};
INSTANTIATE_TEST_SUITE_P(Named, MisbehavingStaple, ::testing::ValuesIn(of_staples()), misbehaviour_name);

TEST_P(MisbehavingStaple, is_refused_with_the_exact_reason) {
  for (const Staple policy : {Staple::ask, Staple::require}) {
    Scene scene(GetParam().suite);
    scene.terminal.identity.staple = policy;
    GetParam().prepare(scene);
    const auto finished = scene.terminal.converse(1, scene.platform.exchange());
    EXPECT_REASON(finished, GetParam().reason.c_str());
    EXPECT_NE(finished.error().code, Code::unavailable) << "nothing to try again";
    EXPECT_TRUE(scene.terminal.in_use.empty() && scene.terminal.arrived.empty());
    EXPECT_TRUE(scene.platform.actions.empty());
    expect_recovery(scene);
  }
}

TEST_P(MisbehavingStaple, is_nothing_to_a_device_that_does_not_ask) {
  Scene scene(GetParam().suite);
  if (GetParam().name == "nothing under its name") return;  // there is no such member to change
  scene.terminal.identity.staple = Staple::none;
  GetParam().prepare(scene);
  EXPECT_OK(scene.terminal.converse(1, scene.platform.exchange()));
}

TEST(UnaskedStaple, is_no_message_of_this_protocol) {
  for (const Suite suite : {Suite::classic, Suite::modern}) {
    Scene scene(suite);
    scene.terminal.identity.staple = Staple::none;
    scene.platform.tamper = [](const PlatformState& before, std::string_view, PlatformStep& step) {
      if (std::holds_alternative<Ended>(before)) step.reply.insert(step.reply.size() - 1, R"(,"ocsp":"MAA=")");
    };
    EXPECT_REASON(scene.terminal.converse(1, scene.platform.exchange()), "rki.staple_not_asked");
  }
}

}  // namespace
}  // namespace tf::rki::test
