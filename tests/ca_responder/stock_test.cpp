// Stock clients against the responder on a socket: openssl ocsp by POST, curl by GET; RSA and P-256 delegates.
#include <atomic>
#include <thread>

#include "net/server/server.hpp"
#include "pki/ocsp/request.hpp"
#include "tests/ca_responder/fixture.hpp"
#include "tests/pki/openssl_command.hpp"
#include "wire/encoding.hpp"

namespace tf::ca::test {
namespace {

using testing::HasSubstr;

struct PresentEstate {
  pki::Issuer root;
  pki::test::OcspEstate ocsp;
};

// Valid now by the machine's clock, which the stock clients go by.
PresentEstate present_estate(bool rsa) {
  const auto key = [] { return crypto::PrivateKey::generate_p256(); };
  const auto root_key = key(), ca = key(), person = key(), holder_key = key();
  const auto signer = rsa ? crypto::PrivateKey::generate_rsa(2048) : key();
  Random& random = pki::test::randomness();
  const pki::Term term{SystemClock().now_ms(), 30};
  const pki::Issuer root{must(pki::make_root("Root", root_key, term, random)), root_key};
  const pki::Issuer issuer{must(pki::issue_operations_ca(root, "Operations", ca.public_key(), term, random)), ca};
  const auto like = must(pki::issue_operator_certificate(issuer, "OCSP", person.public_key(), term, random));
  const auto delegate = pki::test::ocsp_delegate(issuer, like, [&](X509* certificate) { X509_set_pubkey(certificate, signer.native()); });
  const auto holder = must(pki::issue_operator_certificate(issuer, "Ada", holder_key.public_key(), term, random));
  return {root, {issuer, {delegate, signer}, holder}};
}

class Stock : public pki::test::OpenSslDirectory {
 protected:
  void begin(bool rsa) {
    estate.emplace(present_estate(rsa));
    write("issuer.pem", estate->ocsp.issuer.certificate.to_pem());
    write("anchors.pem", estate->root.certificate.to_pem() + estate->ocsp.issuer.certificate.to_pem());
    write("subject.pem", estate->ocsp.subject.to_pem());
    source.say(serial(), good());
    ASSERT_OK(responder.serve({served(estate->ocsp)}));
    net::ServerOptions options;
    options.raw_below = "/ocsp/";
    ASSERT_OK(server.start_plain(options,
                                 {.handler = [](const wire::HttpRequest&) { return wire::HttpResponse{}; },
                                  .pool = std::make_shared<net::WorkerPool>(1),
                                  .prompt = [this](const wire::HttpRequest& request, net::Answer& answer) {
                                    answer(responder.handle(request, "/ocsp"));
                                    return true;
                                  }},
                                 registry));
  }
  void TearDown() override { server.stop(std::chrono::seconds(1)); }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server.port()) + "/ocsp"; }
  [[nodiscard]] std::string serial() const { return estate->ocsp.subject.serial_hex(); }
  std::string ask(const std::string& more, const std::string& about = "-cert subject.pem") {
    return run("ocsp -issuer issuer.pem " + more + " " + about + " -url " + url() + " -CAfile anchors.pem -resp_text").text;
  }
  std::string get(const std::string& arguments) {
    const auto done = run("version > /dev/null; curl -sS --max-time 20 --path-as-is " + arguments);
    EXPECT_EQ(done.exit_code, 0) << done.text;
    return done.text;
  }
  void revoke() {
    source.say(serial(), revoked(pki::RevocationReason::key_compromise, SystemClock().now_ms() - 2000));
    responder.forget(kAuthority, serial());
  }

