// Every rule of RFC 5280 and of good practice is broken once. What the hierarchy issues breaks none.
#include "tests/pki/lint_support.hpp"
#include "tests/support/expect.hpp"

namespace tf::pki::test {
namespace {

LintContext context(const Certificate& issuer = p256_estate().operations_ca.certificate) { return {.issuer = issuer, .now_ms = kNow}; }
Bytes server(const Alter& alter, const EVP_MD* md = EVP_sha256()) {
  return altered(alter, p256_estate().server.certificate, p256_estate().operations_ca.key, md);
}

void set_serial(X509* in, const char* hex, bool negative = false) {
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hex);
  BN_set_negative(number, negative ? 1 : 0);
  const Asn1Integer serial(BN_to_ASN1_INTEGER(number, nullptr));
  BN_free(number);
  ASSERT_EQ(X509_set_serialNumber(in, serial.get()), 1);
}

void add_attribute(X509* in, int nid, int type, std::string_view value) {
  ASSERT_EQ(X509_NAME_add_entry_by_NID(X509_get_subject_name(in), nid, type, as_bytes(value).data(), static_cast<int>(value.size()), -1, 0), 1);
}
void empty_subject(X509* in) {
  const crypto::Handle<X509_NAME, X509_NAME_free> name(X509_NAME_new());
  ASSERT_EQ(X509_set_subject_name(in, name.get()), 1);
}

TEST(Lint, what_the_hierarchy_issues_has_no_errors) {
  for (const Estate* of : {&rsa_estate(), &p256_estate()}) {
    for (const Issuer* one : {&of->estate_ca, &of->operations_ca, &of->work, &of->rsa_work})
      EXPECT_EQ(rules(lint(one->certificate.der(), context(of->root.certificate))), Rules{}) << one->certificate.subject_text();
    EXPECT_EQ(rules(lint(of->root.certificate.der(), context(of->root.certificate))), Rules{});
    EXPECT_EQ(rules(lint(of->device.certificate.der(), context(of->loader.certificate))), Rules{});
    EXPECT_EQ(rules(lint(of->server.certificate.der(), context(of->operations_ca.certificate))), Rules{});
    EXPECT_EQ(rules(lint(of->person.certificate.der(), {})), Rules{});
  }
  EXPECT_EQ(rules(lint(ocsp_estate().delegate.certificate.der(), context())), Rules{});
  EXPECT_EQ(broken([](X509*) {}), Rules{});
}

TEST(Lint, what_is_not_der_is_told) {
  const Bytes der = server([](X509*) {});
  EXPECT_EQ(rules(lint({}, {})), Rules{"error rfc5280.der"});
  EXPECT_EQ(rules(lint(ByteView(der).first(der.size() - 1), {})), Rules{"error rfc5280.der"});
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_TRUE(rules(lint(longer, context())).contains("error rfc5280.der"));
  for (std::size_t at = 0; at < der.size(); ++at) EXPECT_FALSE(lint(flipped(der, at), context()).empty()) << at;
}

TEST(Lint, serial_numbers) {
  EXPECT_EQ(broken([](X509* it) { set_serial(it, "0"); }), Rules{"error rfc5280.serial_sign"});
  EXPECT_EQ(broken([](X509* it) { set_serial(it, "11223344556677", true); }), Rules{"error rfc5280.serial_sign"});
  EXPECT_EQ(broken([](X509* it) { set_serial(it, "11223344556677"); }), Rules{"error practice.serial_entropy"});
  EXPECT_EQ(broken([](X509* it) { set_serial(it, "1122334455667788"); }), Rules{});
  EXPECT_EQ(broken([](X509* it) { set_serial(it, "7F00000000000000000000000000000000000001"); }), Rules{});
  EXPECT_EQ(broken([](X509* it) { set_serial(it, "8000000000000000000000000000000000000001"); }), Rules{"error rfc5280.serial_size"});
}

TEST(Lint, validity) {
  const auto set_times = [](X509* it, const char* from, const char* until) {
    const Asn1Time a(ASN1_TIME_new()), b(ASN1_TIME_new());
    ASSERT_TRUE(ASN1_TIME_set_string(a.get(), from) == 1 && ASN1_TIME_set_string(b.get(), until) == 1);
    ASSERT_TRUE(X509_set1_notBefore(it, a.get()) == 1 && X509_set1_notAfter(it, b.get()) == 1);
  };
  const auto times = [&](const char* from, const char* until) { return broken([&](X509* it) { set_times(it, from, until); }); };
  EXPECT_EQ(times("261101000000Z", "271101000000Z"), Rules{});
  EXPECT_EQ(times("20261101000000Z", "271101000000Z"), Rules{"error rfc5280.time_type"});
  EXPECT_EQ(times("2611010000Z", "271101000000Z"), Rules{"error rfc5280.time_form"});
  EXPECT_EQ(times("261101010000+0100", "271101000000Z"), Rules{"error rfc5280.time_form"});
  EXPECT_EQ(times("261101000000Z", "20271101000000Z"), Rules{"error rfc5280.time_type"});
  EXPECT_EQ(times("261101000000Z", "20500101000000Z"), Rules{"error practice.outlives_issuer"});
  EXPECT_EQ(times("261101000001Z", "271101000000Z"), Rules{"error practice.not_before_future"});
  EXPECT_EQ(times("261101000000Z", "261101000000Z"), (Rules{"error rfc5280.validity_order", "note practice.expired"}));
  EXPECT_EQ(times("251101000000Z", "271101000000Z"), Rules{"warning practice.older_than_issuer"});
  EXPECT_EQ(rules(lint(server([&](X509* it) { set_times(it, "491101000000Z", "20991101000000Z"); }), {})), Rules{});
}

TEST(Lint, keys) {
  const auto with_key = [](EVP_PKEY* key) {
    const crypto::EvpPkey owned(key);
    return broken([&](X509* it) { ASSERT_EQ(X509_set_pubkey(it, owned.get()), 1); });
  };
  EXPECT_EQ(with_key(EVP_RSA_gen(2048)), Rules{});
  EXPECT_EQ(with_key(EVP_RSA_gen(1024)), Rules{"error practice.weak_key"});
  EXPECT_EQ(with_key(EVP_EC_gen("P-384")), Rules{});
  EXPECT_EQ(with_key(EVP_EC_gen("secp256k1")), Rules{"error practice.curve"});
  EXPECT_EQ(with_key(EVP_EC_gen("P-192")), (Rules{"error practice.curve", "error practice.weak_key"}));
  EXPECT_EQ(with_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), Rules{});
}

