// Another server in the authority's place: over EST (ours, on TLS, is the other one) and over an HTTPS call.
#include <future>

#include "ca/external.hpp"
#include "net/server/server.hpp"
#include "tests/ca_est/fixture.hpp"

namespace tf::ca::test {
namespace {

using crypto::PrivateKey;

// The other server: an authority of its own, under a root of its own.
struct Other final : EstTest {
  void TestBody() override {}
  wire::HttpResponse serve(const wire::HttpRequest& request) { return est->handle(request); }
  using EstTest::code;
  using EstTest::root;
  using EstTest::users;
};

class External : public EstTest {
 protected:
  void SetUp() override {
    const auto key = PrivateKey::generate_p256(), operations_key = PrivateKey::generate_p256();
    const pki::Term term{clock.now_ms(), 30};
    const pki::Issuer operations{must(pki::issue_operations_ca(root, "Operations", operations_key.public_key(), term, random)), operations_key};
    const auto certificate = must(pki::issue_tls_server_certificate(operations, {{"localhost"}, {"127.0.0.1"}}, key.public_key(), term, random));
    net::TlsServerConfig tls;
    tls.chain = {net::share(certificate.native()), net::share(operations.certificate.native())};
    tls.key = net::share(key.native());
    net::ServerOptions options;
    options.kept_headers = {"authorization", "content-transfer-encoding"};
    ASSERT_OK(server.start(options, tls, {.handler = [this](const wire::HttpRequest& request) { return serve(request); },
                                          .pool = std::make_shared<net::WorkerPool>(2), .prompt = {}},
                           registry));
  }
  void TearDown() override {
    issuer.reset();
    server.stop(std::chrono::seconds(1));
  }

  // EST, or the call.
  wire::HttpResponse serve(const wire::HttpRequest& request) {
    if (request.path != "/issue") return other.serve(request);
    seen = request;
    if (answer) return *answer;
    const auto csr = must(pki::CertificateRequest::from_der(as_bytes(request.body)));
    const auto issued = must(authority->issue({.profile = "user", .holder = "other:1", .names = must(pki::names_of(csr)), .key = csr.public_key(), .actor = "test"}));
    return {.status = 200, .content_type = "application/x-pem-file", .body = users->to_pem() + must(pki::Certificate::from_der(issued.der)).to_pem(), .headers = {}};
  }

  ExternalSettings settings(ExternalSettings::Kind kind) {
    ExternalSettings out;
    out.kind = kind;
    out.client.server = {"localhost", server.port()};
    out.client.dial = "127.0.0.1";
    out.client.anchors = {net::share(root.certificate.native())};
    const bool over_est = kind == ExternalSettings::Kind::est;
    out.anchors = {over_est ? other.root.certificate : root.certificate};
    out.intermediates = {over_est ? *other.users : *users};
    return out;
  }
  void by_est(const NewCode& code, std::chrono::seconds wait = std::chrono::seconds(5)) {
    ExternalSettings wanted = settings(ExternalSettings::Kind::est);
    wanted.label = "user";
    wanted.wait = wait;
    wanted.credentials = SecretBytes(as_bytes(code.name + ":" + std::string(as_text(code.secret.reveal()))));
    issuer = must(ExternalIssuer::create(std::move(wanted), clock));
  }
  void by_https() {
    ExternalSettings wanted = settings(ExternalSettings::Kind::https);
    wanted.target = "/issue";
    wanted.credentials = SecretBytes(as_bytes(std::string_view("token-1")));
    issuer = must(ExternalIssuer::create(std::move(wanted), clock));
  }
  IssueRequest wanted(const PrivateKey& key, const std::string& name = "Ada") {
    return {.profile = "badge", .holder = "person:ada", .names = {{{"commonName", name}}, {}}, .key = key.public_key(), .actor = "operator:test",
            .request = must(pki::CertificateRequest::make(name, key))};
  }
  Result<Bytes> ask(const IssueRequest& request) {
    std::promise<Result<Bytes>> promise;
    issuer->issue(request, [&](Result<Bytes> der) { promise.set_value(std::move(der)); });
    return promise.get_future().get();
  }

