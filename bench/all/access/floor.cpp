#include "bench/all/access/floor.hpp"

#include "bench/all/measure.hpp"
#include "bench/all/raw_database.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"

namespace tf::bench {
namespace {

const std::string kAad(60, 'a');
const std::string kContent(420, 'c');  // of a JWE
const std::string kFields(180, 'f');   // that are MACed
constexpr std::size_t kEnd = 12;       // the end of a challenge, as it is sealed

struct Keys {
  SystemRandom random;
  Secret<32> key{random.array<32>()};
  crypto::PrivateKey platform = crypto::PrivateKey::generate_p256();
  crypto::PrivateKey terminal = crypto::PrivateKey::generate_p256();
  crypto::EcPoint ephemeral = terminal.public_key().point();
  Bytes challenge = crypto::seal_blob(key, random, as_bytes(kAad), as_bytes(kAad).first(kEnd));
  Bytes row = crypto::seal_blob(key, random, as_bytes(kAad), key.reveal());
  Bytes content = crypto::seal_blob(key, random, as_bytes(kAad), as_bytes(kContent));
};

Secret<32> derived(const Keys& keys) {
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(kAad).first(32), keys.key.reveal()), "access authenticate request", {});
}

// Sealed in the first request, opened and named in the second.
void challenge(Keys& keys) {
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), as_bytes(kAad).first(kEnd));
  crypto::open_blob(keys.key, as_bytes(kAad), keys.challenge).value();
  crypto::sha256(keys.challenge);
}

void initialise(Keys& keys) {
  challenge(keys);
  crypto::ecdh_p256(keys.platform, crypto::PublicKey::from_point(keys.ephemeral).value()).value();
  crypto::sha256(as_bytes(kAad));                                     // the agreed key
  crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();      // for the content key in its wrapping
  crypto::open_blob(keys.key, as_bytes(kAad), keys.content).value();
  keys.random.array<16>();                                            // the key id
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), keys.key.reveal());
  crypto::hmac_sha256(derived(keys).reveal(), as_bytes(kFields));
}

void authenticate(Keys& keys) {
  challenge(keys);
  crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();
  for (int label = 0; label < 4; ++label) derived(keys);
  crypto::open_blob(keys.key, as_bytes(kAad), keys.content).value();
  crypto::hmac_sha256(keys.key.reveal(), as_bytes(kFields));
  keys.random.array<16>();  // the ticket's id
  crypto::sign_es256(keys.platform, as_bytes(kContent)).value();
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), as_bytes(kContent));
  crypto::sha256(as_bytes(kContent));
  crypto::hmac_sha256(keys.key.reveal(), as_bytes(kFields));
}

}  // namespace

Result<double> initialise_crypto_cpu_us(Company& company) {
  Keys keys;
  return company.cpu_us(2000, [&] { initialise(keys); });
}

Result<double> authenticate_crypto_cpu_us(Company& company) {
  Keys keys;
  return company.cpu_us(2000, [&] { authenticate(keys); });
}

namespace {

constexpr int kOperations = 3000;
constexpr const char* kAccess =
    "CREATE TABLE access_keys (key_id TEXT NOT NULL PRIMARY KEY, service TEXT, did TEXT, msisdn TEXT, suite TEXT, kek TEXT, wrapped BYTEA,"
    " created_ms BIGINT, ends_ms BIGINT, authenticated_ms BIGINT, info TEXT, proved INTEGER, status TEXT);"
    "CREATE UNIQUE INDEX one_did ON access_keys (service, did) WHERE status = 'active';"
    "CREATE UNIQUE INDEX one_number ON access_keys (service, msisdn) WHERE status = 'active' AND msisdn IS NOT NULL;"
    "CREATE TABLE access_used (id BYTEA NOT NULL PRIMARY KEY, ends_ms BIGINT NOT NULL);"
    "CREATE INDEX used_ends ON access_used (ends_ms);";

std::string name_of(const char* prefix, int number) { return prefix + std::to_string(1'000'000 + number); }

}  // namespace

Result<AccessRows> access_rows_cpu_us(Company& company, const std::string& path, int members_per_commit) {
  auto database = TF_TRY(RawDatabase::open(path, kAccess));
  auto used = database.prepare("INSERT INTO access_used VALUES (?1, 1700000000000)");
  auto key = database.prepare("INSERT INTO access_keys VALUES (?1, 'bench', ?2, ?3, 'modern', 'kek-1', ?4, 1, 2, NULL, 'phone', 1, 'active')");
  auto seen = database.prepare("UPDATE access_keys SET info = 'phone', authenticated_ms = 3 WHERE key_id = ?1 AND status = 'active'");
  const auto use_once = [&](int number) {
    RawDatabase::text(used, 1, name_of("0123456789abcdef0123456789", number));
    RawDatabase::step(used);
  };
  AccessRows out;
  out.initialise = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    use_once(number);
    for (const auto& [at, prefix] : {std::pair{1, "0123456789abcdef0123456789"}, {2, "PHONE"}, {3, "861390"}})
      RawDatabase::text(key, at, name_of(prefix, number));
    database.blob(key, 4, 60);
    RawDatabase::step(key);
    database.audit();
  }));
  out.authenticate = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    use_once(number + kOperations);
    RawDatabase::text(seen, 1, name_of("0123456789abcdef0123456789", number));
    RawDatabase::step(seen);
    database.audit();
  }));
  return out;
}

}  // namespace tf::bench
