// TLS 1.3 with a client certificate whose key is on the card: NSS, as Firefox and Chromium have it, and GnuTLS.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/card_clients/scene.hpp"
#include "tests/support/local.hpp"

namespace tf::test {
namespace {

class CardTls : public testing::Test {
 protected:
  CardTls() : port(std::to_string(free_port())) {
    scene.make_card();
    scene.make_key("9a", "RSA2048", "Anna");
    scene.make_key("9e", "RSA2048", "Anna's card");
    EXPECT_DONE(run({"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", scene.in("server.key"), "-subj", "/CN=localhost", "-out", scene.in("server.csr")}));
    write_text(scene.in("names"), "subjectAltName=DNS:localhost\n");
    EXPECT_DONE(run({"openssl", "x509", "-req", "-in", scene.in("server.csr"), "-CA", scene.in("ca.crt"), "-CAkey", scene.in("ca.key"), "-CAcreateserial", "-days", "30", "-extfile",
                     scene.in("names"), "-out", scene.in("server.pem")}));
    server = std::make_unique<Process>(Process::start({"openssl", "s_server", "-accept", port, "-cert", scene.in("server.pem"), "-key", scene.in("server.key"), "-CAfile", scene.in("ca.crt"),
                                                       "-Verify", "2", "-verify_return_error", "-tls1_3", "-www"}, scene.in("server.log")));
    EXPECT_TRUE(eventually([this] { return read_text(scene.in("server.log")).contains("ACCEPT"); }));
  }
  // The server saw this name and believed it.
  void expect_seen(const std::string& name) {
    EXPECT_TRUE(eventually([&] { return read_text(scene.in("server.log")).contains("depth=0 CN = " + name + "\nverify return:1"); })) << read_text(scene.in("server.log"));
    EXPECT_FALSE(read_text(scene.in("server.log")).contains("error")) << read_text(scene.in("server.log"));
  }
  ReaderScene scene;
  std::string port;
  std::unique_ptr<Process> server;
};

TEST_F(CardTls, nss_authenticates_by_9a) {
  const std::string db = "sql:" + scene.in("db");
  EXPECT_DONE(run({"mkdir", scene.in("db")}));
  EXPECT_DONE(run({"certutil", "-d", db, "-N", "--empty-password"}));
  EXPECT_DONE(run({"certutil", "-d", db, "-A", "-t", "C,,", "-n", "ca", "-i", scene.in("ca.crt")}));
  EXPECT_DONE(run({"modutil", "-dbdir", db, "-add", "opensc", "-libfile", kOpenscModule, "-mechanisms", "FRIENDLY", "-force"}));
  // -Q ends after the handshake: it would spin at the end of its input.
  const Finished done = run({"tstclnt", "-h", "localhost", "-p", port, "-d", db, "-V", "tls1.3:tls1.3", "-w", "123456", "-n", "Anna:Certificate for PIV Authentication", "-Q"});
  EXPECT_DONE(done);
  EXPECT_FALSE(done.err.contains("Failed to load")) << done.err;
  expect_seen("Anna");
}

TEST_F(CardTls, gnutls_authenticates_by_9e) {
  const Surroundings pin{.environment = {{"GNUTLS_PIN", "123456"}}};
  const Finished done = run({"gnutls-cli", "--provider", kOpenscModule, "--x509cafile", scene.in("ca.crt"), "--x509certfile", "pkcs11:id=%04;type=cert", "--x509keyfile",
                             "pkcs11:id=%04;type=private", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "-p", port, "localhost"}, "GET / HTTP/1.0\r\n\r\n", pin);
  EXPECT_TRUE(done.out.contains("Description: (TLS1.3")) << done.out << done.err;
  EXPECT_TRUE(done.out.contains("HTTP/1.0 200")) << done.out << done.err;
  expect_seen("Anna's card");
}

}  // namespace
}  // namespace tf::test
