#include "platform/cardsign/register.hpp"

#include <fmt/format.h>

#include "base/durations.hpp"
#include "crypto/digest.hpp"
#include "pki/path/foreign_path.hpp"
#include "platform/cardsign/keys.hpp"
#include "platform/cardsign/store_air.hpp"
#include "sms/sender.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

using std::string_view;


// A few keys of a card as one data row of the vault.
Result<vault::Wrapped> seal_keys(const vault::Vault& vault, std::initializer_list<const SecretBytes*> keys, const vault::RowId& row) {
  wire::FieldWriter writer;
  for (const SecretBytes* key : keys) writer.field(key->reveal());
  Bytes plain = writer.take();
  const SecretBytes secret{ByteView(plain)};
  wipe(plain.data(), plain.size());
  return vault.seal_record(secret, row);
}

SecretBytes characters(Random& random, std::size_t size) {
  constexpr string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  SecretBytes out(size);
  random.fill(out.reveal_mutable());
  for (std::uint8_t& octet : out.reveal_mutable()) octet = static_cast<std::uint8_t>(kAlphabet[octet % kAlphabet.size()]);
  return out;
}

}  // namespace

SecretBytes make_enrolment_code(Random& random) { return characters(random, cardsign::kCodeSize); }
SecretBytes make_puk(Random& random) { return characters(random, 8); }

Hash256 enrolment_code_hash(string_view code) { return crypto::sha256(wire::FieldWriter().field("cardsign enrolment code").field(code).take()); }

Result<ManufacturerRow> CardRegister::add_manufacturer(const std::string& actor, const std::string& name, const pki::Certificate& root) {
  if (!root.is_ca() || !root.is_issued_by(root)) return Error{Code::refused, "cardsign.manufacturer", "a manufacturer's root is a certificate authority that signed itself"};
  if (context_.clock.now_ms() >= root.not_after_ms()) return Error{Code::refused, "cardsign.manufacturer", "it has expired"};
  const ManufacturerRow row{wire::hex_lower(root.fingerprint()), name.empty() ? root.subject_text() : name, root.der(), context_.clock.now_ms()};
  wire::JsonWriter detail;
  detail.begin_object().member("name", row.name).end_object();
  TF_CHECK(perform_act(context_, {actor, "cardsign.manufacturer", row.fingerprint, detail.take()}, [&](store::Session& session) { return insert_manufacturer(session, row); }));
  return row;
}

Result<std::vector<ManufacturerRow>> CardRegister::manufacturers() const {
  std::vector<ManufacturerRow> out;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    out = TF_TRY(load_manufacturers(session));
    return {};
  }));
  return out;
}

Result<std::vector<pki::Certificate>> CardRegister::manufacturer_roots() const {
  std::vector<pki::Certificate> out;
  for (const ManufacturerRow& row : TF_TRY(manufacturers())) out.push_back(TF_TRY(pki::Certificate::from_der(row.der)));
  return out;
}

// Of one card, under one of the manufacturers' roots.
Result<Bytes> CardRegister::check_preset(const cardsign::CardRecord& record, const std::vector<pki::Certificate>& roots) const {
  if (record.preset.empty()) return Bytes();
  const Error wrong{Code::refused, "cardsign.preset", "the preset certificate does not come from a known manufacturer, or is another card's"};
  const auto chain = pki::chain_from_der(record.preset);
  if (!chain || chain->front().subject_serial_number() != record.serial) return wrong;
  if (!pki::validate_foreign_path({.leaf = chain->front(), .intermediates = {chain->begin() + 1, chain->end()}, .anchors = roots, .at_ms = context_.clock.now_ms(), .must_sign = false})) return wrong;
  return record.preset.front();
}

Result<std::string> CardRegister::import(const std::string& actor, string_view jwe) {
  const cardsign::CardRecord record = TF_TRY(open_card_record(context_.vault, jwe));
  const auto roots = TF_TRY(manufacturer_roots());
  TF_CHECK(cardsign::check_factory({.serial = record.serial, .user = {}, .factory = record.factory, .channel = record.channel}, roots, context_.clock.now_ms()));
  StoredCard card{.serial = record.serial, .factory = record.factory, .channel = record.channel, .preset = TF_TRY(check_preset(record, roots)),
                  .scp03 = TF_TRY(seal_keys(context_.vault, {&record.enc, &record.mac, &record.dek}, scp03_row(record.serial))),
                  .ota = TF_TRY(seal_keys(context_.vault, {&record.kic, &record.kid}, ota_row(record.serial))), .imported_ms = context_.clock.now_ms()};
  TF_CHECK(perform_act(context_, {actor, "cardsign.import", card.serial}, [&](store::Session& session) { return insert_card(session, card); }));
  return record.serial;
}

