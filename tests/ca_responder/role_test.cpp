// The responder apart: its directory, its lists over HTTP, its own keys, and openssl in front of it.
#include <algorithm>
#include <filesystem>

#include "net/client/client.hpp"
#include "net/ocsp/client.hpp"
#include "net/server/server.hpp"
#include "platform/ca/ocsp_role.hpp"
#include "tests/ca_responder/fixture.hpp"
#include "tests/pki/openssl_command.hpp"

namespace tf::platform::test {
namespace {

using ca::test::kDayMs;
using ca::test::must;
using pki::test::OcspEstate;
using testing::HasSubstr;

class MovedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override { return SystemClock().now_ms() + ahead_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return SystemClock().monotonic_ms(); }
  std::int64_t ahead_ms = 0;
};

class Role : public pki::test::OpenSslDirectory {
 protected:
  static constexpr std::uint32_t kShards = 2;
  void SetUp() override {
    write("issuer.pem", issuer.certificate.to_pem());
    write("anchors.pem", root.certificate.to_pem() + issuer.certificate.to_pem());
    write("subject.pem", subject.to_pem());
    ASSERT_OK(lists.start_plain({}, {.handler = [this](const wire::HttpRequest& request) { return serve(request); },
                                     .pool = std::make_shared<net::WorkerPool>(1), .prompt = {}},
                                registry));
    pattern = "http://127.0.0.1:" + std::to_string(lists.port()) + "/crl/{shard}.crl";
    write("ocsp/ocsp.toml", "");
  }
  void TearDown() override {
    role.reset();
    lists.stop(std::chrono::seconds(1));
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(directory_.file(name)).parent_path());
    pki::test::OpenSslDirectory::write(name, name == "ocsp/ocsp.toml" ? "listen = \"127.0.0.1:0\"\nrefresh_seconds = 3600\n" : text);
  }
  wire::HttpResponse serve(const wire::HttpRequest& request) {
    if (away) return {.status = 503, .content_type = {}, .body = {}, .headers = {}};
    for (std::uint32_t shard = 0; shard < kShards; ++shard) {
      if (request.path != "/crl/" + std::to_string(shard) + ".crl") continue;
      std::vector<pki::Revoked> here;
      if (revoked && pki::shard_of(subject.serial_hex(), kShards) == shard)
        here.push_back({subject.serial_hex(), pki::RevocationReason::key_compromise, clock.now_ms() / 1000 * 1000 - 5000});
      const std::int64_t now_ms = SystemClock().now_ms();
      const auto list = must(pki::issue_crl_shard(issuer, {shard, kShards, must(pki::shard_url(pattern, shard))}, ++number, here, now_ms - 1000, now_ms + kDayMs));
      return {.status = 200, .content_type = "application/pkix-crl", .body = std::string(as_text(list.der())), .headers = {}};
    }
    return {.status = 404, .content_type = {}, .body = {}, .headers = {}};
  }

  [[nodiscard]] std::string home() const { return directory_.file("ocsp"); }
  OcspAuthority authority() const { return {.listed = {"operations", issuer.certificate, pattern, kShards}, .fetch = pattern, .trust_file = {}}; }
  pki::Certificate delegate_for(const pki::CertificateRequest& request) {
    const auto like = must(pki::issue_operator_certificate(issuer, "OCSP", request.public_key(), term, pki::test::randomness()));
    return pki::test::ocsp_delegate(issuer, like);
  }
  pki::Certificate enrol(bool rsa = false) {
    const auto certificate = delegate_for(must(request_ocsp_delegate(home(), "operations", rsa)));
    EXPECT_OK(install_ocsp_delegate(home(), authority(), certificate, clock.now_ms()));
    return certificate;
  }
  void begin() {
    role = must(OcspRole::open(home(), clock));
    ASSERT_OK(role->start());
  }
  std::string ask(const std::string& how = "-nonce -sha256") {
    return run("ocsp -issuer issuer.pem " + how + " -cert subject.pem -url http://127.0.0.1:" + std::to_string(role->port()) + "/ocsp -CAfile anchors.pem -resp_text").text;
  }
  int get(const std::string& path) {
    auto client = must(net::HttpClient::create({.server = {"127.0.0.1", role->port(), false}}));
    net::ClientRequest request;
    request.target = path;
    return must(client.request(request)).status;
  }

