// OCSP responders that are silent, stale, somebody else's or replay: nobody goes on without a good answer, on either side.
#include "tests/onboard/world.hpp"

namespace tf::onboard::test {
namespace {

struct Misbehaving {
  std::string name;
  std::function<Responder(const Ocsp&)> responder;
  Code code;
  const char* reason;
};
void PrintTo(const Misbehaving& one, std::ostream* out) { *out << one.name; }

class OnboardOcsp : public testing::TestWithParam<Misbehaving>, protected World {
 protected:
  OnboardOcsp() { must(a.contract({kId, "Anna", "plan-1", {}, {}})); }
  Operator& a = operators.at("a");
  Device device{*this};
};

// Responders sign for the modules' CA and for the servers' CA; the others' is wrong for either.
INSTANTIATE_TEST_SUITE_P(
    Responders, OnboardOcsp,
    testing::Values(
        Misbehaving{"silent", [](const Ocsp& ocsp) { return ocsp.silent(); }, Code::unavailable, "ocsp.silent"},
        Misbehaving{"stale", [](const Ocsp& ocsp) { return ocsp.answering(nullptr, 3'600'000, true); }, Code::unavailable, "ocsp.expired"},
        Misbehaving{"without_nonce", [](const Ocsp& ocsp) { return ocsp.answering(nullptr, 0, false); }, Code::unavailable, "ocsp.nonce_missing"},
        Misbehaving{"of_another_pki", [](const Ocsp& ocsp) { return ocsp.answering(&foreign_estate().modules.ocsp, 0, true); }, Code::unavailable,
                    "ocsp.responder_untrusted"},
        Misbehaving{"garbage", [](const Ocsp&) { return Responder([](const Question&, const std::optional<Bytes>&) -> Result<Bytes> { return Bytes{1, 2, 3}; }); },
                    Code::unavailable, "ocsp.response"},
        Misbehaving{"replaying",
                    [](const Ocsp& ocsp) {
                      return Responder([honest = ocsp.honest()](const Question& question, const std::optional<Bytes>&) { return honest(question, Bytes(32, 7)); });
                    },
                    Code::unavailable, "ocsp.nonce_mismatch"},
        Misbehaving{"about_another",
                    [](const Ocsp& ocsp) {
                      return Responder([honest = ocsp.honest()](const Question& question, const std::optional<Bytes>& nonce) {
                        const auto other = module_of(kOtherId).module->certificates(module::Key::sign).front();
                        return honest({other, question.issuer}, nonce);
                      });
                    },
                    Code::unavailable, "ocsp.wrong_certificate"}),
    [](const auto& info) { return info.param.name; });

TEST_P(OnboardOcsp, is_no_answer_about_a_module) {
  ocsp.responders = {GetParam().responder(ocsp)};
  EXPECT_REFUSED(device.run(), GetParam().code, GetParam().reason);
  EXPECT_TRUE(a.made.empty());
  EXPECT_TRUE(a.alarms.empty()) << "nobody did wrong but the responder";
  ocsp.responders = {ocsp.honest()};
  EXPECT_OK(device.run());
}

TEST_P(OnboardOcsp, is_no_answer_about_an_operator) {
  line = [&](const Message& message, const Deliver& deliver) {
    auto answer = deliver(message);
    if (message.route == "dm") ocsp.responders = {GetParam().responder(ocsp)};  // it answers the device from now on
    return answer;
  };
  EXPECT_REFUSED(device.run(), GetParam().code, GetParam().reason);
  EXPECT_FALSE(device.imsi().has_value());
  line = {};
  ocsp.responders = {ocsp.honest()};
  EXPECT_OK(device.run());
  EXPECT_EQ(a.made.size(), 1U);
}

class OnboardRevokedOperator : public testing::Test, protected World {
 protected:
  OnboardRevokedOperator() { must(a.contract({kId, "Anna", "plan-1", {}, {}})); }
  Status run_with_revoked(const Signer& signer) {
    ocsp.revoked.insert(must(pki::Certificate::from_der(signer.chain.front())).serial_hex());
    return device.run();
  }
  Operator& a = operators.at("a");
  Device device{*this};
};

TEST_F(OnboardRevokedOperator, is_refused_by_the_device) {
  EXPECT_REFUSED(run_with_revoked(a.ports.signer), Code::refused, "ocsp.revoked");
  EXPECT_FALSE(device.imsi().has_value());
}

TEST_F(OnboardRevokedOperator, whose_issuer_is_revoked_is_refused_by_the_device) {
  EXPECT_REFUSED(run_with_revoked(a.issuer), Code::refused, "ocsp.revoked");
  EXPECT_FALSE(device.imsi().has_value());
}

TEST(OnboardOutcomes, certificate_nobody_asked_about_is_not_good) {
  const auto certificate = module_of(kId).module->certificates(module::Key::sign).front();
  EXPECT_REFUSED(require_good({}, certificate), Code::internal, "onboard.ocsp_not_asked");
}

}  // namespace
}  // namespace tf::onboard::test