Result<CardRegister::Assigned> CardRegister::assign(const std::string& actor, const std::string& serial, std::uint8_t container, const std::string& user) {
  Assigned out{make_enrolment_code(context_.random), context_.clock.now_ms() + policy_.code_hours * kHourMs};
  const Holder holder{.serial = serial, .container = container, .user = TF_TRY(cardsign::parse_user(user)), .state = "assigned", .code_ends_ms = out.ends_ms};
  const Hash256 hash = enrolment_code_hash(as_text(out.code.reveal()));
  const std::int64_t now = context_.clock.now_ms();
  wire::JsonWriter detail;
  detail.begin_object().member("user", user).member("container", std::int64_t{container}).end_object();
  TF_CHECK(perform_act(context_, {actor, "cardsign.assign", serial, detail.take()}, [&](store::Session& session) { return assign_card(session, holder, hash, now); }));
  return out;
}

Result<CardRegister::Ordered> CardRegister::add_container(const std::string& actor, const std::string& serial, std::uint8_t container, const std::string& user) {
  Ordered out{{make_enrolment_code(context_.random), context_.clock.now_ms() + policy_.code_hours * kHourMs}, container, make_puk(context_.random)};
  const std::string holder = TF_TRY(cardsign::parse_user(user));
  const Hash256 hash = enrolment_code_hash(as_text(out.assigned.code.reveal()));
  const std::int64_t now = context_.clock.now_ms();
  std::optional<ContainerRow> before;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    if (out.container == 0) out.container = TF_TRY(next_container(session, serial, holder));
    before = TF_TRY(load_container(session, serial, out.container));
    return {};
  }));
  std::optional<vault::Wrapped> sealed;
  if (!before) sealed = TF_TRY(context_.vault.seal_record(out.puk, puk_row(serial, out.container)));
  else if (!before->puk.kek.empty()) out.puk = TF_TRY(puk(serial, out.container, *before));
  wire::JsonWriter detail;
  detail.begin_object().member("user", user).member("container", std::int64_t{out.container}).end_object();
  TF_CHECK(perform_act(context_, {actor, "cardsign.container", serial, detail.take()}, [&](store::Session& session) {
    return order_container(session, {.serial = serial, .container = out.container, .user = holder, .state = "assigned", .code_ends_ms = out.assigned.ends_ms}, hash, sealed, now);
  }));
  return out;
}

// Certificates and holder in one transaction.
Result<CardRegister::Removed> CardRegister::remove_container(const std::string& actor, const std::string& serial, std::uint8_t container) {
  if (container == 0) return Error{Code::conflict, "cardsign.first_container", "container 0 is the card's own person's, with PIV's keys and PIN: withdraw the card"};
  Removed out;
  out.revoked = TF_TRY(authority_.revoke_chosen([&](store::Session& session) -> Result<std::vector<std::string>> {
    Removal removal = TF_TRY(order_removal(session, serial, container));
    out.user = removal.user;
    out.waits = removal.waits;
    wire::JsonWriter detail;
    detail.begin_object().member("user", out.user).member("container", std::int64_t{container}).member("waits", out.waits).end_object();
    if (!removal.again)
      TF_CHECK(context_.trail.append(session, {.at_ms = context_.clock.now_ms(), .actor = actor, .action = "cardsign.container_removal", .subject = serial,
                                               .outcome = audit::Outcome::accepted, .reason = "", .detail = detail.take()}));
    return std::move(removal.certificates);
  }, pki::RevocationReason::cessation_of_operation, actor));
  payers_->forget_card(serial);
  return out;
}

// The card first: from there on nobody pays with it, whatever becomes of the lists.
Result<std::int64_t> CardRegister::withdraw(const std::string& actor, const std::string& serial) {
  const std::int64_t now = context_.clock.now_ms();
  TF_CHECK(perform_act(context_, {actor, "cardsign.withdraw", serial}, [&](store::Session& session) { return withdraw_card(session, serial, now); }));
  payers_->forget_card(serial);
  return authority_.revoke_holder(card_holder(serial), pki::RevocationReason::cessation_of_operation, actor);
}