  MovedClock clock;
  const pki::Term term{SystemClock().now_ms(), 30};
  const crypto::PrivateKey root_key = crypto::PrivateKey::generate_p256(), ca_key = crypto::PrivateKey::generate_p256(), holder_key = crypto::PrivateKey::generate_p256();
  const pki::Issuer root{must(pki::make_root("Root", root_key, term, pki::test::randomness())), root_key};
  const pki::Issuer issuer{must(pki::issue_operations_ca(root, "Operations", ca_key.public_key(), term, pki::test::randomness())), ca_key};
  const pki::Certificate subject = must(pki::issue_operator_certificate(issuer, "Ada", holder_key.public_key(), term, pki::test::randomness()));
  metrics::Registry registry;
  net::HttpServer lists;
  std::string pattern;
  std::unique_ptr<OcspRole> role;
  std::uint64_t number = 100;
  bool revoked = false, away = false;
};

// Our own client in front of it: the next responder where one is silent, and nothing but "good" is good.
class Asking : public Role {
 protected:
  net::OcspClient client(std::vector<std::string> urls) {
    net::OcspOptions options{.responders = {}, .anchors = {}, .patience = std::chrono::seconds(2)};
    for (std::string& url : urls) options.responders.push_back({.url = std::move(url)});
    return must(net::OcspClient::create(std::move(options), clock, pki::test::randomness()));
  }
  Status ask_good(std::vector<std::string> urls) { return client(std::move(urls)).good({{subject, issuer.certificate}}).front(); }
  std::string here() { return "http://127.0.0.1:" + std::to_string(role->port()) + "/ocsp"; }
  std::string nobody() const { return "http://127.0.0.1:1/ocsp"; }
  std::string lists_only() { return "http://127.0.0.1:" + std::to_string(lists.port()) + "/none"; }  // gives 404
};

TEST_F(Asking, takes_the_first_that_answers) {
  enrol();
  begin();
  EXPECT_OK(ask_good({here()}));
  EXPECT_OK(ask_good({nobody(), lists_only(), here()}));
}

TEST_F(Asking, is_told_of_revocation_and_asks_nobody_else) {
  revoked = true;
  enrol();
  begin();
  EXPECT_REFUSED(ask_good({here(), nobody()}), Code::refused, "ocsp.revoked");
}

TEST_F(Asking, takes_silence_for_no_answer) {
  enrol();
  begin();
  EXPECT_REFUSED(ask_good({nobody(), lists_only()}), Code::unavailable, "ocsp.silent");
  EXPECT_REFUSED(ask_good({}), Code::invalid, "ocsp.no_responder");
}

TEST_F(Asking, does_not_believe_a_responder_of_another_issuer) {
  enrol();
  begin();
  const auto key = crypto::PrivateKey::generate_p256();
  const pki::Issuer other{must(pki::issue_operations_ca(root, "Other", key.public_key(), term, pki::test::randomness())), key};
  const auto foreign = must(pki::issue_operator_certificate(other, "Eve", holder_key.public_key(), term, pki::test::randomness()));
  const auto answers = client({here()}).good({{foreign, other.certificate}, {subject, issuer.certificate}});
  EXPECT_FALSE(answers[0]);
  EXPECT_OK(answers[1]);  // each issuer has a request of its own
}

TEST_F(Asking, asks_about_many_of_an_issuer_and_each_has_its_own_answer) {
  revoked = true;
  enrol();
  begin();
  std::vector<net::OcspQuestion> questions;
  for (int i = 0; i < 20; ++i)
    questions.push_back({i == 17 ? subject : must(pki::issue_operator_certificate(issuer, "Bob", holder_key.public_key(), term, pki::test::randomness())), issuer.certificate});
  auto asking = client({nobody(), here()});
  for (int round = 0; round < 2; ++round) {
    const auto answers = asking.good(questions);
    ASSERT_EQ(answers.size(), questions.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      EXPECT_EQ(answers[i].has_value(), i != 17) << i;
      if (!answers[i]) EXPECT_STREQ(answers[i].error().reason, "ocsp.revoked");
    }
  }
}

