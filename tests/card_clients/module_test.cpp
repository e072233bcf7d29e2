// A device whose secure module is the card in the reader, beside the clients that everybody has.
#include <gtest/gtest.h>

#include "tests/card_clients/scene.hpp"
#include "tests/support/local.hpp"

namespace tf::test {
namespace {

TEST(ModuleInReader, a_device_has_its_module_through_pcscd_while_others_use_the_card) {
  ReaderScene scene;
  scene.make_card();
  const std::string device = scene.in("device");
  EXPECT_DONE(run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=root", "-days", "30", "-keyout", scene.in("root.key"), "-out", scene.in("root.crt")}));
  EXPECT_DONE(trustferry({"terminal", "onboard", "make", "--directory", device, "--dsim-id", "M2M-0001", "--root", scene.in("root.crt"), "--registration", "reg-1=https://localhost:1",
                          "--ocsp", "http://localhost:1/ocsp", "--module", "uicc", "--card-root", scene.in("manufacturer/manufacturer.crt")}));
  for (const char* request : {"/signing.csr", "/decryption.csr"}) EXPECT_DONE(run({"openssl", "req", "-verify", "-noout", "-in", device + request}));
  const auto show = [&] { return trustferry({"terminal", "onboard", "show", "--directory", device, "--json"}); };
  scene.make_key("9a", "RSA2048");
  EXPECT_DONE(show());
  EXPECT_DONE(scene.piv_tool({"-s", "9a", "-P", "123456", "-a", "verify-pin", "-a", "test-signature"}, read_text(scene.in("9a.pem"))));
  scene.kill_card();
  const Finished without = show();
  EXPECT_EQ(without.exit_code, 6) << without.out << without.err;
  EXPECT_TRUE(without.err.contains("pcsc.no_card") || without.err.contains("pcsc.removed")) << without.err;  // before the reader noticed, or after
  scene.insert();
  EXPECT_DONE(show());
}

}  // namespace
}  // namespace tf::test
