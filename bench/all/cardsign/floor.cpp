// What one payment that a smart card signs cannot do without.
#include <fmt/format.h>

#include "bench/all/cardsign/scene.hpp"
#include "bench/all/measure.hpp"
#include "bench/all/raw_database.hpp"
#include "crypto/aead.hpp"
#include "crypto/banking/retail_mac.hpp"
#include "crypto/digest.hpp"
#include "crypto/kept_signer.hpp"
#include "crypto/keys.hpp"

namespace tf::bench {
namespace {

constexpr int kOperations = 3000;
constexpr int kUsers = 16;
const std::string kAad(60, 'a');
const std::string kSigned(260, 't');       // T
const std::string kDisplay(760, 'd');      // what is signed to be shown
const std::string kResult(400, 'r');
const std::string kFrame(240, 'f');        // a message to the acquirer
const std::string kNotice(300, 'n');       // to the merchant, who ordered and is told

constexpr const char* kTables =
    "CREATE TABLE cardsign_cards (serial TEXT NOT NULL PRIMARY KEY, keys BYTEA NOT NULL, payment_counter BIGINT NOT NULL, withdrawn_ms BIGINT);"
    "CREATE TABLE cardsign_payments (id TEXT NOT NULL PRIMARY KEY, merchant TEXT NOT NULL, order_number TEXT NOT NULL, amount BIGINT NOT NULL, currency TEXT NOT NULL, subject TEXT NOT NULL,"
    " user_id TEXT NOT NULL, expires_ms BIGINT NOT NULL, created_ms BIGINT NOT NULL, state TEXT NOT NULL, signed_by TEXT NOT NULL, serial TEXT NOT NULL, container INTEGER NOT NULL,"
    " card_counter BIGINT NOT NULL, suite TEXT NOT NULL, signed BYTEA NOT NULL, signature BYTEA NOT NULL, certificate_serial TEXT NOT NULL, signed_ms BIGINT, UNIQUE (merchant, order_number));"
    "CREATE INDEX cardsign_payments_open ON cardsign_payments (expires_ms) WHERE state = 'open';"
    "CREATE TABLE payment_orders (number BIGINT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, order_number TEXT NOT NULL, content_hash BYTEA NOT NULL, amount BIGINT NOT NULL,"
    " currency TEXT NOT NULL, merchant TEXT NOT NULL, terminal TEXT NOT NULL, subject TEXT NOT NULL, instrument TEXT NOT NULL, front_end TEXT NOT NULL, at_ms BIGINT NOT NULL,"
    " state TEXT NOT NULL, resolved INTEGER NOT NULL, code TEXT NOT NULL, reference TEXT NOT NULL, changed_ms BIGINT NOT NULL, refunded BIGINT NOT NULL, events BIGINT NOT NULL,"
    " path TEXT NOT NULL, offer TEXT NOT NULL, UNIQUE (user_id, order_number));"
    "CREATE INDEX payment_orders_open ON payment_orders (number) WHERE (state = 'sent' OR state = 'offered' OR state = 'unknown' OR state = 'reversing');"
    "CREATE TABLE payment_events (payment BIGINT NOT NULL, sequence BIGINT NOT NULL, merchant TEXT NOT NULL, body TEXT NOT NULL, created_ms BIGINT NOT NULL, due_ms BIGINT NOT NULL,"
    " attempts INTEGER NOT NULL, state TEXT NOT NULL, last_error TEXT NOT NULL, PRIMARY KEY (payment, sequence));"
    "CREATE INDEX payment_events_waiting ON payment_events (merchant, due_ms) WHERE state = 'waiting';";

struct Keys {
  SystemRandom random;
  Secret<32> key{random.array<32>()};
  crypto::PrivateKey platform = crypto::PrivateKey::generate_p256(), card = crypto::PrivateKey::generate_p256();
  crypto::KeptSigner signer{platform};
  crypto::PublicKey card_key = card.public_key();
  Bytes row = crypto::seal_blob(key, random, as_bytes(kAad), key.reveal());
  crypto::Es256Signature signature = crypto::sign_es256(card, as_bytes(kSigned)).value();
  SecretBytes zone_key{random.array<16>()};
};

// What is to be shown signed, the card's signature, the instrument and the keys of the acquirer's line with both MACs (card networks give TDES keys for
// ISO 8583), the audit trail's chain, the result signed. That a certificate was signed by its authority, and what its key is, stays true once it was
// found: neither is a payment's.
void payment(Keys& keys) {
  keys.signer.sign_es256(as_bytes(kDisplay)).value();
  if (!crypto::verify_es256(keys.card_key, as_bytes(kSigned), keys.signature)) std::abort();
  for (int request = 0; request < 3; ++request) crypto::sha256(as_bytes(kDisplay));  // relay requests that may come again
  crypto::sha256(as_bytes(kSigned));
  for (int row = 0; row < 2; ++row) crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();
  for (int mac = 0; mac < 2; ++mac) crypto::retail_mac(keys.zone_key.reveal(), as_bytes(kFrame), crypto::MacPadding::method_1).value();
  for (int entry = 0; entry < 2; ++entry) crypto::sha256(as_bytes(kResult));
  keys.signer.sign_es256(as_bytes(kResult)).value();
}

}  // namespace

Result<double> card_payment_crypto_cpu_us(Company& company) {
  Keys keys;
  return company.cpu_us(2000, [&] { payment(keys); });
}

Result<double> card_payment_rows_cpu_us(Company& company, const std::string& path, int members_per_commit) {
  auto database = TF_TRY(RawDatabase::open(path, kTables));
  auto made = database.prepare("INSERT INTO cardsign_payments VALUES (?1, 'SHOP01', ?2, 100, 'CNY', 'an order of the bench', '', 1790000600000, 1790000000000, 'open', '', '', 0, 0, '', '', '', '', NULL)");
  auto card = database.prepare("INSERT INTO cardsign_cards VALUES (?1, ?2, 0, NULL)");
  for (int i = 0; i < kUsers; ++i) {
    RawDatabase::text(card, 1, fmt::format("TF-{:06}", i));
    database.blob(card, 2, 60);
    RawDatabase::step(card);
  }
  const auto id = [](int number) { return fmt::format("{:016x}{:06}", static_cast<std::uint64_t>(number) * 0x9E37'79B9'7F4A'7C15ULL, number); };
  in_a_row(database, kOperations, members_per_commit, [&](int number) {
    RawDatabase::text(made, 1, id(number));
    RawDatabase::text(made, 2, fmt::format("B{:07}", number));
    RawDatabase::step(made);
  });
  auto sign = database.prepare("UPDATE cardsign_payments SET state = 'signed', signed_by = 'user1', serial = ?2, container = 0, card_counter = ?3, suite = 'modern', signed = ?4, signature = ?5,"
                               " certificate_serial = '0123456789ABCDEF0123456789ABCDEF', signed_ms = 1790000000001 WHERE id = ?1 AND state = 'open' AND expires_ms > 1790000000001");
  auto counter = database.prepare("UPDATE cardsign_cards SET payment_counter = ?2 WHERE serial = ?1 AND payment_counter < ?2 AND withdrawn_ms IS NULL");
  auto order = database.prepare("INSERT INTO payment_orders VALUES (?1, ?4, ?2, ?3, 100, 'CNY', 'SHOP01', 'CARDSIGN', 'an order of the bench', '0123456789abcdef0123456789abcdef',"
                                " 'card', 1790000000000, 'sent', 0, '', '', 1790000000000, 0, 0, 'routed', '')");
  auto end = database.prepare("UPDATE payment_orders SET state = 'captured', resolved = 0, code = '00', reference = '012345678901', changed_ms = 1790000000001 WHERE number = ?1 AND state = 'sent'");
  auto notice = database.prepare("INSERT INTO payment_events VALUES (?1, 1, 'SHOP01', ?2, 1790000000001, 1790000000001, 0, 'waiting', '')");
  const double booked = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    const std::string serial = fmt::format("TF-{:06}", number % kUsers);
    RawDatabase::text(sign, 1, id(number));
    RawDatabase::text(sign, 2, serial);
    sqlite3_bind_int64(sign.get(), 3, number + 1);
    database.blob(sign, 4, 64);
    database.blob(sign, 5, 64);
    RawDatabase::step(sign);
    RawDatabase::text(counter, 1, serial);
    sqlite3_bind_int64(counter.get(), 2, number + 1);
    RawDatabase::step(counter);
    sqlite3_bind_int64(order.get(), 1, 20261121000000 + number);
    RawDatabase::text(order, 2, fmt::format("SHOP01/B{:07}", number));
    database.blob(order, 3, 32);
    RawDatabase::text(order, 4, fmt::format("cardsign/user{}", number % kUsers));
    RawDatabase::step(order);
    database.audit();
  }));
  const double ended = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    sqlite3_bind_int64(end.get(), 1, 20261121000000 + number);
    RawDatabase::step(end);
    sqlite3_bind_int64(notice.get(), 1, 20261121000000 + number);
    RawDatabase::text(notice, 2, kNotice);
    RawDatabase::step(notice);
    database.audit();
  }));
  return booked + ended;
}

}  // namespace tf::bench