TEST_F(Asking, a_responder_that_is_no_url_is_told_at_once) {
  EXPECT_FALSE(net::OcspClient::create({.responders = {{.url = "ocsp.example"}}}, clock, pki::test::randomness()));
}

TEST_F(Role, answers_from_lists_with_keys_of_its_own) {
  enrol();
  begin();
  EXPECT_EQ(get("/healthz"), 200);
  EXPECT_EQ(get("/readyz"), 200);
  EXPECT_EQ(get("/metrics"), 404) << "where the public is";
  EXPECT_THAT(ask(), HasSubstr("subject.pem: good"));
  EXPECT_THAT(ask("-no_nonce -sha256"), HasSubstr("Response verify OK"));
  revoked = true;
  EXPECT_EQ(role->refresh(), 0);
  EXPECT_THAT(ask("-no_nonce -sha256"), HasSubstr("subject.pem: revoked"));
}

TEST_F(Role, remembers_revocations_over_a_restart_without_the_platform) {
  enrol(true);
  revoked = true;
  begin();
  EXPECT_THAT(ask(), HasSubstr("subject.pem: revoked"));
  role.reset();
  away = true;
  begin();
  EXPECT_THAT(ask(), HasSubstr("subject.pem: revoked"));
  EXPECT_EQ(role->refresh(), static_cast<int>(kShards));
  clock.ahead_ms = 2 * kDayMs;
  EXPECT_EQ(get("/readyz"), 503);
  EXPECT_THAT(ask(), HasSubstr("trylater (3)"));
}

TEST_F(Role, takes_a_new_delegate_while_it_runs_and_keeps_the_old_one_until_it_fits) {
  const auto first = enrol();
  begin();
  EXPECT_THAT(ask(), HasSubstr("Response verify OK"));
  const auto request = must(request_ocsp_delegate(home(), "operations", false));
  EXPECT_EQ(role->refresh(), 0) << "a request changes nothing yet";
  EXPECT_REFUSED(install_ocsp_delegate(home(), authority(), first, clock.now_ms()), Code::invalid, "pki.issuer_key");
  const auto second = delegate_for(request);
  ASSERT_OK(install_ocsp_delegate(home(), authority(), second, clock.now_ms()));
  EXPECT_EQ(role->refresh(), 0);
  const std::string text = ask("-no_nonce -sha256");
  EXPECT_THAT(text, HasSubstr("Response verify OK"));
  EXPECT_THAT(text, HasSubstr("Certificate:"));
  std::string serial = second.serial_hex();  // as openssl writes it
  std::ranges::transform(serial, serial.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (std::size_t at = 2; at < serial.size(); at += 3) serial.insert(at, ":");
  EXPECT_THAT(text, HasSubstr(serial));
}

TEST_F(Role, refuses_what_is_no_delegate_of_the_authority) {
  const auto request = must(request_ocsp_delegate(home(), "operations", false));
  const auto plain = must(pki::issue_operator_certificate(issuer, "OCSP", request.public_key(), term, pki::test::randomness()));
  EXPECT_REFUSED(install_ocsp_delegate(home(), authority(), plain, clock.now_ms()), Code::refused, "ocsp.responder_usage");
  EXPECT_REFUSED(OcspRole::open(home(), clock), Code::not_found, "ocsp.no_authorities");
  EXPECT_REFUSED(request_ocsp_delegate(home(), "../escape", false), Code::invalid, "ocsp.authority");
}

TEST_F(Role, settings_it_does_not_know_are_refused) {
  enrol();
  pki::test::OpenSslDirectory::write("ocsp/ocsp.toml", std::string_view("listne = \"127.0.0.1:0\"\n"));
  EXPECT_REFUSED(OcspRole::open(home(), clock), Code::invalid, "config.unknown_key");
  pki::test::OpenSslDirectory::write("ocsp/ocsp.toml", std::string_view("refresh_seconds = 0\n"));
  EXPECT_REFUSED(OcspRole::open(home(), clock), Code::invalid, "config.value");
}

}  // namespace
}  // namespace tf::platform::test
