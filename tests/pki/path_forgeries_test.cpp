// Certificates that no honest issuer makes: each is refused, by name, by full validation and by the fast one alike.
#include <openssl/rsa.h>

#include "pki/asn1.hpp"
#include "pki/device/verifier.hpp"
#include "pki/oids.hpp"
#include "tests/pki/estate.hpp"

namespace tf::pki::test {
namespace {

const Certificate& honest_device() { return p256_estate().device.certificate; }

// Both ways to verify this device certificate under the honest chain; they must agree.
std::string verdict(const Certificate& certificate) {
  PathQuery query = p256_estate().query(honest_device(), Usage::device);
  query.leaf = certificate;
  query.dsn = dsn("TF10000001");
  const std::string full = outcome(validate_path(query));
  const DeviceVerifier verifier({.anchors = {p256_estate().root.certificate}, .require_crl = false});
  EXPECT_EQ(outcome(verifier.verify(p256_estate().device_chain(honest_device()), dsn("TF10000001"), kNow)),
            "ok");  // fills the cache
  EXPECT_EQ(outcome(verifier.verify(p256_estate().device_chain(certificate), dsn("TF10000001"), kNow)), full);
  EXPECT_EQ(outcome(verifier.device_key(p256_estate().device_chain(certificate), dsn("TF10000001"), kNow)), full);
  return full;
}

std::string verdict(const std::function<void(X509*)>& alter) {
  return verdict(forged(honest_device(), p256_estate().loader, alter));
}

std::string verdict_of(const Certificate& leaf, std::vector<Certificate> intermediates, Usage usage) {
  return outcome(validate_path({.leaf = leaf,
                                .intermediates = std::move(intermediates),
                                .anchors = {p256_estate().root.certificate},
                                .at_ms = kNow,
                                .usage = usage}));
}

TEST(Forgeries, an_unaltered_copy_passes) {
  EXPECT_EQ(verdict([](X509*) {}), "ok");
}

TEST(Forgeries, every_byte_of_a_certificate_counts) {
  PathQuery query = p256_estate().query(honest_device(), Usage::device);
  const DeviceVerifier verifier({.anchors = {p256_estate().root.certificate}, .require_crl = false});
  EXPECT_EQ(outcome(verifier.device_key(p256_estate().device_chain(honest_device()), dsn("TF10000001"), kNow)), "ok");
  for (std::size_t at = 0; at < honest_device().der().size(); ++at) {
    const Bytes der = flipped(honest_device().der(), at);
    ASSERT_FALSE(verifier.verify({der, p256_estate().loader.certificate.der(), p256_estate().estate_ca.certificate.der()},
                                 dsn("TF10000001"), kNow))
        << at;
    ASSERT_FALSE(verifier.device_key({der, p256_estate().loader.certificate.der(), p256_estate().estate_ca.certificate.der()},
                                     dsn("TF10000001"), kNow))
        << at;
    const auto parsed = Certificate::from_der(der);
    if (!parsed) continue;
    query.leaf = *parsed;
    ASSERT_FALSE(validate_path(query)) << at;
  }
}

TEST(Forgeries, an_altered_signature_is_untrusted) {
  EXPECT_EQ(verdict(must(Certificate::from_der(flipped(honest_device().der(), honest_device().der().size() - 1)))),
            "refused pki.untrusted");
}

TEST(Forgeries, another_key_under_the_loaders_name_is_untrusted) {
  const Issuer impostor{p256_estate().loader.certificate, crypto::PrivateKey::generate_p256()};
  EXPECT_EQ(verdict(forged(honest_device(), impostor, [](X509*) {})), "refused pki.untrusted");
}

TEST(Forgeries, a_range_outside_the_loaders_is_refused) {
  EXPECT_EQ(verdict([](X509* x) {
              set_subject(x, NID_serialNumber, "TF10010000");
              replace_ranges(x, {range("TF10010000")});
            }),
            "refused pki.dsn_out_of_range");
}

TEST(Forgeries, a_device_without_a_range_or_with_a_wide_one_is_refused) {
  EXPECT_EQ(verdict([](X509* x) { remove_extension(x, oid::kDsnRanges); }), "refused pki.dsn_out_of_range");
  EXPECT_EQ(verdict([](X509* x) { replace_ranges(x, {range("TF10000000..TF10009999")}); }),
            "refused pki.bad_certificate");
  EXPECT_EQ(verdict([](X509* x) { replace_ranges(x, {range("TF10000001"), range("TF10000002")}); }),
            "refused pki.bad_certificate");
}

TEST(Forgeries, subject_and_range_of_a_device_must_agree) {
  EXPECT_EQ(verdict([](X509* x) { set_subject(x, NID_serialNumber, "TF10000002"); }), "refused pki.bad_certificate");
  EXPECT_EQ(verdict([](X509* x) { set_subject(x, NID_commonName, "TF10000001"); }), "refused pki.bad_certificate");
}

TEST(Forgeries, too_many_ranges_and_broken_ones_are_refused) {
  Bytes many{0x30, 0x82, 0x03, 0x8e};
  for (int i = 0; i < 65; ++i)
    append(many, Bytes{0x30, 0x0c, 0x0c, 4, 'A', 'A', 'A', '1', 0x0c, 4, 'A', 'A', 'A', '9'});
  for (const Bytes& value : {many, Bytes{0x30, 0x00}, Bytes{0xff}}) {
    EXPECT_EQ(verdict([&](X509* x) {
                remove_extension(x, oid::kDsnRanges);
                add_extension(x, oid::kDsnRanges, true, value);
              }),
              "refused pki.bad_certificate");
  }
}

TEST(Forgeries, ranges_that_are_not_critical_are_refused) {
  EXPECT_EQ(verdict([](X509* x) {
              X509_EXTENSION_set_critical(X509_get_ext(x, X509_get_ext_by_OBJ(x, oid::dsn_ranges(), -1)), 0);
            }),
            "refused pki.bad_certificate");
}

TEST(Forgeries, an_unknown_critical_extension_is_refused_on_any_certificate) {
  const Bytes value{0x05, 0x00};
  EXPECT_EQ(verdict([&](X509* x) { add_extension(x, "1.2.3.4", true, value); }), "refused pki.bad_certificate");
  EXPECT_EQ(verdict([&](X509* x) { add_extension(x, "1.2.3.4", false, value); }), "ok");
  const auto alter = [&](X509* x) { add_extension(x, "1.2.3.4", true, value); };
  EXPECT_EQ(verdict_of(honest_device(),
                       {forged(p256_estate().loader.certificate, p256_estate().estate_ca, alter), p256_estate().estate_ca.certificate},
                       Usage::device),
            "refused pki.bad_certificate");
}

TEST(Forgeries, more_or_other_usages_are_refused) {
  EXPECT_EQ(verdict([](X509* x) { replace_usages(x, {NID_server_auth}); }), "refused pki.wrong_usage");
  EXPECT_EQ(verdict([](X509* x) { replace_usages(x, {NID_anyExtendedKeyUsage}); }), "refused pki.wrong_usage");
  EXPECT_EQ(verdict([](X509* x) { remove_extension(x, "extendedKeyUsage"); }), "refused pki.wrong_usage");
  EXPECT_EQ(verdict([](X509* x) { remove_extension(x, "keyUsage"); }), "refused pki.wrong_usage");
}

TEST(Forgeries, both_directions_of_TLS_go_together_and_nothing_else_does) {
  const auto issuer = must(issue_authority(p256_estate().root, "Servers", {Usage::tls_server, Usage::tls_client, Usage::onboard_operator}, p256_estate().operations_ca.key.public_key(),
                                           {kNow, 30}, randomness()));
  const Issuer both{issuer, p256_estate().operations_ca.key};
  const auto as = [&](std::initializer_list<int> usages, Usage usage) {
    return verdict_of(forged(p256_estate().server.certificate, both, [&](X509* x) { replace_usages(x, usages); }), {issuer}, usage);
  };
  const std::initializer_list<int> tls = {NID_server_auth, NID_client_auth};
  EXPECT_EQ(as(tls, Usage::tls_server), "ok");
  EXPECT_EQ(as(tls, Usage::tls_client), "ok");
  EXPECT_EQ(as(tls, Usage::onboard_operator), "refused pki.wrong_usage");
  EXPECT_EQ(as({NID_server_auth}, Usage::tls_client), "refused pki.wrong_usage");
  EXPECT_EQ(as({NID_server_auth, NID_OCSP_sign}, Usage::tls_server), "refused pki.wrong_usage");
}

TEST(Forgeries, weak_algorithms_are_refused) {
  const crypto::EvpPkey p384(EVP_EC_gen("P-384"));
  const crypto::EvpPkey rsa(EVP_RSA_gen(1024));
  EXPECT_EQ(verdict([&](X509* x) { X509_set_pubkey(x, p384.get()); }), "refused pki.bad_certificate");
  EXPECT_EQ(verdict([&](X509* x) { X509_set_pubkey(x, rsa.get()); }), "refused pki.bad_certificate");
}

TEST(Forgeries, other_signature_algorithms_are_refused) {
  const auto resigned = [](const Issuer& by, const Certificate& original, const EVP_MD* md) {
    const crypto::X509Handle copy(X509_dup(original.native()));
    EXPECT_GT(X509_sign(copy.get(), by.key.native(), md), 0);
    return must(Certificate::from_der(der_of<i2d_X509>(copy.get())));
  };
  EXPECT_EQ(verdict(resigned(p256_estate().loader, honest_device(), EVP_sha384())), "refused pki.bad_certificate");
  EXPECT_EQ(verdict(resigned(p256_estate().loader, honest_device(), EVP_sha1())), "refused pki.bad_certificate");
  // PKCS#1 v1.5 by an RSA root
  const Estate& rsa = rsa_estate();
  PathQuery query = rsa.query(resigned(rsa.root, rsa.work.certificate, EVP_sha256()), Usage::key_distribution_host);
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.bad_certificate");
}

TEST(Forgeries, a_small_rsa_root_is_refused) {
  const auto small = crypto::PrivateKey::generate_rsa(1024);
  const Issuer self{rsa_estate().root.certificate, small};
  const auto root = forged(self.certificate, self, [&](X509* x) { X509_set_pubkey(x, small.native()); });
  const auto work = forged(rsa_estate().work.certificate, self, [](X509*) {});
  PathQuery query = rsa_estate().query(work, Usage::key_distribution_host);
  query.anchors = {root};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.bad_certificate");
}

// A loader's key in the wrong hands.
TEST(Forgeries, a_loader_cannot_make_an_authority) {
  const auto key = crypto::PrivateKey::generate_p256();
  const auto as_ca = [&](const char* name) {
    return [&, name](X509* x) {
      X509_set_pubkey(x, key.native());
      set_subject(x, NID_commonName, name);
      const Hash256 any{7};
      const Asn1Octets id(ASN1_OCTET_STRING_new());
      ASN1_OCTET_STRING_set(id.get(), any.data(), 20);
      X509_add1_ext_i2d(x, NID_subject_key_identifier, id.get(), 0, X509V3_ADD_REPLACE);
    };
  };
  const Estate& e = p256_estate();
  // Station 1b, and one that bears the loader's own name and would not be counted.
  for (const char* name : {"Station 1b", "Station 1"}) {
    const Issuer sub{forged(e.loader.certificate, e.loader, as_ca(name)), key};
    EXPECT_EQ(verdict_of(sub.certificate, {e.loader.certificate, e.estate_ca.certificate}, Usage::loader),
              "refused pki.untrusted");
    const auto leaf = forged(honest_device(), sub, [](X509*) {});
    EXPECT_EQ(verdict_of(leaf, {sub.certificate, e.loader.certificate, e.estate_ca.certificate}, Usage::device),
              "refused pki.untrusted");
  }
}

TEST(Forgeries, an_authority_cannot_escape_path_lengths_under_its_own_name) {
  const Estate& e = p256_estate();
  const auto twin =
      forged(e.loader.certificate, e.estate_ca, [](X509* x) { set_subject(x, NID_commonName, "Test estate"); });
  EXPECT_EQ(
      verdict_of(forged(honest_device(), {twin, e.loader.key}, [](X509*) {}), {twin, e.estate_ca.certificate}, Usage::device),
      "refused pki.untrusted");
}

TEST(Forgeries, a_loader_cannot_make_work_or_tls_certificates) {
  const Estate& e = p256_estate();
  const std::vector<Certificate> above{e.loader.certificate, e.estate_ca.certificate};
  const auto within = [](X509* x) { replace_ranges(x, {range("TF10000001")}); };
  EXPECT_EQ(verdict_of(forged(e.work.certificate, e.loader, within), above, Usage::key_distribution_host),
            "refused pki.wrong_usage");
  EXPECT_EQ(verdict_of(forged(e.server.certificate, e.loader, within), above, Usage::tls_server),
            "refused pki.wrong_usage");
  EXPECT_EQ(verdict_of(forged(e.person.certificate, e.loader, within), above, Usage::tls_client),
            "refused pki.wrong_usage");
}

TEST(Forgeries, the_operations_ca_cannot_make_devices_or_work_certificates) {
  const Estate& e = p256_estate();
  EXPECT_EQ(verdict_of(forged(honest_device(), e.operations_ca, [](X509*) {}), {e.operations_ca.certificate}, Usage::device),
            "refused pki.wrong_usage");
  EXPECT_EQ(verdict_of(forged(e.work.certificate, e.operations_ca, [](X509*) {}), {e.operations_ca.certificate},
                       Usage::key_distribution_host),
            "refused pki.wrong_usage");
}

TEST(Forgeries, an_estate_ca_cannot_make_devices_itself) {
  const Estate& e = p256_estate();
  EXPECT_EQ(verdict_of(forged(honest_device(), e.estate_ca, [](X509*) {}), {e.estate_ca.certificate}, Usage::device),
            "refused pki.wrong_usage");
}

TEST(Forgeries, a_leaf_cannot_issue) {
  const Estate& e = p256_estate();
  const auto other = forged(honest_device(), e.device, [](X509* x) { set_subject(x, NID_serialNumber, "TF10000002"); });
  EXPECT_EQ(verdict_of(other, {honest_device(), e.loader.certificate, e.estate_ca.certificate}, Usage::device),
            "refused pki.untrusted");
}

TEST(Forgeries, a_chain_of_five_is_too_long_even_without_path_lengths) {
  const Estate& e = p256_estate();
  const auto unlimited = [](const char* name, const crypto::PrivateKey& key) {
    return [&key, name](X509* x) {
      X509_set_pubkey(x, key.native());
      set_subject(x, NID_commonName, name);
      const crypto::Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> ca(BASIC_CONSTRAINTS_new());
      ca->ca = 0xff;
      X509_add1_ext_i2d(x, NID_basic_constraints, ca.get(), 1, X509V3_ADD_REPLACE);
    };
  };
  const auto key = crypto::PrivateKey::generate_p256();
  const Issuer root{forged(e.root.certificate, e.root, unlimited("Test root", e.root.key)), e.root.key};
  std::vector<Certificate> above;
  Issuer last = root;
  for (const char* name : {"one", "two", "three"}) {
    last = Issuer{forged(e.estate_ca.certificate, last, unlimited(name, key)), key};
    above.push_back(last.certificate);
  }
  PathQuery query{.leaf = forged(honest_device(), last, [](X509*) {}),
                  .intermediates = above,
                  .anchors = {root.certificate},
                  .at_ms = kNow,
                  .usage = Usage::device};
  EXPECT_EQ(outcome(validate_path(query)), "refused pki.untrusted");
}

TEST(Forgeries, a_loader_beyond_its_path_length_or_without_ranges_is_no_loader) {
  const Estate& e = p256_estate();
  const auto no_ranges =
      forged(e.loader.certificate, e.estate_ca, [](X509* x) { remove_extension(x, oid::kDsnRanges); });
  EXPECT_EQ(verdict_of(no_ranges, {e.estate_ca.certificate}, Usage::loader), "refused pki.dsn_out_of_range");
  EXPECT_EQ(verdict_of(honest_device(), {no_ranges, e.estate_ca.certificate}, Usage::device), "refused pki.wrong_usage");
}

}  // namespace
}  // namespace tf::pki::test