  void goes_through_all_answers() {
    for (const char* how : {"-nonce -sha256", "-nonce", "-no_nonce -sha256", "-no_nonce"}) {
      const std::string text = ask(how);
      EXPECT_THAT(text, HasSubstr("Response verify OK")) << how;
      EXPECT_THAT(text, HasSubstr("subject.pem: good")) << how;
      EXPECT_EQ(text.find("WARNING"), std::string::npos) << text;
      EXPECT_EQ(text.find("Nonce Verify error"), std::string::npos) << text;
    }
    EXPECT_THAT(ask("-nonce -sha256", "-serial 0x1234567890ABCDEF"), HasSubstr("Jan  1 00:00:00 1970 GMT"));
    const std::string two = ask("-nonce -sha256", "-cert subject.pem -serial 0x77");
    EXPECT_THAT(two, HasSubstr("subject.pem: good"));
    EXPECT_THAT(two, HasSubstr("0x77: revoked"));
    revoke();
    const std::string text = ask("-no_nonce -sha256");
    EXPECT_THAT(text, HasSubstr("subject.pem: revoked"));
    EXPECT_THAT(text, HasSubstr("Reason: keyCompromise"));
    write("foreign.pem", pki::test::foreign_estate().operations_ca.certificate.to_pem());
    EXPECT_THAT(run("ocsp -issuer foreign.pem -cert subject.pem -url " + url() + " -CAfile anchors.pem").text, HasSubstr("unauthorized (6)"));
  }

  Source source;
  SystemClock clock;
  metrics::Registry registry;
  Responder responder{source, clock};
  net::HttpServer server;
  std::optional<PresentEstate> estate;
};

TEST_F(Stock, openssl_believes_a_p256_delegate) {
  begin(false);
  goes_through_all_answers();
}

TEST_F(Stock, openssl_believes_an_rsa_delegate) {
  begin(true);
  goes_through_all_answers();
}

// The base64 has slashes and stands in the path as it is, or percent-encoded.
TEST_F(Stock, curl_gets_an_answer_by_path) {
  begin(false);
  const auto bytes = [](const Bytes& der) { return pki::ocsp::encode_path(der); };
  const Bytes der = must(pki::ocsp::encode_request({estate->ocsp.id()}, Bytes(32, 0xff)));
  ASSERT_NE(wire::base64(der).find("//"), std::string::npos);
  for (const std::string& path : {wire::base64(der), bytes(der)}) {
    get("-o response.der " + url() + "/" + path);
    auto expected = estate->ocsp.expected(clock.now_ms());
    expected.nonce = Bytes(32, 0xff);
    EXPECT_EQ(must(pki::ocsp::verify(read("response.der"), expected)).status, pki::ocsp::CertStatus::good);
  }
  const Bytes plain = must(pki::ocsp::encode_request({estate->ocsp.id()}, {}));
  const std::string head = get("-D - -o response.der " + url() + "/" + bytes(plain));
  for (const char* field : {"HTTP/1.1 200 ", "Content-Type: application/ocsp-response", "ETag: \"", "Cache-Control: max-age=", "Expires: ", "Last-Modified: "})
    EXPECT_THAT(head, HasSubstr(field));
  const Bytes first = read("response.der");
  get("-o response.der " + url() + "/" + bytes(plain));
  EXPECT_EQ(read("response.der"), first);
  EXPECT_THAT(get("-i -X PUT -d x " + url()), HasSubstr("HTTP/1.1 405 "));
  EXPECT_THAT(get("-i -H 'Content-Type: text/plain' -d x " + url()), HasSubstr("HTTP/1.1 415 "));
  EXPECT_THAT(get("-i " + url() + "/../secret"), HasSubstr("HTTP/1.1 200 "));  // no path of ours, but malformed base64
  EXPECT_THAT(get("-i " + url() + "x/../secret"), HasSubstr("HTTP/1.1 400 "));
}

// A revocation while many ask: whoever asks after it was told hears of it.
TEST_F(Stock, nobody_hears_good_after_a_revocation_was_told) {
  begin(false);
  const Bytes der = must(pki::ocsp::encode_request({estate->ocsp.id()}, {}));
  std::atomic<bool> told = false, stop = false;
  std::atomic<int> wrong = 0, heard = 0;
  const auto ask_on = [&] {
    while (!stop) {
      const bool before = told;
      const auto found = pki::ocsp::verify(responder.answer(der)->der, estate->ocsp.expected(clock.now_ms() + 1000));
      if (before && (!found || found->status == pki::ocsp::CertStatus::good)) ++wrong;
      ++heard;
    }
  };
  std::vector<std::jthread> askers;
  for (int i = 0; i < 4; ++i) askers.emplace_back(ask_on);
  while (heard < 200) std::this_thread::yield();
  revoke();
  told = true;
  while (heard < 600) std::this_thread::yield();
  stop = true;
  askers.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tf::ca::test
