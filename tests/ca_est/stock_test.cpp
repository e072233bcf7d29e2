// The whole of EST with curl and openssl over TLS, as RFC 7030 appendix A has it.
#include "net/server/server.hpp"
#include "tests/ca_est/fixture.hpp"
#include "tests/pki/openssl_command.hpp"

namespace tf::ca::test {
namespace {

using testing::HasSubstr;

class EstStock : public EstTest {
 protected:
  void SetUp() override {
    const auto key = crypto::PrivateKey::generate_p256();
    const auto operations_key = crypto::PrivateKey::generate_p256();
    const pki::Term term{clock.now_ms(), 30};
    const pki::Issuer operations{must(pki::issue_operations_ca(root, "Operations", operations_key.public_key(), term, random)), operations_key};
    const auto server_certificate = must(pki::issue_tls_server_certificate(operations, {{"localhost"}, {"127.0.0.1"}}, key.public_key(), term, random));
    file("ca.pem", root.certificate.to_pem());
    net::TlsServerConfig tls;
    tls.chain = {net::share(server_certificate.native()), net::share(operations.certificate.native())};
    tls.key = net::share(key.native());
    tls.client_anchors = {net::share(users->native()), net::share(root.certificate.native())};
    net::ServerOptions options;
    options.kept_headers = {"authorization", "content-transfer-encoding"};
    ASSERT_OK(server.start(options, tls, {.handler = [this](const wire::HttpRequest& request) { return est->handle(request); },
                                          .pool = std::make_shared<net::WorkerPool>(2), .prompt = {}},
                           registry));
  }
  void TearDown() override { server.stop(std::chrono::seconds(1)); }
  void file(const std::string& name, const std::string& text) { must_do(write_private_file(directory.file(name), as_bytes(text))); }

  // In the directory; both streams.
  std::string run(const std::string& command, bool fails = false) {
    FILE* pipe = ::popen(("cd " + directory.file(".") + " && (" + command + ") 2>&1 < /dev/null").c_str(), "r");
    std::string text;
    std::array<char, 512> piece;
    while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) text += piece.data();
    EXPECT_EQ(::pclose(pipe) != 0, fails) << command << "\n" << text;
    return text;
  }
  std::string est_url() const { return "https://localhost:" + std::to_string(server.port()) + "/.well-known/est"; }
  static std::string post(const std::string& more) { return "curl -sS --max-time 30 --cacert ca.pem -H 'Content-Type: application/pkcs10' -H 'Content-Transfer-Encoding: base64' " + more + " "; }

  metrics::Registry registry;
  net::HttpServer server;
};

TEST_F(EstStock, curl_and_openssl_get_certificates_enrol_and_renew) {
  run("curl -sS --cacert ca.pem " + est_url() + "/cacerts -o cacerts.p7.b64 && openssl base64 -d -in cacerts.p7.b64 -out cacerts.p7"
      " && openssl pkcs7 -inform DER -in cacerts.p7 -print_certs -out cacerts.pem && grep -c BEGIN cacerts.pem | grep -qx 2");
  run("curl -sS --cacert ca.pem " + est_url() + "/csrattrs | openssl base64 -d | openssl asn1parse -inform DER | grep -q prime256v1");

  const NewCode secret = code();
  file("user", "user = \"" + secret.name + ":" + std::string(as_text(secret.secret.reveal())) + "\"\n");
  run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=Ada -outform DER -out req.der 2>/dev/null"
      " && openssl base64 -in req.der -out req.b64");
  EXPECT_THAT(run(post("-i --data-binary @req.b64") + est_url() + "/simpleenroll"), HasSubstr("HTTP/1.1 401 "));
  const std::string enrolled = run(post("-D - -K user --data-binary @req.b64 -o cert.p7.b64") + est_url() + "/simpleenroll");
  EXPECT_THAT(enrolled, HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(enrolled, HasSubstr("Content-Transfer-Encoding: base64"));
  run("openssl base64 -d -in cert.p7.b64 | openssl pkcs7 -inform DER -print_certs -out cert.pem");
  EXPECT_THAT(run("openssl verify -CAfile cacerts.pem -purpose sslclient -x509_strict cert.pem"), HasSubstr("cert.pem: OK"));

  run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key2.pem -subj /CN=Ada -outform DER -out req2.der 2>/dev/null"
      " && openssl base64 -in req2.der -out req2.b64");
  run(post("-f --cert cert.pem --key key.pem --data-binary @req2.b64 -o cert2.p7.b64") + est_url() + "/user/simplereenroll");
  run("openssl base64 -d -in cert2.p7.b64 | openssl pkcs7 -inform DER -print_certs -out cert2.pem"
      " && openssl x509 -in cert2.pem -noout -pubkey > a && openssl pkey -in key2.pem -pubout > b && cmp a b");
  EXPECT_THAT(run("openssl verify -CAfile cacerts.pem cert2.pem"), HasSubstr("cert2.pem: OK"));
}

// openssl signs requests of RSA keys with PKCS#1 v1.5.
TEST_F(EstStock, rsa_keys_and_keys_made_by_the_platform) {
  const NewCode secret = code();
  file("user", "user = \"" + secret.name + ":" + std::string(as_text(secret.secret.reveal())) + "\"\n");
  run("openssl req -new -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=Ada -outform DER -out req.der 2>/dev/null && openssl base64 -in req.der -out req.b64");
  run(post("-f -K user --data-binary @req.b64 -o cert.p7.b64") + est_url() + "/simpleenroll");
  run("openssl base64 -d -in cert.p7.b64 | openssl pkcs7 -inform DER -print_certs -out cert.pem && openssl x509 -in cert.pem -noout -pubkey > a"
      " && openssl pkey -in key.pem -pubout > b && cmp a b");
  const NewCode other = code("escrow");
  file("user", "user = \"" + other.name + ":" + std::string(as_text(other.secret.reveal())) + "\"\n");
  run(post("-f -K user --data-binary @req.b64 -o both") + est_url() + "/escrow/serverkeygen");
  run("tr -d '\\r' < both | awk '/^--/{p=0;n++;next} NF==0{p=1;next} p{print > (\"part\" n)}'; for i in 1 2; do openssl base64 -d -in part$i -out der$i; done"
      " && openssl pkey -inform DER -in der1 -pubout > a && openssl pkcs7 -inform DER -in der2 -print_certs | openssl x509 -noout -pubkey > b && cmp a b");
}

}  // namespace
}  // namespace tf::ca::test
