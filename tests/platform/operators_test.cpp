#include "platform/admin/operators.hpp"

#include "crypto/digest.hpp"
#include "pki/request/certificate_request.hpp"
#include "tests/platform/scene.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::test {
namespace {

class Operators : public testing::Test {
 protected:
  Result<Bytes> enrol(const std::string& name, Role role) {
    const auto request = must(pki::CertificateRequest::make("whoever", crypto::PrivateKey::generate_p256()));
    return enrol_operator(*scene.context, "operator:a", {name, role}, request.der());
  }
  Result<Operator> authenticate(const Bytes& certificate) { return platform::authenticate(*scene.context, certificate); }
  Result<Bytes> renew(const Operator& who) {
    const auto request = must(pki::CertificateRequest::make("whoever", crypto::PrivateKey::generate_p256()));
    return renew_operator(*scene.context, who, request.der());
  }
  Scene scene;
};

TEST_F(Operators, of_a_new_platform_are_five) {
  const auto records = must(list_operators(*scene.context));
  ASSERT_EQ(records.size(), 5U);
  for (const OperatorRecord& record : records) {
    const Bytes certificate = scene.certificate_of(record.who.name);
    EXPECT_EQ(record.fingerprint, wire::hex_lower(crypto::sha256(certificate)));
    EXPECT_FALSE(record.revoked);
    EXPECT_EQ(must(authenticate(certificate)).role, record.who.role);
  }
}

TEST_F(Operators, are_known_by_their_certificate_alone) {
  const Bytes certificate = must(enrol("anna", Role::auditor));
  const Operator anna = must(authenticate(certificate));
  EXPECT_EQ(anna.name, "anna");
  EXPECT_EQ(anna.role, Role::auditor);
  EXPECT_EQ(must(pki::Certificate::from_der(certificate)).issuer_text(), must(scene.opened->certificates->current(kind::operations_ca)).certificate.subject_text());
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "operators.enrol");
  EXPECT_EQ(entries[0].subject, "anna");
  EXPECT_EQ(entries[0].detail, R"({"role":"auditor"})");
}

TEST_F(Operators, renew_themselves_and_keep_the_old_certificate_until_they_use_the_new) {
  const Bytes before = must(enrol("anna", Role::auditor));
  const Bytes lost = must(renew({"anna", Role::auditor}));
  const Bytes after = must(renew({"anna", Role::auditor}));
  EXPECT_OK(authenticate(before));
  EXPECT_REFUSED(authenticate(lost), Code::denied, "platform.unknown_operator");
  const Operator anna = must(authenticate(after));
  EXPECT_EQ(anna.name, "anna");
  EXPECT_EQ(anna.role, Role::auditor);
  EXPECT_REFUSED(authenticate(before), Code::denied, "platform.unknown_operator");
  EXPECT_OK(authenticate(after));
  EXPECT_EQ(must(list_operators(*scene.context)).size(), 6U);
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[3].action, "operators.renewed");
  EXPECT_EQ(entries[3].actor, "operator:anna");
}

TEST_F(Operators, that_are_revoked_do_not_come_back_with_a_renewed_certificate) {
  must(enrol("anna", Role::auditor));
  const Bytes after = must(renew({"anna", Role::auditor}));
  EXPECT_OK(revoke_operator(*scene.context, "operator:a", "anna"));
  EXPECT_REFUSED(authenticate(after), Code::denied, "platform.unknown_operator");
}

TEST_F(Operators, have_names_of_their_own) {
  must(enrol("anna", Role::auditor));
  EXPECT_REFUSED(enrol("anna", Role::administrator), Code::conflict, "store.conflict");
  EXPECT_REFUSED(enrol("auditor", Role::administrator), Code::conflict, "store.conflict");
  EXPECT_REFUSED(enrol("", Role::auditor), Code::invalid, "pki.name");
  EXPECT_REFUSED(enrol(std::string(65, 'a'), Role::auditor), Code::invalid, "pki.name");
  EXPECT_EQ(must(list_operators(*scene.context)).size(), 6U);
}

TEST_F(Operators, must_hold_the_key_they_ask_a_certificate_for) {
  auto request = must(pki::CertificateRequest::make("anna", crypto::PrivateKey::generate_p256())).der();
  request.back() ^= 1;
  EXPECT_FALSE(enrol_operator(*scene.context, "operator:a", {"anna", Role::auditor}, request));
  EXPECT_FALSE(enrol_operator(*scene.context, "operator:a", {"anna", Role::auditor}, Bytes()));
  EXPECT_TRUE(scene.audited().empty());
}

TEST_F(Operators, that_are_revoked_are_out_at_once_and_their_name_stays_taken) {
  const Bytes certificate = must(enrol("anna", Role::auditor));
  EXPECT_OK(authenticate(certificate));
  ASSERT_OK(revoke_operator(*scene.context, "operator:a", "anna"));
  EXPECT_REFUSED(authenticate(certificate), Code::denied, "platform.unknown_operator");
  EXPECT_REFUSED(revoke_operator(*scene.context, "operator:a", "anna"), Code::not_found, "platform.unknown_operator");
  EXPECT_REFUSED(revoke_operator(*scene.context, "operator:a", "nobody"), Code::not_found, "platform.unknown_operator");
  EXPECT_REFUSED(enrol("anna", Role::auditor), Code::conflict, "store.conflict");
  EXPECT_THAT(scene.audited_actions(), testing::ElementsAre("operators.enrol accepted", "operators.revoke accepted"));
}

TEST_F(Operators, without_a_certificate_are_asked_for_one) {
  EXPECT_REFUSED(platform::authenticate(*scene.context, std::nullopt), Code::denied, "net.no_credentials");
}

}  // namespace
}  // namespace tf::platform::test
