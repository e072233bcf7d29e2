// Certificates through the real program, looked at by openssl.
#include <filesystem>
#include <fstream>

#include "tests/pki_e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& file) { return run({"openssl", "x509", "-in", file, "-noout", "-text"}).out; }

TEST(Certificates, are_issued_and_verify_with_openssl_and_its_revocation_check) {
  PkiScene& scene = PkiScene::get();
  struct Case {
    std::string profile, kind, authority, subject;
    std::vector<std::string> more;
    std::string purpose;  // of openssl verify
  };
  const Case cases[] = {
      {"user-signing", "P-256", "users", "commonName=Anna, serialNumber=17", {}, ""},
      {"user-signing", "RSA", "users", "commonName=Anna", {}, ""},
      {"user-authentication", "P-256", "users", "CN=Anna", {}, "sslclient"},
      {"user-encryption", "RSA", "users", "commonName=Anna", {}, ""},
      {"user-encryption-ec", "P-256", "users", "commonName=Anna", {}, ""},
      {"smart-card-logon", "P-256", "users", "commonName=Anna", {"--alt", "upn:anna@example.org"}, ""},
      {"device", "P-256", "devices", "serialNumber=TF000001", {"--alt", "hardware:1.3.6.1.4.1.99999.1:TF000001"}, "sslclient"},
      {"server", "P-256", "servers", "commonName=www.example.org", {"--alt", "dns:www.example.org", "--alt", "ip:192.0.2.1"}, "sslserver"},
  };
  int number = 0;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.profile + " " + one.kind);
    const std::string name = "case" + std::to_string(++number);
    scene.csr(name, one.kind);
    const std::string serial = scene.issue(name, one.profile, one.subject, "test:" + name, one.more);
    const Finished verified = scene.verify(name, one.authority, one.purpose.empty() ? std::vector<std::string>{} : std::vector<std::string>{"-purpose", one.purpose});
    EXPECT_EQ(verified.exit_code, 0) << verified.err << verified.out;
    EXPECT_THAT(text_of(scene.in(name + ".crt")), Not(HasSubstr("nobody looks at this")));
    EXPECT_EQ(scene.ask({"show", serial}).text("state").value(), "issued");
    run({"openssl", "x509", "-in", scene.in(name + ".crt"), "-out", scene.in(name + ".leaf")});
    const Finished linted = trustferry({"tool", "cert", "lint", scene.in(name + ".leaf"), "--profile", scene.platform() + "/profiles/" + one.profile + ".toml"});
    EXPECT_EQ(linted.exit_code, 0) << linted.out << linted.err;
  }
}

TEST(Certificates, that_are_revoked_do_not_verify_and_stand_on_the_list_the_world_fetches) {
  PkiScene& scene = PkiScene::get();
  scene.csr("revoked");
  const std::string serial = scene.issue("revoked", "user-signing", "commonName=Berta", "user:berta");
  EXPECT_EQ(scene.verify("revoked", "users").exit_code, 0);
  EXPECT_EQ(scene.ask({"revoke", serial, "--reason", "keyCompromise"}).text("state").value(), "revoked");
  const Finished verified = scene.verify("revoked", "users");
  EXPECT_NE(verified.exit_code, 0);
  EXPECT_THAT(verified.err + verified.out, HasSubstr("certificate revoked"));
  // The URL in the certificate is the one served.
  const std::string text = text_of(scene.in("revoked.crt"));
  const std::size_t at = text.find("URI:http://127.0.0.1:");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string url = text.substr(at + 4, text.find('\n', at) - at - 4);
  const std::string path = url.substr(url.find("/crl/"));
  EXPECT_EQ(url.substr(0, url.find("/crl/")), scene.public_url());
  std::string listed;
  EXPECT_TRUE(eventually([&] {
    std::ofstream(scene.in("fetched.crl"), std::ios::binary) << scene.fetch(path);
    listed = run({"openssl", "crl", "-inform", "DER", "-in", scene.in("fetched.crl"), "-noout", "-text"}).out;
    return listed.find(serial) != std::string::npos;
  })) << listed;
  EXPECT_THAT(listed, HasSubstr("Key Compromise"));
  EXPECT_THAT(listed, HasSubstr(url));
  EXPECT_EQ(scene.pki({"revoke", serial, "--reason", "superseded"}).exit_code != 0, true) << "once is enough";
}

TEST(Certificates, are_known_to_the_responder_at_once) {
  PkiScene& scene = PkiScene::get();
  scene.csr("asked");
  const std::string serial = scene.issue("asked", "user-signing", "commonName=Emma", "user:emma");
  run({"openssl", "x509", "-in", scene.in("asked.crt"), "-out", scene.in("asked.leaf")});
  std::ofstream(scene.in("issuer.der"), std::ios::binary) << scene.fetch("/ca/users.crt");
  run({"openssl", "x509", "-inform", "DER", "-in", scene.in("issuer.der"), "-out", scene.in("issuer.pem")});
  const auto ask = [&](const std::string& certificate, const std::string& issuer) {
    const Finished done = run({"openssl", "ocsp", "-sha256", "-issuer", issuer, "-cert", certificate, "-url", scene.public_url() + "/ocsp", "-CAfile",
                               scene.root(), "-verify_other", issuer});
    return done.out + done.err;
  };
  const std::string good = ask(scene.in("asked.leaf"), scene.in("issuer.pem"));
  EXPECT_THAT(good, HasSubstr("Response verify OK"));
  EXPECT_THAT(good, HasSubstr(": good"));
  ASSERT_EQ(scene.pki({"revoke", serial, "--reason", "superseded"}).exit_code, 0);
  const std::string revoked = ask(scene.in("asked.leaf"), scene.in("issuer.pem"));
  EXPECT_THAT(revoked, HasSubstr(": revoked"));
  EXPECT_THAT(revoked, HasSubstr("superseded"));
  // And the root's signer about the authority itself.
  EXPECT_THAT(ask(scene.in("issuer.pem"), scene.root()), HasSubstr(": good"));
}

