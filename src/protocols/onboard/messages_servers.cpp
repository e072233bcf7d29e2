// 0, 5, 6, 9: between servers.
#include "protocols/onboard/messages_servers.hpp"

#include "protocols/onboard/messages_parts.hpp"

namespace tf::onboard {
namespace {

constexpr wire::JsonLimits kBatchLimits{.size = kMaxBatch, .depth = 5};
constexpr std::size_t kMaxItems = 16;
constexpr std::size_t kMaxItem = 16 * 1024;

template <class Row, class Write>
std::string rows_text(const std::vector<Row>& rows, Write write) {
  JsonWriter writer;
  writer.begin_object().key("rows").begin_array();
  for (const Row& row : rows) {
    writer.begin_object();
    write(writer, row);
    writer.end_object();
  }
  return writer.end_array().end_object().take();
}

template <class Row, class Read>
Result<std::vector<Row>> rows_in(std::string_view body, Read read) {
  auto object = TF_TRY(JsonObject::parse(body, kBatchLimits));
  std::vector<Row> out;
  for (JsonObject& one : TF_TRY(object.objects("rows", kMaxRows))) {
    out.push_back(TF_TRY(read(one)));
    TF_CHECK(one.finish());
  }
  TF_CHECK(object.finish());
  return out;
}

}  // namespace

std::string encode(const std::vector<Subscription>& rows) {
  return rows_text(rows, [](JsonWriter& writer, const Subscription& row) {
    writer.member("dsim_id", row.dsim_id).member("owner", row.owner).member("plan", row.plan);
    if (row.signing.empty()) return;
    write_chain(writer, "signing", row.signing);
    write_chain(writer, "decryption", row.decryption);
  });
}

Result<std::vector<Subscription>> decode_subscriptions(std::string_view body) {
  return rows_in<Subscription>(body, [](JsonObject& one) -> Result<Subscription> {
    Subscription row;
    row.dsim_id = TF_TRY(dsim_id_in(one));
    row.owner = TF_TRY(parse_owner(TF_TRY(one.text("owner", kMaxId))));
    row.plan = TF_TRY(id_in(one, "plan"));
    if (!one.has("signing")) return row;
    row.signing = TF_TRY(chain_in(one, "signing"));
    row.decryption = TF_TRY(chain_in(one, "decryption"));
    return row;
  });
}

std::string encode(const std::vector<RowResult>& rows) {
  return rows_text(rows, [](JsonWriter& writer, const RowResult& row) { writer.member("dsim_id", row.dsim_id).member("result", row.result); });
}

Result<std::vector<RowResult>> decode_row_results(std::string_view body) {
  return rows_in<RowResult>(body, [](JsonObject& one) -> Result<RowResult> {
    return RowResult{TF_TRY(dsim_id_in(one)), TF_TRY(id_in(one, "result"))};
  });
}

SecretBytes encode(const std::vector<RegistrationRow>& rows) {
  std::string text = rows_text(rows, [](JsonWriter& writer, const RegistrationRow& row) {
    writer.member("dsim_id", row.dsim_id).member("operator", row.operator_id);
    write_texts(writer, "route", row.route);
    write_secret(writer, "registration_nonce", row.nonce.reveal());
    writer.member("expires", row.expires_ms);
  });
  SecretBytes out{as_bytes(text)};
  wipe(text.data(), text.size());
  return out;
}

Result<std::vector<RegistrationRow>> decode_registrations(std::string_view body) {
  return rows_in<RegistrationRow>(body, [](JsonObject& one) -> Result<RegistrationRow> {
    RegistrationRow row;
    row.dsim_id = TF_TRY(dsim_id_in(one));
    row.operator_id = TF_TRY(id_in(one, "operator"));
    row.route = TF_TRY(route_in(one, "route"));
    row.nonce = TF_TRY(secret32_in(one, "registration_nonce"));
    row.expires_ms = TF_TRY(time_in(one, "expires"));
    return row;
  });
}

std::string encode(const std::vector<RemovalRow>& rows) {
  return rows_text(rows, [](JsonWriter& writer, const RemovalRow& row) {
    writer.member("dsim_id", row.dsim_id).member("nonce_hash", base64url(row.nonce_hash));
  });
}

Result<std::vector<RemovalRow>> decode_removals(std::string_view body) {
  return rows_in<RemovalRow>(body, [](JsonObject& one) -> Result<RemovalRow> {
    return RemovalRow{TF_TRY(dsim_id_in(one)), TF_TRY(one.base64url<32>("nonce_hash"))};
  });
}

std::string encode(const CredentialsRequest& request) {
  JsonWriter writer;
  writer.begin_object().member("dsim_id", request.dsim_id).member("device_hash", base64url(request.device_hash));
  writer.member("nonce_hash", base64url(request.nonce_hash));
  write_chain(writer, "decryption", request.decryption);
  return writer.member("plan", request.plan).member("expires", request.expires_ms).end_object().take();
}

Result<CredentialsRequest> decode_credentials_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  CredentialsRequest out;
  out.dsim_id = TF_TRY(dsim_id_in(object));
  out.device_hash = TF_TRY(object.base64url<32>("device_hash"));
  out.nonce_hash = TF_TRY(object.base64url<32>("nonce_hash"));
  out.decryption = TF_TRY(chain_in(object, "decryption"));
  out.plan = TF_TRY(id_in(object, "plan"));
  out.expires_ms = TF_TRY(time_in(object, "expires"));
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const CredentialsAnswer& answer) {
  JsonWriter writer;
  writer.begin_object().member("envelope", base64url(answer.envelope));
  return writer.member("imsi_hash", base64url(answer.imsi_hash)).end_object().take();
}