TEST(Lint, signatures) {
  const Bytes sha1 = server([](X509*) {}, EVP_sha1());
  EXPECT_EQ(rules(lint(sha1, context())), Rules{"error practice.weak_hash"});
  const Bytes foreign = altered([](X509*) {}, p256_estate().server.certificate, p256_estate().root.key);
  EXPECT_EQ(rules(lint(foreign, context())), Rules{"error rfc5280.signature_wrong"});
  // The algorithm beside the signature is not the signed one: its last octet stands before the BIT STRING.
  Bytes der = server([](X509*) {});
  const Bytes ecdsa_sha256{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  const auto last = std::find_end(der.begin(), der.end(), ecdsa_sha256.begin(), ecdsa_sha256.end());
  *(last + 11) = 0x03;
  EXPECT_TRUE(rules(lint(der, context())).contains("error rfc5280.signature_algorithm"));
}

TEST(Lint, names) {
  EXPECT_EQ(broken([](X509* it) { X509_set_issuer_name(it, X509_get_subject_name(it)); }), Rules{"error rfc5280.issuer_name"});
  EXPECT_EQ(broken([](X509* it) { empty_subject(it); }), Rules{"error rfc5280.empty_subject"});
  EXPECT_EQ(broken([](X509* it) {
              empty_subject(it);
              set(it, NID_subject_alt_name, "critical,DNS:keys.example.org");
            }),
            Rules{});
  EXPECT_EQ(broken([](X509* it) { set(it, NID_subject_alt_name, "critical,DNS:keys.example.org"); }), Rules{"warning rfc5280.san_critical"});
  const auto with_attribute = [](int nid, int type, std::string_view value) {
    return broken([&](X509* it) { add_attribute(it, nid, type, value); });
  };
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_UTF8STRING, "Prüfstelle"), Rules{});
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_T61STRING, "Old"), Rules{"error rfc5280.string_type"});
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_BMPSTRING, std::string_view("\0O", 2)), Rules{"error rfc5280.string_type"});
  EXPECT_EQ(with_attribute(NID_countryName, V_ASN1_UTF8STRING, "DE"), Rules{"error rfc5280.string_type"});
  EXPECT_EQ(with_attribute(NID_countryName, V_ASN1_PRINTABLESTRING, "DEU"), Rules{"error rfc5280.attribute_size"});
  EXPECT_EQ(with_attribute(NID_serialNumber, V_ASN1_UTF8STRING, "1"), Rules{"error rfc5280.string_type"});
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_PRINTABLESTRING, "A*B"), Rules{"error rfc5280.printable_string"});
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_UTF8STRING, std::string(65, 'x')), Rules{"error rfc5280.attribute_size"});
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_UTF8STRING, "a\nb"), Rules{"error practice.control_character"});
  EXPECT_EQ(with_attribute(NID_organizationName, V_ASN1_UTF8STRING, " a"), Rules{"warning practice.space_around"});
  EXPECT_EQ(with_attribute(NID_commonName, V_ASN1_UTF8STRING, "again"), Rules{"warning practice.attribute_twice"});
}