TEST(Certificates, on_hold_are_released) {
  PkiScene& scene = PkiScene::get();
  scene.csr("held");
  const std::string serial = scene.issue("held", "user-signing", "commonName=Carla", "user:carla");
  ASSERT_EQ(scene.pki({"revoke", "--holder", "user:carla", "--reason", "certificateHold"}).exit_code, 0);
  EXPECT_NE(scene.verify("held", "users").exit_code, 0);
  ASSERT_EQ(scene.pki({"release", serial}).exit_code, 0);
  EXPECT_EQ(scene.verify("held", "users").exit_code, 0);
}

TEST(Certificates, are_renewed_with_a_new_key) {
  PkiScene& scene = PkiScene::get();
  scene.csr("old");
  const std::string serial = scene.issue("old", "device", "serialNumber=TF000002", "device:TF000002");
  scene.csr("new");
  auto renewed = scene.ask({"renew", serial, "--csr", scene.in("new.csr"), "--out", scene.in("new.crt")});
  EXPECT_NE(renewed.text("serial").value(), serial);
  EXPECT_EQ(scene.verify("new", "devices").exit_code, 0);
  EXPECT_THAT(text_of(scene.in("new.crt")), HasSubstr("TF000002"));
  auto listed = scene.ask({"list", "--holder", "device:TF000002"});
  EXPECT_EQ(listed.objects("certificates", 10).value().size(), 2U);
}

TEST(Certificates, survive_a_killed_server) {
  PkiScene& scene = PkiScene::get();
  scene.csr("killed");
  const std::string serial = scene.issue("killed", "user-signing", "commonName=Dora", "user:dora");
  ASSERT_EQ(scene.pki({"revoke", serial, "--reason", "superseded"}).exit_code, 0);
  scene.kill_server();
  scene.serve();
  EXPECT_EQ(scene.ask({"show", serial}).text("reason").value(), "superseded");
  EXPECT_NE(scene.verify("killed", "users").exit_code, 0);
  const Finished audited = trustferry({"audit", "verify", "--directory", scene.platform()});
  EXPECT_EQ(audited.exit_code, 0) << audited.err << audited.out;
}

TEST(Certificates, are_refused_with_words_that_help) {
  PkiScene& scene = PkiScene::get();
  scene.csr("asks");
  const auto refused = [&](std::vector<std::string> words, const std::string& says) {
    const Finished done = scene.pki(std::move(words));
    EXPECT_NE(done.exit_code, 0);
    EXPECT_THAT(done.err, HasSubstr(says));
  };
  const std::string csr = scene.in("asks.csr");
  refused({"issue", "--profile", "nothing", "--csr", csr, "--subject", "CN=x", "--holder", "x"}, "pki profiles");
  refused({"issue", "--profile", "device", "--csr", csr, "--subject", "CN=x", "--holder", "x"}, "serialNumber");
  refused({"issue", "--profile", "user-signing", "--csr", csr, "--subject", "king", "--holder", "x"}, "ATTRIBUTE=VALUE");
  refused({"issue", "--profile", "user-signing", "--csr", csr, "--subject", "CN=x"}, "--holder");
  refused({"issue", "--profile", "user-signing", "--csr", scene.in("asks.key"), "--subject", "CN=x", "--holder", "x"}, "CERTIFICATE REQUEST");
  refused({"revoke", "4711", "--reason", "boredom"}, "keyCompromise");
  refused({"revoke", "4711", "--reason", "superseded"}, "serial number");
  refused({"crl", "nobody"}, "nobody");
}

TEST(PublicListener, serves_lists_and_certificates_and_nothing_else) {
  PkiScene& scene = PkiScene::get();
  std::ofstream(scene.in("users.der"), std::ios::binary) << scene.fetch("/ca/users.crt");
  EXPECT_EQ(run({"openssl", "verify", "-CAfile", scene.root(), scene.in("users.der")}).exit_code, 0);
  std::ofstream(scene.in("root.crl"), std::ios::binary) << scene.fetch("/crl/root.crl");
  const Finished root = run({"openssl", "crl", "-inform", "DER", "-in", scene.in("root.crl"), "-noout", "-CAfile", scene.root(), "-verify"});
  EXPECT_THAT(root.err + root.out, HasSubstr("verify OK"));
  for (const char* path : {"/", "/crl", "/crl/users", "/crl/users/64.crl", "/crl/users/01.crl", "/crl/nobody/0.crl", "/crl/users/-1.crl", "/ca/nobody.crt", "/admin/v1/status"})
    scene.fetch(path, 404);
  EXPECT_EQ(curl({.url = scene.public_url() + "/crl/root.crl", .method = "POST", .root = {}}, "x").status, 405);
}

TEST(Profiles, that_are_wrong_keep_the_platform_from_starting_and_say_where) {
  PkiScene& scene = PkiScene::get();
  ASSERT_EQ(scene.stop(), 0);
  const std::string file = scene.platform() + "/profiles/mine.toml";
  std::ofstream(file) << "name = \"mine\"\ncolour = \"red\"\n";
  const Finished started = trustferry({"serve", "--directory", scene.platform(), "--passphrase-file", scene.in("passphrase")});
  EXPECT_NE(started.exit_code, 0);
  EXPECT_THAT(started.err, HasSubstr("mine.toml"));
  std::filesystem::remove(file);
  scene.serve();
}

}  // namespace
}  // namespace tf::test