  Other other;
  metrics::Registry registry;
  net::HttpServer server;
  std::unique_ptr<ExternalIssuer> issuer;
  wire::HttpRequest seen;
  std::optional<wire::HttpResponse> answer;
};

TEST_F(External, a_certificate_over_est_is_checked_and_registered) {
  by_est(other.code());
  authority->issue_elsewhere("badge", [this](const IssueRequest& request, Done<Bytes> done) { issuer->issue(request, std::move(done)); });
  const auto key = PrivateKey::generate_p256();
  const Issued issued = must(authority->issue(wanted(key)));
  const Record record = must(authority->show(issued.serial_hex));
  EXPECT_EQ(record.authority, "elsewhere");
  EXPECT_EQ(record.profile, "badge");
  EXPECT_EQ(must(must(pki::Certificate::from_der(issued.der)).public_key()).spki(), key.public_key().spki());
}

TEST_F(External, its_refusals_are_told) {
  by_est({"e-nobody", SecretBytes(as_bytes(std::string_view("wrong")))});
  EXPECT_REFUSED(ask(wanted(PrivateKey::generate_p256())), Code::refused, "est.status");
  by_est(other.code("user", true), std::chrono::seconds(1));
  EXPECT_REFUSED(ask(wanted(PrivateKey::generate_p256())), Code::unavailable, "ca.external_later");
}

TEST_F(External, nothing_goes_out_that_asks_for_more_than_was_approved) {
  by_https();
  const auto key = PrivateKey::generate_p256();
  IssueRequest request = wanted(key);
  request.names.subject[0].second = "Eve";
  EXPECT_REFUSED(ask(request), Code::refused, "ca.external_names");
  request = wanted(key);
  request.key = PrivateKey::generate_p256().public_key();
  EXPECT_REFUSED(ask(request), Code::refused, "ca.external_key");
  request.request.reset();
  EXPECT_REFUSED(ask(request), Code::invalid, "ca.external_request");
  EXPECT_EQ(seen.path, "");
}

TEST_F(External, an_https_call_brings_the_request_and_a_token) {
  by_https();
  const auto key = PrivateKey::generate_p256();
  const auto certificate = must(pki::Certificate::from_der(must(ask(wanted(key)))));
  EXPECT_EQ(must(certificate.public_key()).spki(), key.public_key().spki());
  EXPECT_EQ(seen.content_type, "application/pkcs10");
  const decltype(seen.headers) expected{{"authorization", "Bearer token-1"}};
  EXPECT_EQ(seen.headers, expected);
}

TEST_F(External, what_comes_back_wrong_is_not_taken) {
  by_https();
  const auto key = PrivateKey::generate_p256();
  const auto says = [&](int status, std::string body) {
    answer = wire::HttpResponse{.status = status, .content_type = "", .body = std::move(body), .headers = {}};
    return ask(wanted(key));
  };
  EXPECT_REFUSED(says(403, "no"), Code::refused, "ca.external_status");
  EXPECT_REFUSED(says(502, ""), Code::unavailable, "ca.external_status");
  EXPECT_REFUSED(says(200, "no certificate!"), Code::malformed, "est.body");
  EXPECT_REFUSED(says(200, "AAAA"), Code::malformed, "pki.certs_only");
  EXPECT_REFUSED(says(200, users->to_pem()), Code::refused, "ca.external_key");
  // For the right key, by nobody we trust.
  const auto self = must(pki::make_root("Ada", key, {clock.now_ms(), 30}, random));
  EXPECT_REFUSED(says(200, self.to_pem()), Code::refused, "pki.untrusted");
}

TEST_F(External, needs_to_know_where_certificates_end) {
  ExternalSettings wanted = settings(ExternalSettings::Kind::https);
  wanted.anchors.clear();
  EXPECT_REFUSED(ExternalIssuer::create(std::move(wanted), clock), Code::invalid, "ca.external");
}

}  // namespace
}  // namespace tf::ca::test
