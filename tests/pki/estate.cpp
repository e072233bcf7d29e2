#include "tests/pki/estate.hpp"

#include "pki/algorithms.hpp"
#include "pki/asn1.hpp"
#include "pki/dsn_ranges.hpp"
#include "pki/oids.hpp"

namespace tf::pki::test {
namespace {

using crypto::PrivateKey;

Estate make_estate(const PrivateKey& root_key) {
  Random& random = randomness();
  const auto key = [] { return PrivateKey::generate_p256(); };
  const std::vector<wire::DsnRange> ranges{range("TF10000000..TF19999999"), range("TX0000..TX9999")};
  const Issuer root{must(make_root("Test root", root_key, {kNow, kRootDays}, random)), root_key};
  const auto ca = key(), station = key(), operations = key(), work = key(), device = key(), server = key(),
             person = key();
  static const PrivateKey rsa_work = PrivateKey::generate_rsa(2048);
  const Issuer estate{must(issue_estate_ca(root, "Test estate", ca.public_key(), {kNow, kEstateCaDays}, random)), ca};
  const Issuer loader{must(issue_loader_certificate(estate, "Station 1", station.public_key(),
                                                    {range("TF10000000..TF10009999")}, {kNow, kLoaderDays}, random)),
                      station};
  const Issuer ops{
      must(issue_operations_ca(root, "Test operations", operations.public_key(), {kNow, kOperationsCaDays}, random)),
      operations};
  return Estate{
      root,
      estate,
      loader,
      ops,
      {must(issue_work_certificate(root, "Work modern", work.public_key(), ranges, {kNow, kWorkDays}, random)), work},
      {must(issue_work_certificate(root, "Work classic", rsa_work.public_key(), ranges, {kNow, kWorkDays}, random)),
       rsa_work},
      {must(issue_device_certificate(loader, dsn("TF10000001"), device.public_key(), {kNow, kDeviceDays}, random)),
       device},
      {must(issue_tls_server_certificate(ops, {{"keys.example.org", "localhost"}, {"127.0.0.1", "::1"}},
                                         server.public_key(), {kNow, kTlsDays}, random)),
       server},
      {must(issue_operator_certificate(ops, "Ada Lovelace", person.public_key(), {kNow, kTlsDays}, random)), person},
  };
}

int find_extension(X509* in, const char* oid) {
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid, 0));
  return X509_get_ext_by_OBJ(in, object.get(), -1);
}

}  // namespace

std::vector<Certificate> Estate::above(const Certificate& leaf) const {
  const std::string issuer = leaf.issuer_text();
  if (issuer == loader.certificate.subject_text()) return {loader.certificate, estate_ca.certificate};
  if (issuer == estate_ca.certificate.subject_text()) return {estate_ca.certificate};
  if (issuer == operations_ca.certificate.subject_text()) return {operations_ca.certificate};
  return {};
}

PathQuery Estate::query(const Certificate& leaf, Usage usage) const {
  return {.leaf = leaf, .intermediates = above(leaf), .anchors = {root.certificate}, .at_ms = kNow, .usage = usage};
}

std::vector<Bytes> Estate::device_chain(const Certificate& device_certificate) const {
  return {device_certificate.der(), loader.certificate.der(), estate_ca.certificate.der()};
}

const Estate& rsa_estate() {
  static const Estate estate = make_estate(PrivateKey::generate_rsa(3072));
  return estate;
}

const Estate& p256_estate() {
  static const Estate estate = make_estate(PrivateKey::generate_p256());
  return estate;
}

const Estate& foreign_estate() {
  static const Estate estate = make_estate(PrivateKey::generate_p256());
  return estate;
}

Random& randomness() {
  static SystemRandom random;
  return random;
}

Certificate forged(const Certificate& original, const Issuer& by, const std::function<void(X509*)>& alter) {
  const crypto::X509Handle copy(X509_dup(original.native()));
  X509_set_issuer_name(copy.get(), X509_get_subject_name(by.certificate.native()));
  const crypto::Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> id(static_cast<ASN1_OCTET_STRING*>(
      X509_get_ext_d2i(by.certificate.native(), NID_subject_key_identifier, nullptr, nullptr)));
  const crypto::Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority(AUTHORITY_KEYID_new());
  authority->keyid = ASN1_OCTET_STRING_dup(id.get());
  X509_add1_ext_i2d(copy.get(), NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_REPLACE);
  alter(copy.get());
  const auto context = must(signing_context(by.key));
  if (X509_sign_ctx(copy.get(), context.get()) <= 0) ADD_FAILURE() << "cannot sign";
  return must(Certificate::from_der(der_of<i2d_X509>(copy.get())));
}

Bytes flipped(Bytes der, std::size_t at) {
  der.at(at) ^= 1;
  return der;
}

void remove_extension(X509* from, const char* oid) {
  const int at = find_extension(from, oid);
  ASSERT_GE(at, 0) << oid;
  X509_EXTENSION_free(X509_delete_ext(from, at));
}

void add_extension(X509* to, const char* oid, bool critical, ByteView value) {
  const crypto::Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(oid, 0));
  const Asn1Octets octets(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(octets.get(), value.data(), static_cast<int>(value.size()));
  const crypto::Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, octets.get()));
  ASSERT_EQ(X509_add_ext(to, extension.get(), -1), 1);
}

void replace_ranges(X509* in, const std::vector<wire::DsnRange>& ranges) {
  if (find_extension(in, oid::kDsnRanges) >= 0) remove_extension(in, oid::kDsnRanges);
  add_extension(in, oid::kDsnRanges, true, must(encode_dsn_ranges(ranges)));
}

void replace_usages(X509* in, const std::vector<int>& nids) {
  const crypto::Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> value(EXTENDED_KEY_USAGE_new());
  for (const int nid : nids) sk_ASN1_OBJECT_push(value.get(), OBJ_nid2obj(nid));
  ASSERT_EQ(X509_add1_ext_i2d(in, NID_ext_key_usage, value.get(), 0, X509V3_ADD_REPLACE), 1);
}

void set_subject(X509* in, int nid, const char* value) {
  const crypto::Handle<X509_NAME, X509_NAME_free> name(X509_NAME_new());
  ASSERT_EQ(X509_NAME_add_entry_by_NID(name.get(), nid, MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(value), -1,
                                       -1, 0),
            1);
  ASSERT_EQ(X509_set_subject_name(in, name.get()), 1);
}

}  // namespace tf::pki::test
