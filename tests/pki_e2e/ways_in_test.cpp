// EST and the responder apart, with the real program, curl and openssl.
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/pki_e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

// Stopped, so that the configuration can be changed; up again at the end of the test.
class WaysIn : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    PkiScene& scene = PkiScene::get();
    scene.stop();
    std::ofstream(scene.platform() + "/platform.toml", std::ios::app)
        << "\n[pki.est]\nlisten = \"127.0.0.1:" << est_port << "\"\nlabels = [\"user-authentication\", \"device\"]\ndefault_label = \"device\"\n";
    std::ofstream(scene.platform() + "/profiles/ocsp-signer-users.toml")
        << "name = \"ocsp-signer-users\"\npurpose = \"ocsp-signer\"\nauthority = \"users\"\nvalidity_days_max = 30\n[key]\nkinds = [\"P-256\", \"RSA\"]\n"
           "usage = [\"digitalSignature\"]\nextended_usage = [\"OCSPSigning\"]\n[subject]\nrequired = [\"commonName\"]\n";
    scene.serve();
  }
  // In the scene's directory.
  static Finished shell(const std::string& command) {
    const Finished done = run({"sh", "-c", "cd \"$0\" && " + command, PkiScene::get().in("")});
    EXPECT_EQ(done.exit_code, 0) << command << "\n" << done.out << done.err;
    return done;
  }
  static std::string est_url() { return "https://localhost:" + std::to_string(est_port) + "/.well-known/est"; }
  static inline const std::uint16_t est_port = free_port();
  PkiScene& scene = PkiScene::get();
};

TEST_F(WaysIn, a_device_enrols_with_a_code_and_renews_with_its_certificate) {
  auto code = scene.ask({"est", "code", "--label", "device", "--holder", "device:TF000042", "--subject", "serialNumber=TF000042"});
  write_text(scene.in("est.user"), "user = \"" + code.text("name").value() + ":" + code.text("secret").value() + "\"\n");
  const std::string curl = "curl -sSf --max-time 30 --cacert platform/root.crt -H 'Content-Type: application/pkcs10' ";
  const std::string request = "openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /serialNumber=TF000042 -outform DER ";
  const std::string unpack = " | openssl base64 -d | openssl pkcs7 -inform DER -print_certs -out ";
  shell("curl -sSf --cacert platform/root.crt " + est_url() + "/cacerts | openssl base64 -d | openssl pkcs7 -inform DER -print_certs -out est.ca");
  shell(request + "-keyout est1.key 2>/dev/null | openssl base64 -out est1.b64 && " + curl + "-K est.user --data-binary @est1.b64 " + est_url() + "/simpleenroll" + unpack + "est1.crt");
  EXPECT_THAT(shell("openssl verify -x509_strict -purpose sslclient -CAfile est.ca est1.crt").out, HasSubstr("OK"));
  shell(request + "-keyout est2.key 2>/dev/null | openssl base64 -out est2.b64 && " + curl + "--cert est1.crt --key est1.key --data-binary @est2.b64 " + est_url() +
        "/device/simplereenroll" + unpack + "est2.crt");
  EXPECT_THAT(shell("openssl verify -x509_strict -purpose sslclient -CAfile est.ca est2.crt").out, HasSubstr("OK"));
  // Twice by one code: refused.
  const Finished again = run({"sh", "-c", "cd \"$0\" && curl -sS -o est.said -w '%{http_code}' --cacert platform/root.crt -H 'Content-Type: application/pkcs10' -K est.user --data-binary @est2.b64 " +
                                              est_url() + "/simpleenroll", scene.in("")});
  EXPECT_EQ(again.out, "403");
  const auto codes = scene.pki({"est", "codes"});
  EXPECT_THAT(codes.out, HasSubstr("used"));
  EXPECT_EQ(codes.out.find(code.text("secret").value_or("?")), std::string::npos);
}

