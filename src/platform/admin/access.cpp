// access codes, bindings, alarms, keys; peers.
#include "platform/access/bindings.hpp"
#include "platform/access/keys.hpp"
#include "platform/admin/handlers.hpp"
#include "platform/admin/peers.hpp"
#include "wire/encoding.hpp"

namespace tf::platform::admin {
namespace {

constexpr std::int64_t kBindingsPage = 200;

}  // namespace

Result<HttpResponse> access_code(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const std::string service = TF_TRY(body.text("service", 32));
  const std::string did = TF_TRY(body.text("did", access::kDidMax));
  const std::string msisdn = TF_TRY(body.optional_text("msisdn", 15)).value_or("");
  const std::int64_t minutes = body.has("minutes") ? TF_TRY(body.integer("minutes", 1, 90 * 24 * 60)) : 24 * 60;
  TF_CHECK(body.finish());
  const IssuedCode issued = TF_TRY(issue_access_code(context, call.actor(), {service, did, msisdn, minutes}));
  wire::JsonWriter writer;
  writer.begin_object().member("service", service).member("did", did).member("code", issued.code).member("ends_ms", issued.ends_ms).end_object();
  return json_reply(writer);
}

Result<HttpResponse> access_bindings(Context& context, const AdminCall& call) {
  const auto entries = TF_TRY(list_bindings(context, TF_TRY(query_value(call, "after", "")), kBindingsPage));
  wire::JsonWriter writer;
  writer.begin_object().key("bindings").begin_array();
  for (const BindingEntry& entry : entries) {
    writer.begin_object().member("key_id", entry.key_id).member("service", entry.service).member("did", entry.did).member("msisdn", entry.msisdn);
    writer.member("status", entry.status).member("info", entry.info).member("created_ms", entry.created_ms).member("ends_ms", entry.ends_ms);
    if (entry.authenticated_ms) writer.member("authenticated_ms", *entry.authenticated_ms);
    writer.end_object();
  }
  writer.end_array();
  if (static_cast<std::int64_t>(entries.size()) == kBindingsPage) writer.member("next_after", entries.back().key_id);
  writer.end_object();
  return json_reply(writer);
}

Result<HttpResponse> access_revoke(Context& context, const AdminCall& call) {
  TF_CHECK(revoke_binding(context, call.actor(), call.words[0]));
  return access_bindings(context, call);
}

Result<HttpResponse> access_alarms(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("alarms").begin_array();
  for (const AlarmEntry& entry : TF_TRY(list_alarms(context, kBindingsPage))) {
    writer.begin_object().member("id", entry.id).member("at_ms", entry.at_ms).member("kind", entry.kind).member("service", entry.service);
    writer.member("did", entry.did).member("msisdn", entry.msisdn).member("state", entry.state).end_object();
  }
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> access_approve(Context& context, const AdminCall& call) {
  TF_CHECK(approve_alarm(context, call.actor(), call.words[0]));
  return access_alarms(context, call);
}

Result<HttpResponse> access_keys(Context& context, const AdminCall&) {
  return HttpResponse{.status = 200, .body = TF_TRY(access_key_set(context.vault)), .headers = {}};
}

Result<HttpResponse> access_rotate(Context& context, const AdminCall& call) {
  TF_CHECK(rotate_access_keys(context.vault, context.clock.now_ms()));
  TF_CHECK(perform_act(context, {call.actor(), "access.rotate", "platform keys"}, [](store::Session&) -> Status { return {}; }));
  return access_keys(context, call);
}

Result<HttpResponse> peers_list(Context& context, const AdminCall&) {
  wire::JsonWriter writer;
  writer.begin_object().key("peers").begin_array();
  for (const Peer& peer : TF_TRY(list_peers(context)))
    writer.begin_object().member("name", peer.name).member("kind", name_of(peer.kind)).member("revoked", peer.revoked).end_object();
  writer.end_array().end_object();
  return json_reply(writer);
}

Result<HttpResponse> peers_enrol(Context& context, const AdminCall& call) {
  auto body = TF_TRY(json_body(call));
  const Peer peer{TF_TRY(body.text("name", 64)), TF_TRY(parse_peer_kind(TF_TRY(body.text("kind", 16))))};
  const Bytes request = TF_TRY(wire::from_base64(TF_TRY(body.text("request", 8192))));
  TF_CHECK(body.finish());
  const Bytes certificate = TF_TRY(enrol_peer(context, call.actor(), peer, request));
  wire::JsonWriter writer;
  writer.begin_object().member("name", peer.name).member("certificate", wire::base64(certificate)).end_object();
  return json_reply(writer);
}

Result<HttpResponse> peers_revoke(Context& context, const AdminCall& call) {
  TF_CHECK(revoke_peer(context, call.actor(), call.words[0]));
  return peers_list(context, call);
}

}  // namespace tf::platform::admin
