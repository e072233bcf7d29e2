// cardsign: manufacturers, the record key, cards, instruments of their users, payments, alarms.
#include <charconv>

#include "crypto/public_key_file.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/cardsign/office.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kCardsPage = 200;
constexpr std::size_t kRecord = 48 * 1024;

Result<CardsignService*> service_of(const Context& context) {
  if (context.cardsign != nullptr) return &context.cardsign->service();
  return Error{Code::not_found, "cardsign.none", "this platform has no cardsign: trustferry cardsign enable adds it"};
}

void write_card(wire::JsonWriter& writer, const CardRegister::Shown& it) {
  writer.begin_object().member("serial", it.card.serial).member("state", state_of(it.card, it.holders)).member("imported_ms", it.card.imported_ms);
  writer.member("payments", static_cast<std::int64_t>(it.card.counter)).member("wrong_codes", it.card.wrong_codes).member("updates", it.updates).member("number", it.number);
  writer.key("holders").begin_array();
  for (const Holder& holder : it.holders)
    writer.begin_object().member("user", holder.user).member("container", std::int64_t{holder.container}).member("state", holder.state).member("code_ends_ms", holder.code_ends_ms).end_object();
  writer.end_array().key("certificates").begin_array();
  for (const SlotRow& slot : it.slots)
    writer.begin_object().member("container", std::int64_t{slot.container}).member("slot", name_of(slot.slot)).member("serial", slot.certificate_serial).member("stored", slot.stored).end_object();
  writer.end_array().end_object();
}

Result<HttpResponse> show(CardsignService& service, const std::string& serial) {
  wire::JsonWriter writer;
  writer.begin_object().key("card");
  write_card(writer, TF_TRY(service.cards().show(TF_TRY(cardsign::parse_serial(serial)))));
  writer.end_object();
  return json_reply(writer);
}

void write_manufacturer(wire::JsonWriter& writer, const ManufacturerRow& row) {
  writer.begin_object().member("fingerprint", row.fingerprint).member("name", row.name).member("added_ms", row.added_ms).end_object();
}

}  // namespace

