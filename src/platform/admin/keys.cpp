#include "platform/admin/handlers.hpp"
#include "platform/estate.hpp"
#include "platform/rki/store.hpp"
#include "platform/zones.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::admin {
namespace {

Result<std::optional<rki::Slot>> slot_in(wire::JsonObject& body) {
  const auto text = TF_TRY(body.optional_text("slot", 8));
  if (!text) return std::optional<rki::Slot>();
  return std::optional(TF_TRY(rki::parse_slot(*text)));
}

void write_exported(wire::JsonWriter& writer, const ExportedKey& key) {
  writer.begin_object().member("slot", name_of(key.slot)).member("set", key.set).member("status", name_of(key.status));
  writer.member("kcv", key.kcv).member("block", key.block).end_object();
}

void write_zone(wire::JsonWriter& writer, const ZoneRecord& zone) {
  writer.begin_object().member("name", zone.name).member("algorithm", vault::name_of(zone.spec.algorithm));
  writer.member("size", zone.spec.size).member("components", zone.components).member("complete", zone.wrapped.has_value());
  if (zone.wrapped) writer.member("kcv", zone.kcv);
  writer.key("custodians").begin_array();
  for (const std::string& custodian : zone.custodians) writer.value(custodian);
  writer.end_array().end_object();
}

}  // namespace

Result<HttpResponse> keys_list(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("counts").begin_array();
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    return session.query("SELECT slot, suite, status, COUNT(*) FROM rki_keys GROUP BY slot, suite, status ORDER BY slot, suite, status", {},
                         [&](const store::Row& row) -> Status {
                           writer.begin_object().member("slot", row.text(0)).member("suite", row.text(1));
                           writer.member("status", row.text(2)).member("keys", row.integer(3)).end_object();
                           return {};
                         });
  }));
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> keys_show(Context& context, const AdminCall& call) {
  const wire::Dsn dsn = TF_TRY(wire::Dsn::parse(call.words[0]));
  TF_TRY(show_terminal(context, dsn));
  std::vector<rki::KeyRecord> keys;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    keys = TF_TRY(load_keys(session, dsn));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().member("serial", dsn.text()).key("keys").begin_array();
  for (const rki::KeyRecord& key : keys) {
    writer.begin_object().member("slot", name_of(key.slot)).member("set", key.set).member("part", key.part);
    writer.member("suite", name_of(key.suite)).member("kcv", key.kcv).member("status", name_of(key.status)).end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> keys_renew(Context& context, const AdminCall& call) {
  const wire::Dsn dsn = TF_TRY(wire::Dsn::parse(call.words[0]));
  const std::int64_t set = TF_TRY(renew_keys(context, call.actor(), dsn));
  wire::JsonWriter writer;
  writer.begin_object().member("serial", dsn.text()).member("set", set).end_object();
  return json_reply(writer);
}

Result<HttpResponse> keys_export(Context& context, const AdminCall& call) {
  const wire::Dsn dsn = TF_TRY(wire::Dsn::parse(call.words[0]));
  auto body = TF_TRY(json_body(call));
  const std::string zone = TF_TRY(body.text("zone", 64));
  const auto slot = TF_TRY(slot_in(body));
  TF_CHECK(body.finish());
  wire::JsonWriter writer;
  writer.begin_object().member("serial", dsn.text()).member("zone", zone).key("keys").begin_array();
  for (const ExportedKey& key : TF_TRY(export_keys(context, call.actor(), dsn, zone, slot))) write_exported(writer, key);
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> keys_import(Context& context, const AdminCall& call) {
  const wire::Dsn dsn = TF_TRY(wire::Dsn::parse(call.words[0]));
  auto body = TF_TRY(json_body(call));
  const std::string zone = TF_TRY(body.text("zone", 64));
  const auto slot = TF_TRY(slot_in(body));
  const std::string block = TF_TRY(body.text("block", 1024));
  TF_CHECK(body.finish());
  if (!slot) return Error{Code::invalid, "admin.slot", "say which slot the key is for"};
  const ExportedKey key = TF_TRY(import_key(context, call.actor(), dsn, zone, *slot, block));
  wire::JsonWriter writer;
  write_exported(writer, key);
  return json_reply(writer);
}

Result<HttpResponse> zones_list(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("zones").begin_array();
  for (const ZoneRecord& zone : TF_TRY(list_zones(context))) write_zone(writer, zone);
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> zones_component(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const std::string algorithm = TF_TRY(body.text("algorithm", 8));
  if (algorithm != "aes" && algorithm != "tdes") return Error{Code::invalid, "admin.algorithm", "algorithm is aes or tdes"};
  ComponentInput input;
  input.zone = call.words[0];
  input.cipher = algorithm == "aes" ? crypto::BlockCipher::aes : crypto::BlockCipher::tdes;
  input.of = TF_TRY(body.integer("of", 2, 9));
  std::string component = TF_TRY(body.text("component", 64));
  auto secret = wire::secret_from_hex(component);
  wipe(component.data(), component.size());
  input.component = TF_TRY(std::move(secret));
  input.kcv = TF_TRY(body.text("kcv", 6));
  TF_CHECK(body.finish());
  const ZoneRecord zone = TF_TRY(add_component(context, call.caller.name, std::move(input)));
  wire::JsonWriter writer;
  write_zone(writer, zone);
  return json_reply(writer);
}

}  // namespace tf::platform::admin
