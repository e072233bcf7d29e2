#include "platform/wallet/store.hpp"

#include "ca/register.hpp"
#include "wire/fields.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr string_view kRegistrationColumns =
    "SELECT id, suite, key_maker, number, imei, iccid, person_kek, person, spki, csr, codes_kek, codes, info3_kek, info3, state, approved, tries, "
    "created_ms, ends_ms, certificate, thumbprint, file, used, failures, locked_until_ms FROM wallet_registrations WHERE ";

Result<WalletRow> read_row(const Row& row) {
  WalletRow out;
  wallet::Registration& it = out.registration;
  it.id = row.text(0);
  it.suite = TF_TRY(wallet::parse_suite(row.text_view(1)));
  it.key_maker = TF_TRY(wallet::parse_key_maker(row.text_view(2)));
  it.subscriber = {row.text(3), row.text(4), row.text(5)};
  out.person = {row.text(6), row.bytes(7)};
  it.spki = row.bytes(8);
  it.csr = row.bytes(9);
  it.codes = {row.text(10), row.bytes(11)};
  it.info3 = {row.text(12), row.bytes(13)};
  it.state = TF_TRY(wallet::parse_registration_state(row.text_view(14)));
  out.approved = row.integer(15) != 0;
  it.tries = static_cast<int>(row.integer(16));
  it.created_ms = row.integer(17);
  it.ends_ms = row.integer(18);
  it.certificate = row.bytes(19);
  it.thumbprint = row.array<32>(20);
  it.file = row.bytes(21);
  it.used = row.integer(22) != 0;
  it.failures = static_cast<int>(row.integer(23));
  it.locked_until_ms = row.integer(24);
  return out;
}

Result<std::vector<WalletRow>> rows(Session& session, const std::string& where, store::Values values) {
  std::vector<WalletRow> out;
  TF_CHECK(session.query(std::string(kRegistrationColumns) + where, values, [&](const Row& row) -> Status {
    out.push_back(TF_TRY(read_row(row)));
    return {};
  }));
  return out;
}

Result<std::optional<WalletRow>> one_row(Session& session, const std::string& where, const std::string& value) {
  const store::Value values[] = {string_view(value)};
  auto found = TF_TRY(rows(session, where, values));
  if (found.empty()) return std::optional<WalletRow>();
  return std::optional<WalletRow>(std::move(found.front()));
}

const Error kRegistrationOvertaken{Code::conflict, "wallet.overtaken", "the registration changed meanwhile"};

Status insert_registration(Session& session, const wallet::Registration& it, const vault::Wrapped& person) {
  TF_TRY(session.execute("INSERT INTO wallet_registrations (id, suite, key_maker, number, imei, iccid, person_kek, person, spki, csr, codes_kek, codes, info3_kek, info3, "
                         "state, tries, created_ms, ends_ms, certificate, thumbprint, file, used, failures, locked_until_ms) VALUES "
                         "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
                         {string_view(it.id), name_of(it.suite), name_of(it.key_maker), string_view(it.subscriber.number), string_view(it.subscriber.imei),
                          string_view(it.subscriber.iccid), string_view(person.kek), ByteView(person.blob), ByteView(it.spki), ByteView(it.csr),
                          string_view(it.codes.kek), ByteView(it.codes.blob), string_view(it.info3.kek), ByteView(it.info3.blob), name_of(it.state),
                          std::int64_t{it.tries}, it.created_ms, it.ends_ms, ByteView(it.certificate), ByteView(it.thumbprint), ByteView(it.file),
                          std::int64_t{it.used}, std::int64_t{it.failures}, it.locked_until_ms}));
  return {};
}

// Only while the row is as the step read it.
Status update_registration(Session& session, const wallet::Update& update) {
  const wallet::Registration& it = update.to;
  const auto changed = TF_TRY(session.execute(
      "UPDATE wallet_registrations SET spki = $2, codes_kek = $3, codes = $4, info3_kek = $5, info3 = $6, state = $7, tries = $8, ends_ms = $9, certificate = $10, "
      "thumbprint = $11, file = $12, used = $13, failures = $14, locked_until_ms = $15 WHERE id = $1 AND state = $16 AND tries = $17 AND failures = $18 "
      "AND locked_until_ms = $19",
      {string_view(it.id), ByteView(it.spki), string_view(it.codes.kek), ByteView(it.codes.blob), string_view(it.info3.kek), ByteView(it.info3.blob), name_of(it.state),
       std::int64_t{it.tries}, it.ends_ms, ByteView(it.certificate), ByteView(it.thumbprint), ByteView(it.file), std::int64_t{it.used}, std::int64_t{it.failures},
       it.locked_until_ms, name_of(update.state_was), std::int64_t{update.tries_was}, std::int64_t{update.failures_was}, update.locked_until_was}));
  return changed == 1 ? Status() : Status(kRegistrationOvertaken);
}

