// What one payment by card cannot do without.
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "bench/all/measure.hpp"
#include "bench/all/raw_database.hpp"
#include "bench/all/wallet/scene.hpp"
#include "crypto/aead.hpp"
#include "crypto/banking/pin_block.hpp"
#include "crypto/banking/retail_mac.hpp"
#include "crypto/digest.hpp"
#include "crypto/keys.hpp"

namespace tf::bench {
namespace {

constexpr int kOperations = 3000;
constexpr int kUsers = 16;  // as many phones pay in the scene
const std::string kAad(60, 'a');
const std::string kJws(620, 'j');      // what the phone signs
const std::string kFrame(240, 'f');    // a message to the acquirer
const std::string kResult(330, 'r');   // what the platform signs

constexpr const char* kTables =
    "CREATE TABLE wallet_used (id BYTEA NOT NULL PRIMARY KEY, ends_ms BIGINT NOT NULL); CREATE INDEX wallet_used_ends ON wallet_used (ends_ms);"
    "CREATE TABLE wallet_evidence (registration TEXT NOT NULL, order_number TEXT NOT NULL, refund TEXT NOT NULL, request BYTEA NOT NULL, evidence TEXT NOT NULL,"
    " content TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (registration, order_number, refund));"
    "CREATE TABLE payment_orders (number BIGINT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, order_number TEXT NOT NULL, content_hash BYTEA NOT NULL, amount BIGINT NOT NULL,"
    " currency TEXT NOT NULL, merchant TEXT NOT NULL, terminal TEXT NOT NULL, subject TEXT NOT NULL, instrument TEXT NOT NULL, front_end TEXT NOT NULL, at_ms BIGINT NOT NULL,"
    " state TEXT NOT NULL, resolved INTEGER NOT NULL, code TEXT NOT NULL, reference TEXT NOT NULL, changed_ms BIGINT NOT NULL, refunded BIGINT NOT NULL, events BIGINT NOT NULL,"
    " path TEXT NOT NULL, offer TEXT NOT NULL, UNIQUE (user_id, order_number));"
    "CREATE INDEX payment_orders_open ON payment_orders (number) WHERE (state = 'sent' OR state = 'offered' OR state = 'unknown' OR state = 'reversing');";

struct Keys {
  SystemRandom random;
  Secret<32> key{random.array<32>()};
  crypto::PrivateKey platform = crypto::PrivateKey::generate_p256();
  crypto::PrivateKey phone = crypto::PrivateKey::generate_p256();
  crypto::PublicKey phone_key = phone.public_key();
  Bytes challenge = crypto::seal_blob(key, random, as_bytes(kAad), as_bytes(kAad).first(12));
  Bytes row = crypto::seal_blob(key, random, as_bytes(kAad), key.reveal());
  crypto::Es256Signature signature = crypto::sign_es256(phone, as_bytes(kJws)).value();
  SecretBytes pin_key{random.array<32>()}, zone_key{random.array<16>()};  // of the session, and the acquirer's
  SecretBytes pan{as_bytes("6222020000007003")}, pin{as_bytes("7003")};
  Bytes pin_block = crypto::pin_block_4(pin_key, pin, pan, random).value();
};

// Challenge, order with its MAC, PIN block out of one key into the other, both MACs of the acquirer's line (card networks give TDES keys
// for ISO 8583: retail MACs), the audit trail's chain, result.
void payment(Keys& keys) {
  crypto::seal_blob(keys.key, keys.random, as_bytes(kAad), as_bytes(kAad).first(12));
  crypto::open_blob(keys.key, as_bytes(kAad), keys.challenge).value();
  if (!crypto::verify_es256(keys.phone_key, as_bytes(kJws), keys.signature)) std::abort();
  crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();  // the session's message key
  const auto mac_key = crypto::hkdf_expand<32>(crypto::hkdf_extract(as_bytes(kAad).first(32), keys.key.reveal()), "wallet pay mac", {});
  crypto::hmac_sha256(mac_key.reveal(), as_bytes(kJws));
  for (int hash = 0; hash < 3; ++hash) crypto::sha256(as_bytes(kAad));  // content, PIN block, used challenge
  crypto::sha256(as_bytes(kJws));
  for (int row = 0; row < 4; ++row) crypto::open_blob(keys.key, as_bytes(kAad), keys.row).value();  // card, PIN key of the session, PIN and MAC key of the line
  crypto::pin_block_0(keys.zone_key, crypto::open_pin_block_4(keys.pin_key, keys.pin_block, keys.pan).value(), keys.pan).value();
  for (int mac = 0; mac < 2; ++mac) crypto::retail_mac(keys.zone_key.reveal(), as_bytes(kFrame), crypto::MacPadding::method_1).value();
  for (int entry = 0; entry < 2; ++entry) crypto::sha256(as_bytes(kResult));
  crypto::sign_es256(keys.platform, as_bytes(kResult)).value();
}

}  // namespace

Result<double> payment_crypto_cpu_us(Company& company) {
  Keys keys;
  return company.cpu_us(2000, [&] { payment(keys); });
}

Result<double> payment_rows_cpu_us(Company& company, const std::string& path, int members_per_commit) {
  auto database = TF_TRY(RawDatabase::open(path, kTables));
  auto used = database.prepare("INSERT INTO wallet_used VALUES (?1, 1790000000000)");
  auto evidence = database.prepare("INSERT INTO wallet_evidence VALUES (?4, ?1, '', ?2, ?3, 'an order of the bench', 1790000000000)");
  auto order = database.prepare("INSERT INTO payment_orders VALUES (?1, ?4, ?2, ?3, 100, 'CNY', 'SHOP01', 'WALLET01', 'an order of the bench', '0123456789abcdef0123456789abcdef',"
                                " 'card', 1790000000000, 'sent', 0, '', '', 1790000000000, 0, 0, 'routed', '')");
  auto end = database.prepare("UPDATE payment_orders SET state = 'captured', resolved = 0, code = '00', reference = '012345678901', changed_ms = 1790000000001 WHERE number = ?1 AND state = 'sent'");
  const double booked = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    const std::string name = fmt::format("B{:07}", number), id = fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(number) * 0x9E37'79B9'7F4A'7C15ULL, number);
    RawDatabase::text(used, 1, id);
    const std::string user = fmt::format("{:02}_of_those_who_pay___", number % kUsers);
    RawDatabase::step(used);
    RawDatabase::text(evidence, 1, name);
    database.blob(evidence, 2, 32);
    RawDatabase::text(evidence, 3, kJws);
    RawDatabase::text(evidence, 4, user);
    RawDatabase::step(evidence);
    sqlite3_bind_int64(order.get(), 1, 20261121000000 + number);
    RawDatabase::text(order, 2, name);
    database.blob(order, 3, 32);
    RawDatabase::text(order, 4, user);
    RawDatabase::step(order);
    database.audit();
  }));
  const double ended = TF_TRY(in_batches(company, database, kOperations, members_per_commit, [&](int number) {
    sqlite3_bind_int64(end.get(), 1, 20261121000000 + number);
    RawDatabase::step(end);
    database.audit();
  }));
  return booked + ended;
}

Result<double> front_end_exchange_cpu_us() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), near = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  const bool up = ::bind(listener, raw, size) == 0 && ::listen(listener, 1) == 0 && ::getsockname(listener, raw, &size) == 0 && ::connect(near, raw, size) == 0;
  const int far = up ? ::accept(listener, nullptr, nullptr) : -1;
  std::array<char, 512> buffer{};
  double out = 0;
  if (far >= 0) {
    std::jthread echo([far] {
      std::array<char, 512> held{};
      for (ssize_t got = ::recv(far, held.data(), held.size(), 0); got > 0; got = ::recv(far, held.data(), held.size(), 0))
        if (::send(far, held.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) return;
    });
    out = cpu_us_per_call(5000, [&] {
      if (::send(near, kFrame.data(), kFrame.size(), MSG_NOSIGNAL) > 0 && ::recv(near, buffer.data(), buffer.size(), 0) > 0) return;
      std::abort();
    });
    ::shutdown(near, SHUT_RDWR);
  }
  for (const int each : {listener, near, far})
    if (each >= 0) ::close(each);
  if (far < 0) return Error{Code::unavailable, "bench.socket", "no connection to ourselves"};
  return out;
}

}  // namespace tf::bench
