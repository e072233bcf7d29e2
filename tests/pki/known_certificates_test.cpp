#include "pki/path/known_certificates.hpp"

#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const Certificate& shown() { return p256_estate().device.certificate; }

TEST(KnownCertificates, one_that_was_kept_is_not_parsed_again) {
  KnownCertificates known(2);
  const auto first = must(known.parse(shown().der()));
  EXPECT_NE(&first.facts(), &shown().facts());
  known.keep(first);
  EXPECT_EQ(&must(known.parse(shown().der())).facts(), &first.facts());
}

TEST(KnownCertificates, octets_that_differ_are_another_certificate) {
  KnownCertificates known(2);
  known.keep(shown());
  const Bytes& der = shown().der();
  for (std::size_t at = 0; at < der.size(); ++at) {
    const auto other = known.parse(flipped(der, at));
    if (other) EXPECT_NE(*other, shown()) << at;
  }
  EXPECT_EQ(outcome(known.parse(ByteView(der).first(der.size() - 1))), "malformed pki.certificate");
}

TEST(KnownCertificates, a_chain_has_one_to_four) {
  KnownCertificates known(8);
  const std::vector<Bytes> chain = p256_estate().device_chain(shown());
  const auto parsed = must(known.parse(chain));
  ASSERT_EQ(parsed.size(), chain.size());
  for (const Certificate& each : parsed) known.keep(each);
  EXPECT_EQ(must(known.parse(chain)), parsed);
  EXPECT_EQ(outcome(known.parse(std::vector<Bytes>())), "refused pki.bad_certificate");
  EXPECT_EQ(outcome(known.parse(std::vector<Bytes>(5, shown().der()))), "refused pki.bad_certificate");
}

}  // namespace
}  // namespace tf::pki::test