Result<CredentialsAnswer> decode_credentials_answer(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  CredentialsAnswer out{TF_TRY(object.base64url("envelope", 1, kMaxEnvelope)), TF_TRY(object.base64url<32>("imsi_hash"))};
  TF_CHECK(object.finish());
  return out;
}

std::string encode(const SuspendRequest& request) {
  return JsonWriter().begin_object().member("dsim_id", request.dsim_id).member("nonce_hash", base64url(request.nonce_hash)).end_object().take();
}

Result<SuspendRequest> decode_suspend_request(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  SuspendRequest out{TF_TRY(dsim_id_in(object)), TF_TRY(object.base64url<32>("nonce_hash"))};
  TF_CHECK(object.finish());
  return out;
}

SecretBytes encode(const Delivery& delivery) {
  JsonWriter writer;
  writer.begin_object().member("delivery", delivery.delivery).member("dsim_id", delivery.dsim_id).key("account");
  write_account(writer, delivery.account);
  writer.member("credentialing", delivery.credentialing);
  if (delivery.notify) writer.member("notify", *delivery.notify);
  writer.key("items").begin_array();
  for (const Item& item : delivery.items)
    writer.begin_object().member("name", item.name).member("type", item.type).member("data", base64url(item.data)).end_object();
  writer.end_array().end_object();
  return secret_text(writer);
}

Result<Delivery> decode_delivery(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, {.size = kMaxBatch, .depth = 4}));
  Delivery out;
  out.delivery = TF_TRY(id_in(object, "delivery"));
  out.dsim_id = TF_TRY(dsim_id_in(object));
  auto account = TF_TRY(object.object("account"));
  out.account = TF_TRY(account_in(account));
  out.credentialing = TF_TRY(parse_url(TF_TRY(object.text("credentialing", kMaxUrl))));
  if (object.has("notify")) out.notify = TF_TRY(parse_host(TF_TRY(object.text("notify", 300))));
  for (JsonObject& one : TF_TRY(object.objects("items", kMaxItems))) {
    Item item{TF_TRY(id_in(one, "name")), TF_TRY(one.text("type", 64)), TF_TRY(one.base64url("data", 1, kMaxItem))};
    TF_CHECK(one.finish());
    out.items.push_back(std::move(item));
  }
  TF_CHECK(object.finish());
  return out;
}

std::string encode_envelope_request(std::string_view delivery) { return one_text("delivery", delivery); }
Result<std::string> decode_envelope_request(std::string_view body) { return parse_id(TF_TRY(one_text_in(body, "delivery", kMaxId))); }
std::string encode_envelope(ByteView envelope) { return one_text("envelope", base64url(envelope)); }

Result<Bytes> decode_envelope(std::string_view body) {
  auto object = TF_TRY(JsonObject::parse(body, kLimits));
  Bytes out = TF_TRY(object.base64url("envelope", 1, kMaxEnvelope));
  TF_CHECK(object.finish());
  return out;
}

}  // namespace tf::onboard
