#include <algorithm>

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/crl/crl.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const Issuer& root() { return rsa_estate().root; }

Crl list(const std::vector<Certificate>& revoked, const Issuer& issuer = root()) {
  std::vector<Revoked> entries;
  for (const Certificate& one : revoked)
    entries.push_back({one.serial_hex(), RevocationReason::key_compromise, kNow - 1000});
  return must(issue_crl(issuer, 7, entries, kNow - 1000, kNow + 30 * kDayMs));
}

std::string path_verdict(const Certificate& leaf, Usage usage, std::optional<Crl> crl, bool require = true,
                    std::int64_t at_ms = kNow) {
  PathQuery query = rsa_estate().query(leaf, usage);
  query.crl = std::move(crl);
  query.require_crl = require;
  query.at_ms = at_ms;
  return outcome(validate_path(query));
}
const Certificate& work() { return rsa_estate().work.certificate; }
constexpr Usage kHost = Usage::key_distribution_host;

TEST(Revocation, a_list_says_what_was_put_in) {
  for (const Estate* of : {&rsa_estate(), &p256_estate()}) {
    const std::vector<Revoked> entries{{"01", RevocationReason::unspecified, kNow - 5000},
                                       {of->work.certificate.serial_hex(), RevocationReason::superseded, kNow - 2000},
                                       {"FF", RevocationReason::privilege_withdrawn, kNow}};
    const Crl crl = must(issue_crl(of->root, 1234567890123, entries, kNow, kNow + kDayMs));
    const Crl again = must(Crl::from_der(crl.der()));
    EXPECT_EQ(again.number(), 1234567890123U);
    EXPECT_EQ(again.this_update_ms(), kNow);
    EXPECT_EQ(again.next_update_ms(), kNow + kDayMs);
    EXPECT_EQ(again.issuer_text(), of->root.certificate.subject_text());
    auto revoked = again.revoked();
    EXPECT_EQ(revoked.size(), 3U);
    for (const Revoked& entry : entries)
      EXPECT_NE(std::ranges::find(revoked, entry), revoked.end()) << entry.serial_hex;
    EXPECT_TRUE(again.is_revoked(of->work.certificate));
    EXPECT_FALSE(again.is_revoked(of->rsa_work.certificate));
    EXPECT_EQ(must(Crl::from_pem(crl.to_pem())).der(), crl.der());
    EXPECT_EQ(outcome(again.verify(of->root.certificate, kNow)), "ok");
  }
}

TEST(Revocation, an_empty_list_revokes_nothing) {
  EXPECT_EQ(path_verdict(work(), kHost, list({})), "ok");
  EXPECT_TRUE(list({}).revoked().empty());
}

TEST(Revocation, a_revoked_leaf_is_refused) {
  EXPECT_EQ(path_verdict(work(), kHost, list({work()})), "refused pki.revoked");
  EXPECT_EQ(path_verdict(work(), kHost, list({work()}), false), "refused pki.revoked");
  EXPECT_EQ(path_verdict(work(), kHost, list({rsa_estate().rsa_work.certificate})), "ok");
}

TEST(Revocation, a_revoked_intermediate_ends_what_is_below_it) {
  EXPECT_EQ(path_verdict(rsa_estate().device.certificate, Usage::device, list({rsa_estate().estate_ca.certificate})),
            "refused pki.revoked");
  EXPECT_EQ(path_verdict(rsa_estate().loader.certificate, Usage::loader, list({rsa_estate().estate_ca.certificate})),
            "refused pki.revoked");
  EXPECT_EQ(path_verdict(rsa_estate().server.certificate, Usage::tls_server, list({rsa_estate().operations_ca.certificate})),
            "refused pki.revoked");
  EXPECT_EQ(path_verdict(rsa_estate().server.certificate, Usage::tls_server, list({rsa_estate().estate_ca.certificate})), "ok");
}

TEST(Revocation, a_missing_list_is_refused_only_where_required) {
  EXPECT_EQ(path_verdict(work(), kHost, std::nullopt), "refused pki.crl_missing");
  EXPECT_EQ(path_verdict(work(), kHost, std::nullopt, false), "ok");
}

TEST(Revocation, an_old_list_and_one_of_the_future_are_refused) {
  const Crl crl = list({});
  EXPECT_EQ(path_verdict(work(), kHost, crl, true, crl.next_update_ms() - 1), "ok");
  EXPECT_EQ(path_verdict(work(), kHost, crl, true, crl.next_update_ms()), "refused pki.crl_expired");
  EXPECT_EQ(path_verdict(work(), kHost, crl, false, crl.next_update_ms()), "refused pki.crl_expired");
  EXPECT_EQ(path_verdict(work(), kHost, crl, true, crl.this_update_ms() - 1), "refused pki.crl_expired");
}