TEST_F(WaysIn, a_request_waits_for_its_operator) {
  auto code = scene.ask({"est", "code", "--label", "user-authentication", "--holder", "user:17", "--subject", "commonName=Anna", "--approval"});
  const std::string name = code.text("name").value();
  write_text(scene.in("wait.user"), "user = \"" + name + ":" + code.text("secret").value() + "\"\n");
  shell("openssl req -new -nodes -newkey rsa:2048 -subj /CN=Anna -keyout wait.key -outform DER 2>/dev/null | openssl base64 -out wait.b64");
  const auto ask = [&] {
    return shell("curl -sS -D - -o wait.p7 --cacert platform/root.crt -H 'Content-Type: application/pkcs10' -K wait.user --data-binary @wait.b64 " + est_url() +
                 "/user-authentication/simpleenroll").out;
  };
  EXPECT_NE(scene.pki({"est", "approve", name}).exit_code, 0);
  const std::string waits = ask();
  EXPECT_THAT(waits, HasSubstr("HTTP/1.1 202 "));
  EXPECT_THAT(waits, HasSubstr("Retry-After: 60"));
  EXPECT_EQ(scene.pki({"est", "approve", name}).exit_code, 0);
  EXPECT_THAT(ask(), HasSubstr("HTTP/1.1 200 "));
  EXPECT_EQ(scene.pki({"est", "remove", name}).exit_code, 0);
}

TEST_F(WaysIn, a_responder_apart_answers_with_its_own_keys_also_without_the_platform) {
  const std::string home = scene.in("responder");
  const auto ocsp = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "ocsp");
    words.insert(words.end(), {"--directory", home});
    const Finished done = trustferry(words);
    EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  };
  ocsp({"request", "users", "--out", scene.in("signer.csr")});
  scene.issue("signer", "ocsp-signer-users", "commonName=OCSP for users", "ocsp:users");
  std::ofstream(scene.in("users-ca.der"), std::ios::binary) << scene.fetch("/ca/users.crt");
  shell("openssl x509 -inform DER -in users-ca.der -out users-ca.pem");
  ocsp({"install", "users", "--certificate", scene.in("signer.crt"), "--ca", scene.in("users-ca.pem"), "--lists", scene.public_url() + "/crl/users/{shard}.crl", "--shards", "64"});
  const std::uint16_t port = free_port();
  write_text(home + "/ocsp.toml", "listen = \"127.0.0.1:" + std::to_string(port) + "\"\nrefresh_seconds = 1\n");
  scene.csr("apart");
  const std::string serial = scene.issue("apart", "user-authentication", "commonName=Frida", "user:frida");
  shell("openssl x509 -in apart.crt -out apart.leaf");

  const Process role = Process::start({trustferry_program(), "serve", "--role", "ocsp", "--directory", home}, scene.in("responder.log"));
  const std::string at = "http://127.0.0.1:" + std::to_string(port);
  ASSERT_TRUE(eventually([&] { return run({"curl", "-sf", at + "/readyz"}).exit_code == 0; })) << read_text(scene.in("responder.log"));
  const auto ask = [&] {
    return run({"openssl", "ocsp", "-issuer", scene.in("users-ca.pem"), "-sha256", "-cert", scene.in("apart.leaf"), "-url", at + "/ocsp", "-CAfile", scene.root()});
  };
  const Finished good = ask();
  EXPECT_THAT(good.out + good.err, HasSubstr("apart.leaf: good"));
  EXPECT_THAT(good.out + good.err, HasSubstr("Response verify OK"));
  scene.ask({"revoke", serial, "--reason", "keyCompromise"});
  EXPECT_TRUE(eventually([&] { return ask().out.find("apart.leaf: revoked") != std::string::npos; }));
  scene.stop();
  EXPECT_THAT(ask().out, HasSubstr("apart.leaf: revoked"));
  role.send(SIGTERM);
  scene.serve();
}

}  // namespace
}  // namespace tf::test
