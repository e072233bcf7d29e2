// OpenSC's tools and everything that uses its PKCS#11 module: pkcs11-tool, p11tool of GnuTLS.
#include <gtest/gtest.h>

#include "tests/card_clients/scene.hpp"
#include "tests/support/local.hpp"

namespace tf::test {
namespace {

class OpenSc : public testing::Test {
 protected:
  OpenSc() {
    scene.make_card();
    write_text(scene.in("data"), "pay 12.34 EUR to the shop");
  }
  // Signs data by the key and has openssl verify it with its certificate.
  void sign_and_verify(const std::string& slot, const std::string& id, const std::string& mechanism, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"-l", "--pin", "123456", "--id", id, "-s", "-m", mechanism, "-i", scene.in("data"), "-o", scene.in("signature")};
    if (mechanism.starts_with("ECDSA")) words.insert(words.end(), {"--signature-format", "openssl"});
    EXPECT_DONE(scene.pkcs11(words));
    std::vector<std::string> check{"openssl", "dgst", "-sha256", "-verify", scene.in(slot + ".pub"), "-signature", scene.in("signature")};
    check.insert(check.end(), more.begin(), more.end());
    check.push_back(scene.in("data"));
    const Finished verified = run(check);
    EXPECT_DONE(verified);
    EXPECT_TRUE(verified.out.contains("Verified OK")) << verified.out;
  }
  ReaderScene scene;
};

TEST_F(OpenSc, names_the_card_as_piv) {
  const Finished name = run({"opensc-tool", "-r", "0", "-n"});
  EXPECT_DONE(name);
  EXPECT_TRUE(name.out.contains("Personal Identity Verification") || name.out.contains("PIV")) << name.out;
  const Finished atr = run({"opensc-tool", "-r", "0", "-a"});
  EXPECT_TRUE(atr.out.contains("3b:87:01:80:31:c0:73:c0:21:c0:a5")) << atr.out;
  EXPECT_DONE(run({"pkcs15-tool", "--dump"}));
}

TEST_F(OpenSc, signs_with_9a_and_9c_and_openssl_verifies) {
  scene.make_key("9a", "RSA2048");
  scene.make_key("9c", "RSA2048", "Anna signs");
  sign_and_verify("9a", "01", "SHA256-RSA-PKCS");
  sign_and_verify("9c", "02", "SHA256-RSA-PKCS");
  sign_and_verify("9a", "01", "SHA256-RSA-PKCS-PSS", {"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"});
}

TEST_F(OpenSc, signs_with_keys_on_curves) {
  scene.make_key("9a", "ECCP256");
  scene.make_key("9c", "ECCP384", "Anna signs");
  sign_and_verify("9a", "01", "ECDSA-SHA256");
  sign_and_verify("9c", "02", "ECDSA-SHA256");
}

TEST_F(OpenSc, passes_the_tests_of_pkcs11_tool) {
  scene.make_key("9a", "RSA2048");
  scene.make_key("9c", "RSA2048", "Anna signs");
  scene.make_key("9d", "RSA2048", "Anna reads");
  scene.make_key("9e", "RSA2048", "the card");
  const Finished tested = scene.pkcs11({"-l", "--pin", "123456", "--test"});
  EXPECT_DONE(tested);
  EXPECT_TRUE(tested.out.contains("No errors")) << tested.out << tested.err;
  EXPECT_TRUE(tested.out.contains("Signatures (currently only for RSA)")) << tested.out;
}

TEST_F(OpenSc, deciphers_and_agrees_on_keys) {
  scene.make_key("9d", "RSA2048", "Anna reads");
  EXPECT_DONE(run({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", scene.in("9d.pub"), "-in", scene.in("data"), "-out", scene.in("secret")}));
  EXPECT_DONE(scene.pkcs11({"-l", "--pin", "123456", "--id", "03", "--decrypt", "-m", "RSA-PKCS", "-i", scene.in("secret"), "-o", scene.in("plain")}));
  EXPECT_EQ(read_text(scene.in("plain")), read_text(scene.in("data")));
}

TEST_F(OpenSc, tells_a_wrong_pin_and_a_blocked_one) {
  scene.make_key("9a", "RSA2048");
  const Finished wrong = scene.pkcs11({"-l", "--pin", "000000", "--id", "01", "-s", "-m", "SHA256-RSA-PKCS", "-i", scene.in("data"), "-o", scene.in("signature")});
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_TRUE(wrong.err.contains("CKR_PIN_INCORRECT")) << wrong.err;
  for (int i = 0; i < 2; ++i) EXPECT_NE(scene.pkcs11({"-l", "--pin", "000000", "-O"}).exit_code, 0);
  const Finished blocked = scene.pkcs11({"-l", "--pin", "123456", "-O"});
  EXPECT_TRUE(blocked.err.contains("CKR_PIN_LOCKED")) << blocked.err;
}

TEST_F(OpenSc, keeps_keys_certificates_and_tries_when_the_card_loses_power) {
  scene.make_key("9a", "RSA2048");
  EXPECT_NE(scene.pkcs11({"-l", "--pin", "000000", "-O"}).exit_code, 0);
  scene.kill_card();
  scene.insert();
  sign_and_verify("9a", "01", "SHA256-RSA-PKCS");
  scene.remove();
  scene.insert();
  sign_and_verify("9a", "01", "SHA256-RSA-PKCS");
}

TEST_F(OpenSc, gives_random_numbers) {
  const Finished random = scene.pkcs11({"--generate-random", "64", "-o", scene.in("random")});
  EXPECT_DONE(random);
  EXPECT_EQ(read_text(scene.in("random")).size(), 64u);
}

TEST_F(OpenSc, gnutls_lists_and_signs_by_p11tool) {
  scene.make_key("9a", "RSA2048");
  const Surroundings pin{.environment = {{"GNUTLS_PIN", "123456"}}};
  const Finished listed = run({"p11tool", "--provider", kOpenscModule, "--login", "--list-all", "pkcs11:"}, "", pin);
  EXPECT_DONE(listed);
  EXPECT_TRUE(listed.out.contains("X.509 Certificate")) << listed.out << listed.err;
  const Finished tested = run({"p11tool", "--provider", kOpenscModule, "--login", "--test-sign", "pkcs11:id=%01;type=private"}, "", pin);
  EXPECT_DONE(tested);
  EXPECT_TRUE(tested.out.contains("ok") || tested.err.contains("ok")) << tested.out << tested.err;
}

}  // namespace
}  // namespace tf::test
