// yubico-piv-tool, as anybody has it.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/card_clients/scene.hpp"
#include "tests/support/local.hpp"

namespace tf::test {
namespace {

class PivTool : public testing::Test {
 protected:
  ReaderScene scene;
};

TEST_F(PivTool, sees_the_card_and_its_objects) {
  scene.make_card();
  const Finished status = scene.piv_tool({"-a", "status"});
  EXPECT_DONE(status);
  EXPECT_TRUE(status.out.contains("PIN tries left:\t3")) << status.out;
  EXPECT_TRUE(status.out.contains("CHUID")) << status.out;
}

TEST_F(PivTool, has_a_key_made_for_every_algorithm_and_imports_its_certificate) {
  scene.make_card();
  scene.make_key("9a", "RSA2048");
  scene.make_key("9c", "ECCP256");
  scene.make_key("9e", "ECCP384");
  const Finished status = scene.piv_tool({"-a", "status"});
  EXPECT_DONE(status);
  EXPECT_TRUE(status.out.contains("Slot 9a:")) << status.out;
  EXPECT_TRUE(status.out.contains("Slot 9c:")) << status.out;
  EXPECT_TRUE(status.out.contains("Slot 9e:")) << status.out;
  const Finished read = scene.piv_tool({"-s", "9a", "-a", "read-certificate"});
  EXPECT_DONE(read);
  EXPECT_EQ(read.out, read_text(scene.in("9a.pem")));
}

// Its own requests and self-signed certificates it can not make with OpenSSL 3 (2.2.0: the card is not even asked), so openssl makes the certificate.
TEST_F(PivTool, proves_that_the_card_signs_with_the_certified_key) {
  scene.make_card();
  scene.make_key("9a", "RSA2048");
  scene.make_key("9c", "ECCP384");
  for (const char* slot : {"9a", "9c"})
    EXPECT_DONE(scene.piv_tool({"-s", slot, "-P", "123456", "-a", "verify-pin", "-a", "test-signature"}, read_text(scene.in(std::string(slot) + ".pem"))));
}

TEST_F(PivTool, imports_keys_that_were_made_elsewhere) {
  scene.make_card();
  EXPECT_DONE(run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Ben", "-days", "30", "-keyout", scene.in("b.key"), "-out", scene.in("b.pem")}));
  EXPECT_DONE(scene.piv_tool({"-s", "9d", "-a", "import-key", "-i", scene.in("b.key")}));
  EXPECT_DONE(scene.piv_tool({"-s", "9d", "-a", "import-certificate", "-i", scene.in("b.pem")}));
  EXPECT_DONE(scene.piv_tool({"-s", "9d", "-P", "123456", "-a", "verify-pin", "-a", "test-decipher"}, read_text(scene.in("b.pem"))));
  EXPECT_DONE(run({"openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", scene.in("e.key")}));
  EXPECT_DONE(run({"openssl", "req", "-x509", "-key", scene.in("e.key"), "-subj", "/CN=Eva", "-days", "30", "-out", scene.in("e.pem")}));
  EXPECT_DONE(scene.piv_tool({"-s", "9c", "-a", "import-key", "-i", scene.in("e.key")}));
  EXPECT_DONE(scene.piv_tool({"-s", "9c", "-P", "123456", "-a", "verify-pin", "-a", "test-signature"}, read_text(scene.in("e.pem"))));
}

TEST_F(PivTool, changes_pin_and_puk_blocks_and_unblocks) {
  scene.make_card();
  EXPECT_DONE(scene.piv_tool({"-a", "change-pin", "-P", "123456", "-N", "654321"}));
  EXPECT_DONE(scene.piv_tool({"-a", "change-puk", "-P", "12345678", "-N", "87654321"}));
  for (int i = 0; i < 3; ++i) EXPECT_NE(scene.piv_tool({"-a", "verify-pin", "-P", "111111"}).exit_code, 0);
  const Finished blocked = scene.piv_tool({"-a", "verify-pin", "-P", "654321"});
  EXPECT_NE(blocked.exit_code, 0);
  EXPECT_TRUE(blocked.err.contains("blocked") || blocked.err.contains("locked")) << blocked.err;
  EXPECT_DONE(scene.piv_tool({"-a", "unblock-pin", "-P", "87654321", "-N", "777777"}));
  EXPECT_DONE(scene.piv_tool({"-a", "verify-pin", "-P", "777777"}));
}

TEST_F(PivTool, needs_the_administrator_and_sets_his_key) {
  scene.make_card();
  const std::string fresh = "A1B2C3D4E5F60718293A4B5C6D7E8F900112233445566778";
  EXPECT_DONE(scene.piv_tool({"-a", "set-mgm-key", "-n", fresh}));
  EXPECT_NE(scene.piv_tool({"-s", "9a", "-a", "generate", "-A", "ECCP256"}).exit_code, 0) << "the well-known key still opens it";
  EXPECT_DONE(scene.piv_tool({"-k" + fresh, "-s", "9a", "-a", "generate", "-A", "ECCP256"}));
  EXPECT_DONE(scene.piv_tool({"-k" + fresh, "-a", "set-chuid"}));
  EXPECT_DONE(scene.piv_tool({"-k" + fresh, "-a", "set-ccc"}));
}

// 2.2.0 knows 3DES alone: a card with an AES key is safe from it, and says so.
TEST_F(PivTool, is_refused_by_a_card_whose_administrators_key_is_of_aes) {
  const std::string key = "A1B2C3D4E5F60718293A4B5C6D7E8F900112233445566778";
  scene.make_card({"--administrator", key, "--administrator-cipher", "aes192"});
  const Finished refused = scene.piv_tool({"-k" + key, "-s", "9a", "-a", "generate", "-A", "ECCP256"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_TRUE(refused.err.contains("Failed authentication")) << refused.err;
}

TEST_F(PivTool, reads_a_card_that_came_with_a_certificate) {
  EXPECT_DONE(run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Preset", "-days", "30", "-keyout", scene.in("p.key"), "-out", scene.in("p.pem")}));
  scene.make_card({"--preset", "9a=" + scene.in("p.key") + ":" + scene.in("p.pem")});
  EXPECT_DONE(scene.piv_tool({"-s", "9a", "-P", "123456", "-a", "verify-pin", "-a", "test-signature"}, read_text(scene.in("p.pem"))));
}

}  // namespace
}  // namespace tf::test
