// What path validation accepts, and how the simple refusals are named.
#include <algorithm>

#include "pki/asn1.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

struct Holder {
  const Issuer Estate::* who;
  Usage usage;
};
constexpr Holder kHolders[] = {{&Estate::work, Usage::key_distribution_host},
                               {&Estate::rsa_work, Usage::key_distribution_host},
                               {&Estate::device, Usage::device},
                               {&Estate::loader, Usage::loader},
                               {&Estate::server, Usage::tls_server},
                               {&Estate::person, Usage::tls_client}};
constexpr Usage kUsages[] = {Usage::key_distribution_host, Usage::device, Usage::loader, Usage::tls_server,
                             Usage::tls_client};

PathQuery device_query() {
  PathQuery query = p256_estate().query(p256_estate().device.certificate, Usage::device);
  query.dsn = dsn("TF10000001");
  return query;
}

TEST(Path, every_certificate_is_accepted_for_its_own_usage_and_no_other) {
  for (const Estate* estate : {&rsa_estate(), &p256_estate()}) {
    for (const Holder& holder : kHolders) {
      const Certificate& certificate = (estate->*holder.who).certificate;
      for (const Usage usage : kUsages) {
        EXPECT_EQ(outcome(validate_path(estate->query(certificate, usage))),
                  usage == holder.usage ? "ok" : "refused pki.wrong_usage")
            << certificate.subject_text() << " as " << name_of(usage);
      }
    }
  }
}

TEST(Path, authorities_are_nothing_but_authorities) {
  for (const Issuer* issuer : {&p256_estate().estate_ca, &p256_estate().operations_ca, &p256_estate().root}) {
    for (const Usage usage : kUsages)
      EXPECT_EQ(outcome(validate_path(p256_estate().query(issuer->certificate, usage))), "refused pki.wrong_usage");
  }
}

TEST(Path, gives_the_chain_leaf_first) {
  const auto chain = must(find_path(device_query()));
  const Estate& estate = p256_estate();
  EXPECT_EQ(chain, (std::vector<Certificate>{estate.device.certificate, estate.loader.certificate,
                                             estate.estate_ca.certificate, estate.root.certificate}));
}

TEST(Path, order_and_superfluous_certificates_do_not_matter) {
  PathQuery query = device_query();
  std::ranges::reverse(query.intermediates);
  query.intermediates.push_back(p256_estate().root.certificate);
  query.anchors.push_back(foreign_estate().root.certificate);
  EXPECT_EQ(outcome(validate_path(query)), "ok");
}

TEST(Path, refuses_another_root_even_of_the_same_name) {
  PathQuery query = device_query();
  query.anchors = {foreign_estate().root.certificate};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
  query.anchors = {rsa_estate().root.certificate};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
  query.anchors = {};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
}

TEST(Path, refuses_an_anchor_that_is_no_root) {
  PathQuery query = device_query();
  query.anchors = {p256_estate().loader.certificate};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
}

TEST(Path, refuses_a_missing_intermediate) {
  PathQuery query = device_query();
  query.intermediates.pop_back();
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
  query.intermediates.clear();
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
}

TEST(Path, the_clock_decides_to_the_second) {
  PathQuery query = device_query();
  const Certificate& device = p256_estate().device.certificate;
  query.at_ms = device.not_before_ms();
  EXPECT_EQ(outcome(validate_path(query)), "ok");
  query.at_ms = device.not_before_ms() - 1;
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.not_yet_valid");
  query.at_ms = device.not_after_ms() - 1;
  EXPECT_EQ(outcome(validate_path(query)), "ok");
  query.at_ms = device.not_after_ms();
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.expired");
}

TEST(Path, an_expired_intermediate_ends_what_is_below_it) {
  const Estate& estate = p256_estate();
  const auto ended = [](X509* x) { X509_set1_notAfter(x, asn1_time(kNow - 1000).get()); };
  PathQuery query = device_query();
  query.intermediates = {forged(estate.loader.certificate, estate.estate_ca, ended), estate.estate_ca.certificate};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.expired");
  query.intermediates = {estate.loader.certificate, forged(estate.estate_ca.certificate, estate.root, ended)};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.expired");
}

TEST(Path, the_dsn_must_lie_in_the_leafs_ranges) {
  PathQuery query = device_query();
  query.dsn = dsn("TF10000002");
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.dsn_out_of_range");
  for (const auto work : {&Estate::work, &Estate::rsa_work}) {
    query = rsa_estate().query((rsa_estate().*work).certificate, Usage::key_distribution_host);
    for (const char* inside : {"TF10000000", "TF19999999", "TX0000", "TX9999"}) {
      query.dsn = dsn(inside);
      EXPECT_EQ(outcome(validate_path(query)), "ok") << inside;
    }
    for (const char* outside : {"TF20000000", "TF1000000", "TF100000000", "TX00000", "TY0000"}) {
      query.dsn = dsn(outside);
      EXPECT_EQ(outcome(validate_path(query)), "refused pki.dsn_out_of_range") << outside;
    }
  }
}

TEST(Path, a_certificate_without_ranges_serves_no_dsn) {
  PathQuery query = p256_estate().query(p256_estate().server.certificate, Usage::tls_server);
  query.dsn = dsn("TF10000001");
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.dsn_out_of_range");
}

TEST(Path, refuses_more_certificates_than_any_chain_needs) {
  PathQuery query = device_query();
  query.intermediates.resize(5, query.intermediates.front());
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
}

}  // namespace
}  // namespace tf::pki::test
