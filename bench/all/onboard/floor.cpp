// What one onboarding cannot do without, all servers together: cryptography and rows.
#include <fmt/format.h>

#include <array>

#include "bench/all/measure.hpp"
#include "bench/all/onboard/scene.hpp"
#include "bench/all/raw_database.hpp"
#include "bench/all/rows.hpp"
#include "crypto/aead.hpp"
#include "crypto/aka/milenage.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"
#include "crypto/md5.hpp"

namespace tf::bench {
namespace {

constexpr int kOperations = 2000;
const std::string kAad(60, 'a');
const std::string kCertificate(420, 'c');  // what of a certificate is signed
const std::string kJws(700, 'j');
const std::string kReady(3000, 'r');
const std::string kCredential(600, 'x');  // inside an envelope
const std::string kEnvelope(5000, 'e');

// As in the roles' stores: the rows an onboarding writes, and the indexes they are in.
constexpr const char* kTables =
    "CREATE TABLE onboard_contracts (dsim_id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, plan TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL, changed_ms BIGINT NOT NULL);"
    "CREATE TABLE onboard_subscriptions (id TEXT NOT NULL PRIMARY KEY, dsim_id TEXT NOT NULL, newest INTEGER NOT NULL, owner TEXT NOT NULL, plan TEXT NOT NULL, kek TEXT NOT NULL,"
    " nonce BYTEA NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, expires_ms BIGINT NOT NULL, device BYTEA, envelope_hash BYTEA, envelope BYTEA, signing BYTEA);"
    "CREATE UNIQUE INDEX onboard_subscriptions_newest ON onboard_subscriptions (dsim_id) WHERE newest = 1;"
    "CREATE INDEX onboard_subscriptions_expiry ON onboard_subscriptions (expires_ms) WHERE state IN ('registered', 'released');"
    "CREATE TABLE onboard_told (delivery TEXT NOT NULL, server TEXT NOT NULL, PRIMARY KEY (delivery, server));"
    "CREATE TABLE onboard_registrations (dsim_id TEXT NOT NULL PRIMARY KEY, operator TEXT NOT NULL, route TEXT NOT NULL, kek TEXT NOT NULL, nonce BYTEA NOT NULL, expires_ms BIGINT NOT NULL);"
    "CREATE TABLE onboard_credentials (dsim_id TEXT NOT NULL, nonce_hash BYTEA NOT NULL, imsi TEXT NOT NULL UNIQUE, iccid TEXT NOT NULL UNIQUE, secret BYTEA, envelope BYTEA NOT NULL,"
    " state TEXT NOT NULL, used_ms BIGINT, PRIMARY KEY (dsim_id, nonce_hash));"
    "CREATE TABLE hss_subscribers (imsi TEXT NOT NULL PRIMARY KEY, amf BIGINT NOT NULL, kek TEXT NOT NULL, wrapped BYTEA NOT NULL, next_seq BIGINT NOT NULL, algorithm TEXT NOT NULL);"
    "CREATE TABLE onboard_deliveries (delivery TEXT NOT NULL PRIMARY KEY, account_user TEXT NOT NULL UNIQUE, dsim_id TEXT NOT NULL, account BYTEA, nonce_send BYTEA NOT NULL,"
    " nonce_expect BYTEA NOT NULL, state TEXT NOT NULL, receipt TEXT, due_ms BIGINT NOT NULL);"
    "CREATE INDEX onboard_deliveries_due ON onboard_deliveries (state, due_ms);";

struct Keys {
  SystemRandom random;
  Secret<32> key{random.array<32>()};
  crypto::PrivateKey server = crypto::PrivateKey::generate_p256();
  crypto::PublicKey shown = crypto::PrivateKey::generate_p256().public_key();
  crypto::PrivateKey signer = crypto::PrivateKey::generate_p256();
  crypto::PublicKey signer_public = signer.public_key();
  crypto::Es256Signature signature = crypto::sign_es256(signer, as_bytes(kCertificate)).value();
  crypto::RsaNumbers module = crypto::PrivateKey::generate_rsa(2048).public_key().rsa_numbers();
  crypto::EcPoint module_signs = signer_public.point();
  Bytes row = crypto::seal_blob(key, random, as_bytes(kAad), key.reveal());
  crypto::Milenage milenage{crypto::MilenageKey{Secret<16>(random.array<16>()), Secret<16>(random.array<16>())}};