Result<std::int64_t> CardRegister::renew(const std::string& actor, const std::string& serial) {
  const Shown shown = TF_TRY(show(serial));
  if (shown.card.withdrawn) return Error{Code::conflict, "cardsign.withdrawn", "the card was withdrawn"};
  std::int64_t count = 0;
  for (const SlotRow& slot : shown.slots) {
    if (!slot.stored) continue;
    const auto certificate = TF_TRY(pki::Certificate::from_der(slot.der));
    const auto issued = TF_TRY(authority_.renew({.serial_hex = slot.certificate_serial, .key = TF_TRY(certificate.public_key()), .actor = actor, .holder = card_holder(serial)}));
    const cardsign::Update update{.id = wire::hex_lower(context_.random.array<16>()), .container = slot.container, .slot = slot.slot, .certificate = issued.der};
    wire::JsonWriter detail;
    detail.begin_object().member("slot", name_of(slot.slot)).member("certificate", issued.serial_hex).end_object();
    const Status queued = perform_act(context_, {actor, "cardsign.renew", serial, detail.take()}, [&](store::Session& session) {
      return queue_update(session, serial, update, issued.serial_hex, slot.certificate_serial, context_.clock.now_ms());
    });
    if (!queued && queued.error().code == Code::conflict) TF_TRY(authority_.revoke(issued.serial_hex, pki::RevocationReason::superseded, actor));
    TF_CHECK(queued);
    ++count;
  }
  if (count == 0) return Error{Code::conflict, "cardsign.no_certificate", "nothing of ours is on the card"};
  return count;
}

Status CardRegister::set_number(const std::string& actor, const std::string& serial, const std::string& number) {
  if (!number.empty() && !sms::check({.to = number, .text = "-", .reference = "-"}))
    return Error{Code::invalid, "cardsign.number", "a number is 7 to 15 digits and begins with the country code"};
  wire::JsonWriter detail;
  detail.begin_object().member("number", number).end_object();
  return perform_act(context_, {actor, "cardsign.number", serial, detail.take()}, [&](store::Session& session) { return put_number(session, serial, number, context_.clock.now_ms()); });
}

Result<CardRegister::Shown> CardRegister::show(const std::string& serial) const {
  Shown out;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    auto card = TF_TRY(load_card(session, serial));
    if (!card) return Error{Code::not_found, "cardsign.no_card", "there is no card " + serial + " in the register"};
    out = {std::move(*card), TF_TRY(load_holders(session, serial)), TF_TRY(load_slots(session, serial)), 0, TF_TRY(load_number(session, serial))};
    out.updates = static_cast<std::int64_t>(TF_TRY(load_updates(session, serial, 1000)).size());
    return {};
  }));
  return out;
}

Result<std::vector<CardRegister::Shown>> CardRegister::list(const std::string& after, std::int64_t limit) const {
  std::vector<std::string> serials;
  TF_CHECK(context_.database.read([&](store::Session& session) -> Status {
    return session.query("SELECT serial FROM cardsign_cards WHERE serial > $1 ORDER BY serial LIMIT $2", {string_view(after), limit}, [&](const store::Row& row) -> Status {
      serials.push_back(row.text(0));
      return {};
    });
  }));
  std::vector<Shown> out;
  for (const std::string& serial : serials) out.push_back(TF_TRY(show(serial)));
  return out;
}

Result<apdu::scp03::StaticKeys> CardRegister::scp03_keys(const StoredCard& card) const {
  const SecretBytes plain = TF_TRY(context_.vault.open_record(card.scp03, scp03_row(card.serial)));
  wire::FieldReader in(plain.reveal());
  apdu::scp03::StaticKeys out;
  for (SecretBytes* key : {&out.enc, &out.mac, &out.dek}) *key = SecretBytes(TF_TRY(in.field(32)));
  TF_CHECK(in.finish());
  return out;
}

Result<SecretBytes> CardRegister::puk(const std::string& serial, std::uint8_t container, const ContainerRow& row) const {
  return context_.vault.open_record(row.puk, puk_row(serial, container));
}

Result<apdu::ota::Keys> CardRegister::ota_keys(const StoredCard& card) const {
  const SecretBytes plain = TF_TRY(context_.vault.open_record(card.ota, ota_row(card.serial)));
  wire::FieldReader in(plain.reveal());
  apdu::ota::Keys out;
  for (SecretBytes* key : {&out.kic, &out.kid}) *key = SecretBytes(TF_TRY(in.field(32)));
  TF_CHECK(in.finish());
  return out;
}

}  // namespace tf::platform