TEST(Revocation, a_list_of_anyone_else_is_refused) {
  EXPECT_EQ(path_verdict(work(), kHost, list({}, foreign_estate().root)), "refused pki.crl_untrusted");  // the same name
  EXPECT_EQ(path_verdict(work(), kHost, list({}, rsa_estate().estate_ca)), "refused pki.crl_untrusted");
  EXPECT_EQ(path_verdict(work(), kHost, list({}, foreign_estate().root), false), "refused pki.crl_untrusted");
}

TEST(Revocation, an_altered_list_is_refused) {
  const Bytes der = list({work()}).der();
  for (std::size_t at = 0; at < der.size(); ++at) {
    const auto altered = Crl::from_der(flipped(der, at));
    if (altered) ASSERT_EQ(path_verdict(rsa_estate().rsa_work.certificate, kHost, *altered), "refused pki.crl_untrusted") << at;
  }
}

TEST(Revocation, lists_are_read_strictly) {
  const Bytes der = list({work()}).der();
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_EQ(outcome(Crl::from_der(longer)), "malformed pki.crl");
  for (std::size_t size = 0; size < der.size(); ++size)
    ASSERT_EQ(outcome(Crl::from_der(ByteView(der).first(size))), "malformed pki.crl") << size;
  EXPECT_EQ(outcome(Crl::from_der(Bytes((4 << 20) + 1, 0x30))), "malformed pki.crl");
}

Bytes altered(const std::function<void(X509_CRL*)>& alter) {
  const Bytes der = list({work()}).der();
  const std::uint8_t* at = der.data();
  const crypto::X509CrlHandle crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  alter(crl.get());
  const auto context = must(signing_context(root().key));
  EXPECT_GT(X509_CRL_sign_ctx(crl.get(), context.get()), 0);
  return der_of<i2d_X509_CRL>(crl.get());
}

TEST(Revocation, partial_lists_are_refused) {
  EXPECT_EQ(outcome(Crl::from_der(altered([](X509_CRL*) {}))), "ok");
  EXPECT_EQ(outcome(Crl::from_der(altered([](X509_CRL* crl) {  // a delta
              const Asn1Integer base(ASN1_INTEGER_new());
              ASN1_INTEGER_set(base.get(), 1);
              X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base.get(), 1, X509V3_ADD_DEFAULT);
            }))),
            "malformed pki.crl");
  for (const int nid : {NID_crl_number, NID_authority_key_identifier}) {
    EXPECT_EQ(outcome(Crl::from_der(altered([nid](X509_CRL* crl) {
                X509_EXTENSION_free(X509_CRL_delete_ext(crl, X509_CRL_get_ext_by_NID(crl, nid, -1)));
              }))),
              "malformed pki.crl");
  }
  EXPECT_EQ(outcome(Crl::from_der(altered([](X509_CRL* crl) { X509_CRL_set_version(crl, X509_CRL_VERSION_1); }))),
            "malformed pki.crl");
}

TEST(Revocation, issuing_refuses_what_makes_no_sense) {
  const Revoked entry{"0A", RevocationReason::key_compromise, kNow};
  EXPECT_EQ(outcome(issue_crl(root(), 1, {entry, entry}, kNow, kNow + kDayMs)), "invalid pki.crl_twice");
  EXPECT_EQ(outcome(issue_crl(root(), 1, {{"0a", RevocationReason::key_compromise, kNow}}, kNow, kNow + kDayMs)),
            "invalid pki.serial");
  EXPECT_EQ(outcome(issue_crl(root(), 1, {{"", RevocationReason::key_compromise, kNow}}, kNow, kNow + kDayMs)),
            "invalid pki.serial");
  EXPECT_EQ(outcome(issue_crl(root(), 1, {}, kNow, kNow)), "invalid pki.crl_times");
  EXPECT_EQ(outcome(issue_crl({root().certificate, rsa_estate().loader.key}, 1, {}, kNow, kNow + kDayMs)),
            "invalid pki.issuer_key");
  EXPECT_EQ(outcome(issue_crl(rsa_estate().work, 1, {}, kNow, kNow + kDayMs)), "refused pki.wrong_usage");
  EXPECT_EQ(outcome(issue_crl(rsa_estate().loader, 1, {}, kNow, kNow + kDayMs)), "refused pki.wrong_usage");
}

}  // namespace
}  // namespace tf::pki::test