TEST(Lint, alternative_names) {
  const auto with_names = [](const char* value) { return broken([value](X509* it) { set(it, NID_subject_alt_name, value); }); };
  EXPECT_EQ(with_names("DNS:a.example,IP:10.0.0.1,IP:::1,email:a@b.example,URI:urn:a"), Rules{});
  EXPECT_EQ(with_names("DNS:*.example.org"), Rules{"warning practice.wildcard"});
  for (const char* bad : {"DNS:a..b", "DNS:-a", "DNS:a_b", "DNS:a."}) EXPECT_EQ(with_names(bad), Rules{"error rfc5280.dns_name"}) << bad;
  EXPECT_EQ(with_names("DNS:a b"), Rules{"error rfc5280.ia5_string"});
  EXPECT_EQ(with_names("email:nobody"), Rules{"error rfc5280.rfc822_name"});
  EXPECT_EQ(with_names("URI:nothing"), Rules{"error rfc5280.uri"});
  EXPECT_EQ(broken([](X509* it) {
              remove_extension(it, "2.5.29.17");
              add_extension(it, "2.5.29.17", false, Bytes{0x30, 0x00});
            }),
            Rules{"error rfc5280.san_empty"});
  EXPECT_EQ(broken([](X509* it) {
              remove_extension(it, "2.5.29.17");
              add_extension(it, "2.5.29.17", false, Bytes{0x30, 0x05, 0x87, 0x03, 1, 2, 3});
            }),
            Rules{"error rfc5280.ip_address"});
}

TEST(Lint, findings_are_refused_when_one_is_an_error) {
  const auto findings = lint(server([](X509* it) { set(it, NID_subject_alt_name, "DNS:*.example.org"); }), context());
  EXPECT_OK(refuse_errors(findings));
  const auto wrong = lint(server([](X509* it) { set_serial(it, "1"); }), context());
  EXPECT_REFUSED(refuse_errors(wrong), Code::refused, "pki.lint");
  EXPECT_EQ(describe(wrong), "error practice.serial_entropy serialNumber: 1 octets are no room for 64 random bits (BR §7.1)\n");
}

TEST(Lint, an_unsigned_certificate_is_judged_but_for_its_signature) {
  const crypto::X509Handle copy(X509_dup(p256_estate().server.certificate.native()));
  set_serial(copy.get(), "1122334455667788");
  EXPECT_EQ(rules(lint_unsigned(copy.get(), context())), Rules{});
  set_serial(copy.get(), "1");
  EXPECT_EQ(rules(lint_unsigned(copy.get(), context())), Rules{"error practice.serial_entropy"});
}

}  // namespace
}  // namespace tf::pki::test
