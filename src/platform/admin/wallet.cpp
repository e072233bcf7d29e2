// wallet registrations: list, show, approve, unlock, close; alarms; front ends.
#include "crypto/public_key_file.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/wallet/office.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kWalletPage = 200;

Result<WalletOffice*> office_of(const Context& context) {
  if (context.wallet != nullptr) return context.wallet;
  return Error{Code::not_found, "wallet.none", "this platform has no wallet: trustferry wallet enable adds it"};
}

void write_row(wire::JsonWriter& writer, const WalletRow& row) {
  const wallet::Registration& it = row.registration;
  writer.begin_object().member("id", it.id).member("number", it.subscriber.number).member("imei", it.subscriber.imei).member("iccid", it.subscriber.iccid);
  writer.member("suite", name_of(it.suite)).member("key", name_of(it.key_maker)).member("state", name_of(it.state)).member("approved", row.approved);
  writer.member("created_ms", it.created_ms).member("wrong_codes", std::int64_t{it.tries}).member("wrong_passwords", std::int64_t{it.failures});
  writer.member("locked", it.locked_until_ms > 0).end_object();
}

Result<HttpResponse> show(Context& context, const std::string& id) {
  std::optional<WalletRow> row;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    row = TF_TRY(load_wallet(session, id));
    return {};
  }));
  if (!row) return Error{Code::not_found, "wallet.no_registration", "there is no registration " + id};
  wire::JsonWriter writer;
  writer.begin_object().key("registration");
  write_row(writer, *row);
  writer.key("instruments").begin_array();
  for (const InstrumentRow& each : TF_TRY(context.wallet->service().instruments().list(id)))
    writer.begin_object().member("token", each.token).member("wallet", each.wallet).member("masked", each.masked).member("added_ms", each.added_ms).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace

Result<HttpResponse> wallet_list(Context& context, const AdminCall& call) {
  TF_TRY(office_of(context));
  const WalletFilter filter{.state = TF_TRY(query_value(call, "state", "")), .number = TF_TRY(query_value(call, "number", "")), .after = TF_TRY(query_value(call, "after", "")), .limit = kWalletPage};
  if (!filter.state.empty()) {
    const auto known = wallet::parse_registration_state(filter.state);
    if (!known) return Error{Code::invalid, "wallet.state", "there is no state \"" + filter.state + "\""};
  }
  std::vector<WalletRow> rows;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    rows = TF_TRY(list_wallet(session, filter));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("registrations").begin_array();
  for (const WalletRow& row : rows) write_row(writer, row);
  writer.end_array();
  if (static_cast<std::int64_t>(rows.size()) == kWalletPage) writer.member("next_after", rows.back().registration.id);
  writer.end_object();
  return json_reply(writer);
}

Result<HttpResponse> wallet_show(Context& context, const AdminCall& call) {
  TF_TRY(office_of(context));
  return show(context, call.words[0]);
}

Result<HttpResponse> wallet_approve(Context& context, const AdminCall& call) {
  TF_CHECK(TF_TRY(office_of(context))->service().approve(call.actor(), call.words[0]));
  return show(context, call.words[0]);
}

Result<HttpResponse> wallet_unlock(Context& context, const AdminCall& call) {
  TF_CHECK(TF_TRY(office_of(context))->service().unlock(call.actor(), call.words[0]));
  return show(context, call.words[0]);
}

Result<HttpResponse> wallet_close(Context& context, const AdminCall& call) {
  TF_CHECK(TF_TRY(office_of(context))->service().close(call.actor(), call.words[0]));
  return show(context, call.words[0]);
}

Result<HttpResponse> wallet_alarms(Context& context, const AdminCall&) {
  TF_TRY(office_of(context));
  wire::JsonWriter writer;
  writer.begin_object().key("alarms").begin_array();
  TF_CHECK(context.database.read([&](store::Session& session) {
    return session.query("SELECT id, at_ms, kind, registration, number, state FROM wallet_alarms ORDER BY at_ms DESC, id LIMIT $1", {kWalletPage}, [&](const store::Row& row) -> Status {
      writer.begin_object().member("id", row.text(0)).member("at_ms", row.integer(1)).member("kind", row.text(2)).member("registration", row.text(3));
      writer.member("number", row.text(4)).member("state", row.text(5)).end_object();
      return {};
    });
  }));
  writer.end_array().end_object();
  return json_reply(writer);
}

// Orders by their state, and how many ended by asking or undoing.
Result<HttpResponse> wallet_totals(Context& context, const AdminCall&) {
  TF_TRY(office_of(context));
  std::map<std::string, std::int64_t> counts;
  for (const payment::State state : {payment::State::sent, payment::State::offered, payment::State::unknown, payment::State::reversing, payment::State::captured, payment::State::declined, payment::State::reversed})
    counts[std::string(name_of(state))] = 0;
  std::int64_t resolved = 0;
  TF_CHECK(context.database.read([&](store::Session& session) {
    resolved = 0;
    return session.query("SELECT state, COUNT(*), SUM(resolved) FROM payment_orders GROUP BY state", {}, [&](const store::Row& row) -> Status {
      counts[row.text(0)] = row.integer(1);
      resolved += row.integer(2);
      return {};
    });
  }));
  wire::JsonWriter writer;
  writer.begin_object();
  for (const auto& [state, count] : counts) writer.member(state, count);
  writer.member("resolved", resolved).end_object();
  return json_reply(writer);
}

// With the public key that an e-wallet or gateway has to know of us.
Result<HttpResponse> wallet_front_ends(Context& context, const AdminCall&) {
  WalletOffice* office = TF_TRY(office_of(context));
  wire::JsonWriter writer;
  writer.begin_object().key("front_ends").begin_array();
  for (payment::FrontEnd* each : office->front_ends().all()) {
    writer.begin_object().member("name", each->name()).member("healthy", each->healthy());
    if (const auto key = context.vault.public_key(front_end_key(each->name()))) writer.member("public_key", crypto::public_key_to_pem(*key));
    writer.end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

}  // namespace tf::platform::admin