Result<HttpResponse> cardsign_manufacturers(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("manufacturers").begin_array();
  for (const ManufacturerRow& row : TF_TRY(TF_TRY(service_of(context))->cards().manufacturers())) write_manufacturer(writer, row);
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_manufacturer(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string name = TF_TRY(body.optional_text("name", 64)).value_or("");
  const auto root = TF_TRY(pki::Certificate::from_pem(TF_TRY(body.text("certificate", 32 * 1024))));
  TF_CHECK(body.finish());
  const ManufacturerRow row = TF_TRY(service->cards().add_manufacturer(call.actor(), name, root));
  wire::JsonWriter writer;
  writer.begin_object().key("manufacturer");
  write_manufacturer(writer, row);
  writer.end_object();
  return json_reply(writer);
}

// What manufacturers seal card records to.
Result<HttpResponse> cardsign_record_key(Context& context, const AdminCall&) {
  TF_TRY(service_of(context));
  wire::JsonWriter writer;
  writer.begin_object().member("public_key", crypto::public_key_to_pem(TF_TRY(context.vault.public_key(cardsign_key::records)))).end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_cards(Context& context, const AdminCall& call) {
  const auto cards = TF_TRY(TF_TRY(service_of(context))->cards().list(TF_TRY(query_value(call, "after", "")), kCardsPage));
  wire::JsonWriter writer;
  writer.begin_object().key("cards").begin_array();
  for (const CardRegister::Shown& each : cards) write_card(writer, each);
  writer.end_array();
  if (static_cast<std::int64_t>(cards.size()) == kCardsPage) writer.member("next_after", cards.back().card.serial);
  writer.end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_import(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string record = TF_TRY(body.text("record", kRecord));
  TF_CHECK(body.finish());
  return show(*service, TF_TRY(service->cards().import(call.actor(), record)));
}

Result<HttpResponse> cardsign_card(Context& context, const AdminCall& call) { return show(*TF_TRY(service_of(context)), call.words[0]); }

Result<HttpResponse> cardsign_assign(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string user = TF_TRY(body.text("user", 48));
  const auto container = body.has("container") ? TF_TRY(body.integer("container", 0, 255)) : 0;
  TF_CHECK(body.finish());
  const auto assigned = TF_TRY(service->cards().assign(call.actor(), TF_TRY(cardsign::parse_serial(call.words[0])), static_cast<std::uint8_t>(container), user));
  wire::JsonWriter writer;
  writer.begin_object().member("serial", call.words[0]).member("user", user).member("container", container).member("code", as_text(assigned.code.reveal()));
  writer.member("ends_ms", assigned.ends_ms).end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_container(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string user = TF_TRY(body.text("user", 48));
  const auto container = body.has("container") ? TF_TRY(body.integer("container", 1, 15)) : 0;
  TF_CHECK(body.finish());
  const auto ordered = TF_TRY(service->cards().add_container(call.actor(), TF_TRY(cardsign::parse_serial(call.words[0])), static_cast<std::uint8_t>(container), user));
  wire::JsonWriter writer;
  writer.begin_object().member("serial", call.words[0]).member("user", user).member("container", std::int64_t{ordered.container});
  writer.member("code", as_text(ordered.assigned.code.reveal())).member("puk", as_text(ordered.puk.reveal())).member("ends_ms", ordered.assigned.ends_ms).end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_container_remove(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  const std::string& word = call.words[1];
  unsigned container = 16;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), container);
  if (failed != std::errc() || end != word.data() + word.size() || container > 15) return Error{Code::invalid, "cardsign.container", "a container is 0 to 15"};
  const auto removed = TF_TRY(service->cards().remove_container(call.actor(), TF_TRY(cardsign::parse_serial(call.words[0])), static_cast<std::uint8_t>(container)));
  wire::JsonWriter writer;
  writer.begin_object().member("serial", call.words[0]).member("user", removed.user).member("container", std::int64_t{container});
  writer.member("state", removed.waits ? "removing" : "removed").member("revoked", removed.revoked).end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_withdraw(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  TF_TRY(service->cards().withdraw(call.actor(), TF_TRY(cardsign::parse_serial(call.words[0]))));
  return show(*service, call.words[0]);
}

Result<HttpResponse> cardsign_renew(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  TF_TRY(service->cards().renew(call.actor(), TF_TRY(cardsign::parse_serial(call.words[0]))));
  service->air();
  return show(*service, call.words[0]);
}

Result<HttpResponse> cardsign_number(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  auto body = TF_TRY(json_body(call));
  const std::string number = TF_TRY(body.text("number", 16));
  TF_CHECK(body.finish());
  TF_CHECK(service->cards().set_number(call.actor(), TF_TRY(cardsign::parse_serial(call.words[0])), number));
  service->air();
  return show(*service, call.words[0]);
}

Result<HttpResponse> cardsign_instruments(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  wire::JsonWriter writer;
  writer.begin_object().member("user", call.words[0]).key("instruments").begin_array();
  for (const InstrumentRow& each : TF_TRY(service->instruments().list(payer_of(TF_TRY(cardsign::parse_user(call.words[0]))))))
    writer.begin_object().member("token", each.token).member("wallet", each.wallet).member("masked", each.masked).member("added_ms", each.added_ms).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

// Without a PIN: the card's own stands for it.
Result<HttpResponse> cardsign_instrument(Context& context, const AdminCall& call) {
  CardsignService* service = TF_TRY(service_of(context));
  const std::string user = TF_TRY(cardsign::parse_user(call.words[0]));
  auto body = TF_TRY(json_body(call));
  NewInstrument added{.wallet = TF_TRY(body.optional_text("wallet", 16)).value_or(""), .number = {}, .expiry = TF_TRY(body.optional_text("expiry", 4)).value_or(""), .has_pin = false};
  std::string number = TF_TRY(body.text("number", 64));
  added.number = SecretBytes(as_bytes(number));
  wipe(number.data(), number.size());
  TF_CHECK(body.finish());
  const InstrumentRow row = TF_TRY(service->instruments().enrol(call.actor(), payer_of(user), std::move(added)));
  wire::JsonWriter writer;
  writer.begin_object().member("user", user).member("token", row.token).member("masked", row.masked).member("wallet", row.wallet).end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_payment(Context& context, const AdminCall& call) {
  TF_TRY(service_of(context));
  std::optional<PaymentRow> row;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    row = TF_TRY(load_payment(session, call.words[0]));
    return {};
  }));
  if (!row) return Error{Code::not_found, "cardsign.no_payment", "there is no payment " + call.words[0]};
  wire::JsonWriter writer;
  writer.begin_object().member("payment", row->order.payment).member("merchant", row->order.merchant).member("order", row->order.number).member("amount", row->order.amount);
  writer.member("currency", row->order.currency).member("subject", row->order.subject).member("state", row->state).member("user", row->state == "signed" ? row->signed_by : row->order.user);
  writer.member("serial", row->serial).member("expires", row->order.expires_ms).end_object();
  return json_reply(writer);
}

Result<HttpResponse> cardsign_alarms(Context& context, const AdminCall&) {
  TF_TRY(service_of(context));
  wire::JsonWriter writer;
  writer.begin_object().key("alarms").begin_array();
  TF_CHECK(context.database.read([&](store::Session& session) {
    return session.query("SELECT id, at_ms, kind, serial, user_id, payment, state FROM cardsign_alarms ORDER BY at_ms DESC, id LIMIT $1", {kCardsPage}, [&](const store::Row& row) -> Status {
      writer.begin_object().member("id", row.text(0)).member("at_ms", row.integer(1)).member("kind", row.text(2)).member("serial", row.text(3)).member("user", row.text(4));
      writer.member("payment", row.text(5)).member("state", row.text(6)).end_object();
      return {};
    });
  }));
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
