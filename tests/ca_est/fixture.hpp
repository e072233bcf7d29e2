// A certificate authority at work, with its database, audit trail and vault, and enrolment before it.
#pragma once
#include <fmt/format.h>

#include "audit/schema.hpp"
#include "ca/est/est.hpp"
#include "ca/est/messages.hpp"
#include "ca/schema.hpp"
#include "crypto/digest.hpp"
#include "pki/issue.hpp"
#include "pki/request/enrolment.hpp"
#include "store/sqlite/sqlite.hpp"
#include "tests/pki/estate.hpp"
#include "tests/support/deterministic.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_directory.hpp"
#include "vault/software/software_vault.hpp"
#include "wire/encoding.hpp"

namespace tf::ca::test {

using pki::test::kDayMs;
using pki::test::must;

class MacSigner final : public audit::Signer {
 public:
  Result<Bytes> sign(ByteView message) override {
    const Hash256 mac = crypto::hmac_sha256(as_bytes("key"), message);
    return Bytes(mac.begin(), mac.end());
  }
  [[nodiscard]] std::string key_id() const override { return "audit-1"; }
};

// By the machine's clock, for stock clients look at it; it can be put forward.
class MovedClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t now_ms() const override { return SystemClock().now_ms() + ahead_ms; }
  [[nodiscard]] std::int64_t monotonic_ms() const override { return SystemClock().monotonic_ms(); }
  std::int64_t ahead_ms = 0;
};

inline constexpr store::Migration kTables[] = {{1, "certificates", kSchema}, {2, "est", kEstSchema}};

inline pki::Profile profile(const std::string& name, const std::string& more_of_key, const std::string& more = "") {
  return must(pki::parse_profile("name = \"" + name + R"("
purpose = "user-authentication"
authority = "users"
validity_days_max = 300
[key]
kinds = ["P-256", "RSA"]
usage = ["digitalSignature"]
extended_usage = ["clientAuth"]
)" + more_of_key + R"(
[subject]
required = ["commonName"]
allowed = ["serialNumber", "organizationName"]
[subject_alt_name]
allowed = ["rfc822Name"]
[extensions]
crl_distribution_point = true
ocsp_url = true
)" + more));
}

class EstTest : public testing::Test {
 protected:
  EstTest() {
    store::SqliteOptions options;
    options.path = directory.file("est.db");
    database = must(store::open_sqlite(options));
    must_do(database->migrate(audit::kComponent, audit::kMigrations));
    must_do(database->migrate("test", kTables));
    trail = must(audit::Trail::open(*database, "test", signer, clock, {}));
    vault = must(vault::SoftwareVault::create(directory.file("vault"), SecretBytes(as_bytes("for tests and for nothing else")), random, {.n = 16, .r = 8, .p = 1}));
    const auto key = must(vault->generate("users", crypto::KeyKind::p256, 0, vault::Purpose::certificate));
    users.emplace(must(pki::issue_authority(root, "Users CA", {}, key, {clock.now_ms(), 1000}, random)));
    CaOptions ca;
    ca.authorities = {{"users", *users, "users", {"http://ca.example.org/crl/users/{shard}.crl", 4, "http://ca.example.org/ocsp"}}};
    for (const char* name : {"user", "badge"}) ca.profiles.emplace(name, profile(name, ""));
    ca.profiles.emplace("escrow", profile("escrow", "source = \"platform\""));
    authority = must(CertificateAuthority::open({clock, random, *database, *trail, *vault}, std::move(ca)));
    EstPorts ports = est_ports({clock, random, *database, *trail, *vault}, *authority, {root.certificate});
    ports.refused = [this](const std::string&, const std::string&, const Error& error) { refusals.emplace_back(error.reason); };
    est = std::make_unique<EstService>(std::move(ports), EstSettings{.default_label = "user", .labels = {"user", "badge", "escrow"},
                                                                     .by_certificate = {{"badge", {"user"}}}, .retry_after_s = 30});
  }
  static void must_do(const Status& status) {
    if (!status) ADD_FAILURE() << describe(status.error());
  }

  NewCode code(const std::string& profile = "user", bool approval = false, pki::Names names = {{{"commonName", "Ada"}}, {}}) {
    const NewCode drawn = draw_code(random);
    const EnrolmentCode wanted{.name = {}, .profile = profile, .holder = "person:ada", .names = std::move(names), .approval = approval,
                               .expires_ms = clock.now_ms() + kDayMs};
    must_do(write([&](store::Session& session) -> Status {
      TF_TRY(make_code(session, wanted, drawn, clock.now_ms()));
      return {};
    }));
    return {drawn.name, drawn.secret.clone()};
  }
  Status write(const std::function<Status(store::Session&)>& what) { return database->write([&](store::Session& session) { return what(session); }); }
  std::optional<EnrolmentCode> stored(const std::string& name) {
    std::optional<EnrolmentCode> out;
    must_do(database->read([&](store::Session& session) -> Status {
      out = TF_TRY(find_code(session, name));
      return {};
    }));
    return out;
  }
  static std::string basic(const std::string& name, ByteView secret) {
    return "Basic " + wire::base64(as_bytes(name + ":" + std::string(as_text(secret))));
  }
  static std::string basic(const NewCode& code) { return basic(code.name, code.secret.reveal()); }
  static std::string body(const crypto::PrivateKey& key, std::string_view name = "Ada") {
    return wire::base64(must(pki::CertificateRequest::make(name, key)).der());
  }

  wire::HttpRequest request(const std::string& path, std::string content, const std::string& authorization = "") {
    wire::HttpRequest out;
    out.method = content.empty() ? "GET" : "POST";
    out.path = "/.well-known/est/" + path;
    out.content_type = content.empty() ? "" : "application/pkcs10";
    out.body = std::move(content);
    if (!authorization.empty()) out.headers.emplace_back("authorization", authorization);
    return out;
  }
  wire::HttpResponse ask(const std::string& path, std::string content = "", const std::string& authorization = "") {
    return est->handle(request(path, std::move(content), authorization));
  }
  wire::HttpResponse ask_as(const pki::Certificate& client, const std::string& path, std::string content) {
    wire::HttpRequest asked = request(path, std::move(content));
    asked.client_certificate = client.der();
    return est->handle(asked);
  }
  static std::vector<pki::Certificate> certificates(const wire::HttpResponse& response) {
    return must(pki::certificates_of(must(est::body_der(response.body, false))));
  }
  pki::Certificate enrolled(const crypto::PrivateKey& key) { return certificates(ask("simpleenroll", body(key), basic(code()))).front(); }

  MovedClock clock;
  SystemRandom random;
  tf::test::TemporaryDirectory directory;
  MacSigner signer;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<audit::Trail> trail;
  std::unique_ptr<vault::SoftwareVault> vault;
  crypto::PrivateKey root_key = crypto::PrivateKey::generate_p256();
  pki::Issuer root{must(pki::make_root("Root", root_key, {SystemClock().now_ms(), 2000}, random)), root_key};
  std::optional<pki::Certificate> users;
  std::unique_ptr<CertificateAuthority> authority;
  std::unique_ptr<EstService> est;
  std::vector<std::string> refusals;
};

}  // namespace tf::ca::test
