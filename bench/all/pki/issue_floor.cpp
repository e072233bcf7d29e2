// What one issuance cannot do without, and cfssl.
#include <fmt/format.h>
#include <openssl/x509.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/file.hpp"
#include "bench/all/http_load.hpp"
#include "bench/all/measure.hpp"
#include "bench/all/pki/authority_scene.hpp"
#include "bench/all/raw_database.hpp"
#include "pki/request/certificate_request.hpp"
#include "pki/issue.hpp"
#include "pki/key_file.hpp"
#include "wire/json.hpp"

namespace tf::bench {
namespace {

constexpr int kOperations = 4000;
constexpr std::uint16_t kPort = 18495;

constexpr const char* kTables =
    "CREATE TABLE pki_certificates (serial TEXT NOT NULL PRIMARY KEY, authority TEXT NOT NULL, profile TEXT NOT NULL, holder TEXT NOT NULL, subject TEXT NOT NULL,"
    " spki_hash BYTEA NOT NULL, tbs_hash BYTEA NOT NULL, state TEXT NOT NULL, shard BIGINT NOT NULL, intended_ms BIGINT NOT NULL, not_before_ms BIGINT NOT NULL,"
    " not_after_ms BIGINT NOT NULL, renews TEXT NOT NULL, der BYTEA, revoked_ms BIGINT, reason BIGINT);"
    "CREATE INDEX pki_certificates_holder ON pki_certificates (holder, serial);"
    "CREATE INDEX pki_certificates_revoked ON pki_certificates (authority, shard, serial) WHERE state = 'revoked';"
    "CREATE INDEX pki_certificates_intended ON pki_certificates (intended_ms) WHERE state = 'intended';";

// Serial numbers are random: they come anywhere into the index.
std::string serial_of(int number) { return fmt::format("{:016X}{:016X}", static_cast<std::uint64_t>(number) * 0x9E37'79B9'7F4A'7C15ULL, number); }

}  // namespace

double issue_crypto_cpu_us() {
  const std::string tbs(600, 't');
  const crypto::PrivateKey issuer = crypto::PrivateKey::generate_p256(), holder = crypto::PrivateKey::generate_p256();
  const auto point = holder.public_key().point();
  const auto proof = crypto::sign_es256(holder, as_bytes(tbs).first(200)).value();
  return cpu_us_per_call(3000, [&] {
    const auto key = crypto::PublicKey::from_point(point).value();
    if (!crypto::verify_es256(key, as_bytes(tbs).first(200), proof)) std::abort();
    crypto::sign_es256(issuer, as_bytes(tbs)).value();
  });
}

Result<double> issue_rows_cpu_us(const std::string& path, int members_per_commit) {
  auto database = TF_TRY(RawDatabase::open(path, kTables));
  auto intent = database.prepare("INSERT INTO pki_certificates (serial, authority, profile, holder, subject, spki_hash, tbs_hash, state, shard, intended_ms, not_before_ms, not_after_ms, renews)"
                                 " VALUES (?1, 'users', 'user-signing', ?2, 'commonName=user 000000', ?3, ?4, 'intended', 1, 1790000000000, 1790000000000, 1850000000000, '')");
  auto result = database.prepare("UPDATE pki_certificates SET state = 'issued', der = ?2 WHERE serial = ?1 AND state = 'intended'");
  const std::string der(620, 'd');
  const auto write_intent = [&](int number) {
    RawDatabase::text(intent, 1, serial_of(number));
    RawDatabase::text(intent, 2, fmt::format("wallet:user {:06}", number));
    database.blob(intent, 3, 32);
    database.blob(intent, 4, 32);
    RawDatabase::step(intent);
  };
  const auto write_result = [&](int number) {
    RawDatabase::text(result, 1, serial_of(number));
    sqlite3_bind_blob(result.get(), 2, der.data(), static_cast<int>(der.size()), SQLITE_STATIC);
    RawDatabase::step(result);
    database.audit();
  };
  // Intents of some are written beside results of others, as it is at work.
  const int half = std::max(1, members_per_commit / 2);
  for (int i = 0; i < half; ++i) write_intent(i);
  return in_a_row(database, kOperations, half, [&](int number) {
    write_intent(number + half);
    write_result(number);
  });
}

Result<std::unique_ptr<IssuePeer>> IssuePeer::make(const std::string& directory) {
  std::filesystem::create_directories(directory);
  std::unique_ptr<IssuePeer> out(new IssuePeer);
  SystemClock clock;
  SystemRandom random;
  const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  const auto root = TF_TRY(pki::make_root("bench", key, {clock.now_ms(), 3650}, random));
  const auto path = [&](const char* name) { return directory + "/" + name; };
  TF_CHECK(write_private_file(path("key.pem"), pki::to_pem(key).reveal()));
  TF_CHECK(write_file_atomic(path("ca.pem"), as_bytes(root.to_pem()), 0644));
  constexpr std::string_view kConfig = R"({"signing":{"default":{"expiry":"8760h","usages":["digital signature"],"ocsp_url":"http://127.0.0.1/ocsp","crl_url":"http://127.0.0.1/crl"}}})";
  TF_CHECK(write_file_atomic(path("config.json"), as_bytes(kConfig), 0644));
  const auto request = TF_TRY(pki::CertificateRequest::make("bench", crypto::PrivateKey::generate_p256()));
  out->body_ = wire::JsonWriter().begin_object().member("certificate_request", request.to_pem()).end_object().take();
  out->child_ = TF_TRY(Child::start({"cfssl", "serve", "-address", "127.0.0.1", "-port", std::to_string(kPort), "-ca", path("ca.pem"), "-ca-key", path("key.pem"), "-config", path("config.json")},
                                    path("log")));
  for (int tries = 0; tries < 50; ++tries) {
    if (out->issue_cpu_us(8)) return out;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "bench.cfssl", "cfssl did not come up; see " + path("log")};
}

Result<double> IssuePeer::issue_cpu_us(int certificates) {
  const auto post = [this](const char* target) {
    return [this, target]() -> net::ClientRequest { return {.method = "POST", .target = target, .content_type = "application/json", .body = body_, .headers = {}}; };
  };
  const double start = child_->cpu_us();
  TF_CHECK(send({.port = kPort, .requests = certificates, .clients = 8, .next = post("/api/v1/cfssl/none"), .status = 404}));
  const double between = child_->cpu_us();
  TF_CHECK(send({.port = kPort, .requests = certificates, .clients = 8, .next = post("/api/v1/cfssl/sign"), .least_bytes = 500}));
  return (child_->cpu_us() - between - (between - start)) / certificates;
}

}  // namespace tf::bench