  void verify(int times) {
    for (int i = 0; i < times; ++i)
      if (!crypto::verify_es256(signer_public, as_bytes(kCertificate), signature)) std::abort();
  }
  void sign(const std::string& text) { crypto::sign_es256(server, as_bytes(text)).value(); }
  // A module's keys are met for the first time.
  void verify_module(int times) {
    const auto own = crypto::PublicKey::from_point(module_signs).value();
    for (int i = 0; i < times; ++i)
      if (!crypto::verify_es256(own, as_bytes(kCertificate), signature)) std::abort();
  }
  void seal_to_module(const std::string& text) {
    crypto::oaep_encrypt(crypto::PublicKey::from_rsa_numbers(module).value(), key.reveal()).value();
    crypto::seal_blob(key, random, as_bytes(kAad), as_bytes(text));
  }
  // What a message of DM is vouched for with: its digest, name and password's, and both with a nonce.
  void dm_mac(const std::string& text) {
    for (const std::string* part : {&text, &kAad, &kAad}) crypto::md5({as_bytes(*part)});
  }
  void seal_row() { crypto::seal_blob(key, random, as_bytes(kAad), key.reveal()); }
  void open_row() { crypto::open_blob(key, as_bytes(kAad), row).value(); }
  void vector() {
    const crypto::Rand rand = random.array<16>();
    const std::uint64_t sqn = 32;
    crypto::AkaVector out;
    milenage.vectors({&rand, 1}, {&sqn, 1}, {0x80, 0x00}, {&out, 1});
  }
};

// Contracts come by the thousand: both certificates of the module; the nonce, kept at operator and registration server.
void contract(Keys& keys) { keys.verify(2), keys.random.array<32>(), keys.seal_row(), keys.seal_row(); }

// What each message's receiver does of its own: its signature, its sealed content, the row it is kept in; where it asks another server in between, in
// pieces. A certificate is verified where it is shown first and known after that: the module's twice at the operator (contract), its decryption
// key's at registration server and HSS; those of the servers were seen with the device before.
using Message = void (*)(Keys&);
constexpr std::array kMessages{
    // access: K out of its row, a vector, the token's signature
    Message([](Keys& keys) { keys.open_row(), keys.vector(), keys.sign(kJws); }),
    // referral: the token's signature, the module's decryption certificate; the nonce out of its row, sealed to the module, the answer signed
    Message([](Keys& keys) { keys.verify(2), keys.open_row(), keys.seal_to_module(kCredential), keys.sign(kJws); }),
    // hello: the token's signature once more, at this server; the nonce out of its row; device, operator, nonce and transcript hash
    Message([](Keys& keys) {
      keys.verify(1), keys.open_row();
      for (int hash = 0; hash < 4; ++hash) crypto::sha256(as_bytes(kJws));
    }),
    // request: the module's signature, by its own key; OCSP of both certificates in one answer, signed and verified
    Message([](Keys& keys) { keys.verify_module(1); }), Message([](Keys& keys) { keys.sign(kJws); }), Message([](Keys& keys) { keys.verify(1); }),
    // credential: certificate of the module, K and OPc in the centre's row, envelope, its signature and digest
    Message([](Keys& keys) {
      keys.verify(1), keys.random.array<32>(), keys.seal_row();
      keys.seal_to_module(kCredential), crypto::sha256(as_bytes(kEnvelope)), keys.sign(kJws);
    }),
    // the envelope is verified before it is released: signature, both digests; READY: account, signature
    Message([](Keys& keys) {
      keys.verify(1), crypto::sha256(as_bytes(kEnvelope)), crypto::sha256(as_bytes(kEnvelope));
      keys.seal_to_module(kJws), keys.sign(kReady);
    }),
    // the account's row at the provisioning server
    Message([](Keys& keys) { keys.seal_row(); }),
    // four messages of DM and their answers, one with the envelope
    Message([](Keys& keys) { keys.open_row(), keys.dm_mac(kJws), keys.dm_mac(kJws); }), Message([](Keys& keys) { keys.dm_mac(kJws), keys.dm_mac(kEnvelope); }),
    Message([](Keys& keys) { keys.dm_mac(kJws), keys.dm_mac(kJws); }), Message([](Keys& keys) { keys.dm_mac(kJws), keys.dm_mac(kJws); }),
    // the device's question about operator and issuer
    Message([](Keys& keys) { keys.sign(kJws); }),
    // receipt; first use: K out of its row, a vector
    Message([](Keys& keys) { keys.verify_module(1); }), Message([](Keys& keys) { keys.open_row(), keys.vector(); })};

}  // namespace

// Each message in a request of its own, as it comes: what a server did for the last one is not in the caches any more.
Result<double> onboarding_crypto_cpu_us(Company& company) {
  constexpr int kTimes = 200, kContracts = 50;
  constexpr int kOfEach = static_cast<int>(kMessages.size());
  Keys keys;
  const double contracts = TF_TRY(company.cpu_us(kTimes / 10, [&] {
    for (int i = 0; i < kContracts; ++i) contract(keys);
  }));
  int next = 0;
  const double message = TF_TRY(company.cpu_us(kTimes * kOfEach, [&] { kMessages[static_cast<std::size_t>(next++ % kOfEach)](keys); }));
  return contracts / kContracts + message * kOfEach;
}

namespace {

// What stands in a statement's place, for the number of an operation.
enum class Field { id, device, imsi, iccid, blob, envelope, text };

struct Statement {
  const char* sql;
  std::vector<Field> fields;
};

void bind(RawDatabase& database, RawDatabase::Statement& statement, int at, Field field, int number) {
  switch (field) {
    case Field::id: return RawDatabase::text(statement, at, fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(number) * 0x9E37'79B9'7F4A'7C15ULL, number));
    case Field::device: return RawDatabase::text(statement, at, fmt::format("M2M-{:06}", number));
    case Field::imsi: return RawDatabase::text(statement, at, fmt::format("0010{:011}", number));
    case Field::iccid: return RawDatabase::text(statement, at, fmt::format("8988211{:012}", number));
    case Field::blob: return database.blob(statement, at, 60);
    case Field::envelope: return RawDatabase::text(statement, at, kEnvelope);
    case Field::text: return RawDatabase::text(statement, at, kJws);
  }
}

// CPU of one operation of a role: its statements and an audit entry.
Result<double> operation(Company& company, RawDatabase& database, int members, const std::vector<Statement>& statements, bool audited = true) {
  std::vector<RawDatabase::Statement> prepared;
  for (const Statement& one : statements) prepared.push_back(database.prepare(one.sql));
  return in_batches(company, database, kOperations, members, [&](int number) {
    for (std::size_t s = 0; s < prepared.size(); ++s) {
      for (std::size_t f = 0; f < statements[s].fields.size(); ++f) bind(database, prepared[s], static_cast<int>(f) + 1, statements[s].fields[f], number);
      RawDatabase::step(prepared[s]);
    }
    if (audited) database.audit();
  });
}

}  // namespace

Result<double> onboarding_rows_cpu_us(Company& company, const std::string& path, int members_per_commit) {
  constexpr int kBatch = 1000;  // rows of a file of contracts that share a commit and an audit entry
  using enum Field;
  auto database = TF_TRY(RawDatabase::open(path, kTables));
  double sum = 0;
  sum += TF_TRY(operation(company, database, kBatch, {{"INSERT INTO onboard_contracts VALUES (?1, 'Waterworks', 'standard', 'accepted', '', 1790000000000)", {device}}}, false));
  sum += TF_TRY(operation(company, database, kBatch, {{"UPDATE onboard_contracts SET state = 'registered', result = 'registered' WHERE dsim_id = ?1", {device}}}, false));
  sum += TF_TRY(operation(company, database, kBatch, {{"INSERT INTO onboard_subscriptions VALUES (?1, ?2, 1, 'Waterworks', 'standard', 'kek', ?3, 'registered', 0, 1790000000000, NULL, NULL, NULL, NULL)", {id, device, blob}}}, false));
  sum += TF_TRY(operation(company, database, kBatch, {{"INSERT INTO onboard_registrations VALUES (?1, 'op-1', 'https://localhost:8452', 'kek', ?2, 1790000000000)", {device, blob}}}, false));
  const int few = members_per_commit;
  sum += TF_TRY(operation(company, database, few, {}));  // access
  sum += TF_TRY(operation(company, database, few, {{"INSERT INTO onboard_credentials VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'created', NULL)", {device, blob, imsi, iccid, blob, envelope}},
                                   {"INSERT INTO hss_subscribers VALUES (?1, 32768, 'kek', ?2, 65, 'milenage')", {imsi, blob}}}));
  sum += TF_TRY(operation(company, database, few, {{"UPDATE onboard_subscriptions SET state = 'released', version = 1, device = ?2, envelope_hash = ?3, envelope = ?4, signing = ?5 WHERE id = ?1", {id, blob, blob, envelope, text}},
                                   {"INSERT INTO onboard_told VALUES (?1, 'provisioning')", {id}}}));
  sum += TF_TRY(operation(company, database, few, {{"INSERT INTO onboard_deliveries VALUES (?1, ?1, ?2, ?3, ?4, ?5, 'waiting', NULL, 1790000000000)", {id, device, text, blob, blob}}}));
  sum += TF_TRY(operation(company, database, few, {{"UPDATE onboard_deliveries SET nonce_send = ?2, nonce_expect = ?3 WHERE delivery = ?1", {id, blob, blob}}}, false));
  sum += TF_TRY(operation(company, database, few, {{"UPDATE onboard_subscriptions SET state = 'closed', version = 2, envelope = NULL WHERE id = ?1", {id}}}));
  sum += TF_TRY(operation(company, database, few, {{"UPDATE onboard_deliveries SET state = 'closed', account = NULL, receipt = NULL WHERE delivery = ?1", {id}}}));
  sum += TF_TRY(operation(company, database, kBatch, {{"DELETE FROM onboard_registrations WHERE dsim_id = ?1", {device}}}, false));
  sum += TF_TRY(operation(company, database, few, {{"UPDATE onboard_credentials SET used_ms = 1790000000000 WHERE imsi = ?1", {imsi}}}));
  return sum;
}

}  // namespace tf::bench
