// What a device gets from the loader.
#include "pki/request/certificate_request.hpp"
#include "pki/path/path.hpp"
#include "protocols/rki/keys.hpp"
#include "tests/factory/scene.hpp"

namespace tf::factory::test {
namespace {

const wire::Dsn kFirst = dsn("TF10000001");
const wire::Dsn kLast = dsn("TF10000099");

class Personalise : public testing::Test {
 protected:
  rki::Personalisation give(const wire::Dsn& dsn, FactorKind kind = FactorKind::random) { return must(loader.personalise(request_for(dsn), kind)); }
  Scene scene;
  Loader loader = scene.loader_with_batch();
};

TEST_F(Personalise, gives_the_dik2_that_the_platform_will_derive) {
  for (const FactorKind kind : {FactorKind::random, FactorKind::composed}) {
    const auto given = give(kFirst, kind);
    EXPECT_EQ(given.suites, (std::vector{rki::Suite::modern, rki::Suite::classic}));
    EXPECT_EQ(given.secrets.classic_dik2, must(rki::classic_dik2(scene.classic_dik1.reveal(), kFirst.text(), given.secrets.factor.reveal())));
    const Secret<32> dik1(scene.modern_dik1.reveal().first<32>());
    EXPECT_EQ(given.secrets.modern_dik2, SecretBytes(rki::modern_dik2(dik1, kFirst.text(), given.secrets.factor.reveal()).reveal()));
  }
}

TEST_F(Personalise, gives_every_device_a_factor_and_keys_of_its_own) {
  const auto first = give(kFirst);
  const auto last = give(kLast);
  EXPECT_EQ(first.secrets.factor.size(), 16U);
  EXPECT_NE(first.secrets.factor, last.secrets.factor);
  EXPECT_NE(first.secrets.modern_dik2, last.secrets.modern_dik2);
  EXPECT_NE(first.secrets.classic_dik2, last.secrets.classic_dik2);
  EXPECT_NE(first.secrets.factor, give(kFirst).secrets.factor) << "and another one when it is personalised again";
}

TEST_F(Personalise, composes_a_factor_of_loader_date_and_batch) {
  const auto first = give(kFirst, FactorKind::composed);
  const auto last = give(kLast, FactorKind::composed);
  EXPECT_EQ(as_text(first.secrets.factor.reveal()), "loader-1/20261101/b1");
  EXPECT_EQ(first.secrets.factor, last.secrets.factor);
  EXPECT_NE(first.secrets.modern_dik2, last.secrets.modern_dik2) << "the serial still tells them apart";
  scene.clock.advance_days(1);
  EXPECT_EQ(as_text(give(kFirst, FactorKind::composed).secrets.factor.reveal()), "loader-1/20261102/b1");
}

TEST_F(Personalise, keeps_long_composed_factors_apart) {
  Loader longest = scene.make_loader(std::string(64, 'L'));
  ASSERT_OK(longest.receive(scene.sign(scene.package_for(longest, "b1", "TF10000200..TF10000200"))));
  ASSERT_OK(longest.receive(scene.sign(scene.package_for(longest, "b2", "TF10000201..TF10000201"))));
  const auto one = must(longest.personalise(request_for(dsn("TF10000200")), FactorKind::composed));
  const auto two = must(longest.personalise(request_for(dsn("TF10000201")), FactorKind::composed));
  EXPECT_LE(one.secrets.factor.size(), rki::kFactorMax);
  EXPECT_NE(one.secrets.factor, two.secrets.factor) << "the batch must not be cut off";
}

TEST_F(Personalise, certifies_the_key_the_device_made) {
  const auto request = request_for(kFirst);
  const auto given = must(loader.personalise(request, FactorKind::random));
  ASSERT_EQ(given.chain.size(), 3U);
  EXPECT_EQ(given.root, scene.pki.root.certificate.der());
  const auto chain = must(pki::chain_from_der(given.chain));
  const auto asked = must(pki::CertificateRequest::from_der(request.certificate_request));
  EXPECT_EQ(must(chain[0].public_key()).spki(), asked.public_key().spki());
  pki::PathQuery query{.leaf = chain[0], .intermediates = {chain[1], chain[2]}, .anchors = {scene.pki.root.certificate},
                       .at_ms = scene.clock.now_ms(), .usage = pki::Usage::device, .dsn = kFirst};
  EXPECT_OK(pki::validate_path(query));
  query.dsn = kLast;
  EXPECT_REFUSED(pki::validate_path(query), Code::refused, "pki.dsn_out_of_range");
}

TEST_F(Personalise, gives_the_suites_of_the_batch_only) {
  ASSERT_OK(loader.receive(scene.sign(scene.package_for(loader, "m", "TF10000200..TF10000200", {rki::Suite::modern}))));
  ASSERT_OK(loader.receive(scene.sign(scene.package_for(loader, "c", "TF10000201..TF10000201", {rki::Suite::classic}))));
  const auto modern = give(dsn("TF10000200"));
  EXPECT_EQ(modern.suites, (std::vector{rki::Suite::modern}));
  EXPECT_TRUE(modern.secrets.classic_dik2.empty());
  const auto classic = give(dsn("TF10000201"));
  EXPECT_EQ(classic.suites, (std::vector{rki::Suite::classic}));
  EXPECT_TRUE(classic.secrets.modern_dik2.empty());
}

TEST_F(Personalise, refuses_serials_outside_every_batch) {
  for (const char* outside : {"TF10000000", "TF10000100", "TF100000010", "TF1000001", "AA10000001"})
    EXPECT_REFUSED(loader.personalise(request_for(dsn(outside)), FactorKind::random), Code::refused, "factory.no_batch");
}

TEST_F(Personalise, happens_once_it_is_confirmed_and_may_be_repeated_until_then) {
  give(kFirst);
  const auto given = give(kFirst);
  ASSERT_OK(loader.confirm(kFirst, fingerprint_of(given)));
  EXPECT_REFUSED(loader.personalise(request_for(kFirst), FactorKind::random), Code::conflict, "factory.personalised");
  Loader again = must(scene.reopen("loader-1"));
  EXPECT_REFUSED(again.personalise(request_for(kFirst), FactorKind::random), Code::conflict, "factory.personalised");
  EXPECT_OK(again.personalise(request_for(kLast), FactorKind::random));
  ASSERT_EQ(again.log().entries().size(), 1U);
  EXPECT_EQ(again.log().entries()[0].batch, "b1");
  EXPECT_EQ(again.log().entries()[0].at_ms, scene.clock.now_ms());
}

TEST_F(Personalise, refuses_a_request_whose_key_does_not_prove_itself) {
  auto request = request_for(kFirst);
  request.certificate_request.back() ^= 1;
  EXPECT_REFUSED(loader.personalise(request, FactorKind::random), Code::refused, "pki.no_possession");
  request.certificate_request.clear();
  EXPECT_REFUSED(loader.personalise(request, FactorKind::random), Code::malformed, "pki.request");
  request.certificate_request = must(pki::CertificateRequest::make("TF10000001", crypto::PrivateKey::generate_rsa(2048))).der();
  EXPECT_REFUSED(loader.personalise(request, FactorKind::random), Code::refused, "pki.bad_key");
}

TEST_F(Personalise, names_the_device_by_its_serial_whatever_the_request_says) {
  auto request = request_for(kLast);
  request.dsn = kFirst;
  const auto given = must(loader.personalise(request, FactorKind::random));
  const auto ranges = must(must(pki::Certificate::from_der(given.chain.front())).dsn_ranges());
  EXPECT_EQ(ranges, (std::vector{range("TF10000001")}));
}

TEST_F(Personalise, confirms_nothing_outside_its_batches) {
  EXPECT_REFUSED(loader.confirm(dsn("TF10000100"), Hash256{}), Code::internal, "factory.no_batch");
  EXPECT_TRUE(loader.log().entries().empty());
}

}  // namespace
}  // namespace tf::factory::test