// A login that changes nothing but its counters writes nothing else: the indices stay as they are.
Status update_counters(Session& session, const wallet::Update& update) {
  const wallet::Registration& it = update.to;
  const auto changed = TF_TRY(session.execute(
      "UPDATE wallet_registrations SET used = $2, failures = $3, locked_until_ms = $4 WHERE id = $1 AND state = $5 AND tries = $6 AND failures = $7 AND locked_until_ms = $8",
      {string_view(it.id), std::int64_t{it.used}, std::int64_t{it.failures}, it.locked_until_ms, name_of(update.state_was), std::int64_t{update.tries_was},
       std::int64_t{update.failures_was}, update.locked_until_was}));
  return changed == 1 ? Status() : Status(kRegistrationOvertaken);
}

Status insert_evidence(Session& session, const std::string& registration, const std::string& order, const std::string& refund, const Hash256& request,
                       const std::string& evidence, const std::string& content, std::int64_t now_ms) {
  TF_TRY(session.execute("INSERT INTO wallet_evidence (registration, order_number, refund, request, evidence, content, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                         {string_view(registration), string_view(order), string_view(refund), ByteView(request), string_view(evidence), string_view(content), now_ms}));
  return {};
}

Status change_state(Session& session, const std::string& id, string_view change, string_view condition, Error otherwise) {
  const auto changed = TF_TRY(session.execute(std::string("UPDATE wallet_registrations SET ").append(change).append(" WHERE id = $1 AND ").append(condition), {string_view(id)}));
  if (changed == 1) return {};
  if (!TF_TRY(load_wallet(session, id))) return Error{Code::not_found, "wallet.no_registration", "there is no registration " + id};
  return otherwise;
}

}  // namespace

vault::RowId person_row(string_view registration) { return {"wallet_registrations.person", std::string(registration), 1}; }

Result<vault::Wrapped> seal_person(const vault::Vault& vault, const wallet::Registration& it) {
  Bytes plain = wire::FieldWriter().field(it.person.name).field(it.person.id_number).field(it.verifier.salt).field(it.verifier.hash.reveal()).take();
  const SecretBytes secret{ByteView(plain)};
  wipe(plain.data(), plain.size());
  return vault.seal_record(secret, person_row(it.id));
}

Result<wallet::Registration> open_person(const vault::Vault& vault, WalletRow row) {
  const SecretBytes plain = TF_TRY(vault.open_record(row.person, person_row(row.registration.id)));
  wire::FieldReader in(plain.reveal());
  wallet::Registration& it = row.registration;
  it.person.name = as_text(TF_TRY(in.field(wallet::kNameMax)));
  it.person.id_number = as_text(TF_TRY(in.field(wallet::kNameMax)));
  const ByteView salt = TF_TRY(in.field(16));
  const ByteView hash = TF_TRY(in.field(32));
  if (salt.size() != 16 || hash.size() != 32) return Error{Code::integrity, "wallet.person", "a verifier of another size"};
  TF_CHECK(in.finish());
  std::ranges::copy(salt, it.verifier.salt.begin());
  it.verifier.hash = Secret<32>(hash.first<32>());
  return std::move(row.registration);
}

Result<std::optional<WalletRow>> load_wallet(Session& session, const std::string& id) { return one_row(session, "id = $1", id); }

Result<std::optional<WalletRow>> load_wallet_by_number(Session& session, const std::string& number) {
  return one_row(session, "number = $1 AND state = 'active'", number);
}

Result<bool> is_active_wallet(Session& session, const std::string& id) {
  return TF_TRY(session.query_one("SELECT state FROM wallet_registrations WHERE id = $1", {string_view(id)},
                                  [](const Row& row) { return row.text_view(0) == name_of(wallet::RegistrationState::active); })).value_or(false);
}

Result<int> count_wallet_registrations(Session& session, const std::string& number, std::int64_t since_ms) {
  return static_cast<int>(TF_TRY(session.query_one("SELECT COUNT(*) FROM wallet_registrations WHERE number = $1 AND created_ms > $2", {string_view(number), since_ms},
                                                   [](const Row& row) { return row.integer(0); })).value_or(0));
}

Result<std::vector<WalletRow>> list_wallet(Session& session, const WalletFilter& filter) {
  const store::Value values[] = {string_view(filter.after), string_view(filter.state), string_view(filter.number), filter.limit};
  return rows(session, "id > $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR number = $3) ORDER BY id LIMIT $4", values);
}

Result<std::optional<Evidence>> load_evidence(Session& session, const std::string& registration, const std::string& order, const std::string& refund) {
  return session.query_one("SELECT request, evidence, content FROM wallet_evidence WHERE registration = $1 AND order_number = $2 AND refund = $3",
                           {string_view(registration), string_view(order), string_view(refund)},
                           [](const Row& row) { return Evidence{row.array<32>(0), row.text(1), row.text(2)}; });
}

Status check_ground(Session& session, const PaymentGround& ground) {
  const auto stands = TF_TRY(session.query_one(
      "SELECT (SELECT state FROM wallet_registrations WHERE id = $1), (SELECT state FROM pki_certificates WHERE serial = $2 AND der = $3), "
      "(SELECT registration FROM wallet_instruments WHERE token = $4 AND closed_ms IS NULL)",
      {string_view(ground.registration), string_view(ground.certificate.serial_hex()), ByteView(ground.certificate.der()), string_view(ground.instrument)}, [&](const Row& row) {
        const bool active = !row.is_null(0) && row.text_view(0) == name_of(wallet::RegistrationState::active);
        const bool issued = !row.is_null(1) && row.text_view(1) == ca::name_of(ca::State::issued);
        return active && issued && (ground.instrument.empty() || (!row.is_null(2) && row.text_view(2) == ground.registration));
      }));
  return stands.value_or(false) ? Status() : Status(kRegistrationOvertaken);
}

Status use_wallet_once(Session& session, const wallet::OneUse& once) {
  const auto changed = TF_TRY(session.execute("INSERT INTO wallet_used (id, ends_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING", {ByteView(once.id), once.ends_ms}));
  return changed == 1 ? Status() : Status(Error{Code::refused, once.reason, "it was used before"});
}

Status perform_wallet(Session& session, const wallet::Writes& writes, const vault::Wrapped& person, const std::string& alarm_id, std::int64_t now_ms) {
  for (const wallet::OneUse& once : writes.once) TF_CHECK(use_wallet_once(session, once));
  if (writes.used_approval)
    TF_CHECK(change_state(session, *writes.used_approval, "approved = 0", "approved = 1", Error{Code::refused, "wallet.waiting", "the approval was used meanwhile"}));
  for (const std::string& id : writes.superseded) TF_CHECK(change_state(session, id, "state = 'superseded'", "state = 'active'", kRegistrationOvertaken));
  if (writes.made) TF_CHECK(insert_registration(session, *writes.made, person));
  if (writes.changed) {
    const bool counters = writes.changed->to.state == writes.changed->state_was && writes.changed->to.tries == writes.changed->tries_was &&
                          writes.changed->to.state == wallet::RegistrationState::active && writes.changed->to.file.empty();
    TF_CHECK(counters ? update_counters(session, *writes.changed) : update_registration(session, *writes.changed));
  }
  if (const auto& order = writes.order)
    TF_CHECK(insert_evidence(session, order->registration, order->terms.order, "", order->request, order->evidence, order->content, now_ms));
  if (const auto& refund = writes.refund)
    TF_CHECK(insert_evidence(session, refund->registration, refund->order, refund->refund, refund->request, refund->evidence, "", now_ms));
  if (const auto& alarm = writes.alarm) {
    TF_TRY(session.execute("INSERT INTO wallet_alarms (id, at_ms, kind, registration, number, state) VALUES ($1, $2, $3, $4, $5, 'open') ON CONFLICT DO NOTHING",
                           {string_view(alarm_id), now_ms, name_of(alarm->kind), string_view(alarm->registration), string_view(alarm->number)}));
  }
  return {};
}

Status raise_contradiction(Session& session, const payment::Order& order, const std::string& transaction, std::int64_t now_ms) {
  const auto number = TF_TRY(session.query_one("SELECT number FROM wallet_registrations WHERE id = $1", {string_view(order.asked.user)}, [](const Row& row) { return row.text(0); }));
  TF_TRY(session.execute("INSERT INTO wallet_alarms (id, at_ms, kind, registration, number, state) VALUES ($1, $2, 'decision_contradicted', $3, $4, 'open') ON CONFLICT DO NOTHING",
                         {transaction, now_ms, string_view(order.asked.user), number.value_or("")}));
  return {};
}

Result<std::vector<std::string>> expire_wallet(Session& session, std::int64_t now_ms) {
  constexpr std::int64_t kMarginMs = 10LL * 60 * 1000;  // clocks may be set back a little
  std::vector<std::string> out;
  TF_CHECK(session.query("SELECT id FROM wallet_registrations WHERE state IN ('codes_sent', 'waiting') AND ends_ms <= $1 LIMIT 1000", {now_ms}, [&](const Row& row) -> Status {
    out.push_back(row.text(0));
    return {};
  }));
  for (const std::string& id : out)
    TF_TRY(session.execute("UPDATE wallet_registrations SET state = 'expired' WHERE id = $1 AND state IN ('codes_sent', 'waiting')", {string_view(id)}));
  TF_TRY(session.execute("DELETE FROM wallet_used WHERE ends_ms < $1", {now_ms - kMarginMs}));
  return out;
}

Status approve_wallet(Session& session, const std::string& id) {
  return change_state(session, id, "approved = 1", "state = 'waiting'", Error{Code::conflict, "wallet.not_waiting", "only a registration that waits is approved"});
}

Status unlock_wallet(Session& session, const std::string& id) {
  return change_state(session, id, "failures = 0, locked_until_ms = 0", "state = 'active' AND (failures > 0 OR locked_until_ms > 0)",
                      Error{Code::conflict, "wallet.not_locked", "it is not locked"});
}

Status close_wallet(Session& session, const std::string& id) {
  return change_state(session, id, "state = 'closed'", "state NOT IN ('superseded', 'expired', 'closed')", Error{Code::conflict, "wallet.has_ended", "it has ended already"});
}

}  // namespace tf::platform
