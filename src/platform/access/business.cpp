#include "platform/access/business.hpp"

#include <algorithm>

#include "crypto/jose/jose.hpp"
#include "net/problem.hpp"
#include "platform/access/bindings.hpp"
#include "platform/admin/peers.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

using wire::JsonObject;
using wire::JsonWriter;

Result<Peer> business_peer(Context& context, const wire::HttpRequest& request) {
  std::optional<Peer> peer;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    peer = TF_TRY(find_peer(session, request.client_certificate));
    return {};
  }));
  if (!request.client_certificate) return Error{Code::denied, net::kNoCredentials, "this needs the client certificate of a business service"};
  if (!peer || peer->kind != PeerKind::service) return Error{Code::denied, "access.no_service", "the certificate is of no business service"};
  return std::move(*peer);
}

bool is_client(const AccessSettings& settings, const std::string& service, const std::string& peer) {
  const auto found = settings.services.find(service);
  return found != settings.services.end() && std::ranges::find(found->second.clients, peer) != found->second.clients.end();
}

Result<std::string> service_key(Context& context, const AccessSettings& settings, const Peer& peer, JsonObject& body) {
  const std::string key_id = TF_TRY(body.text("key_id", 64));
  TF_CHECK(body.finish());
  const auto key = living_access_key(context, key_id);
  if (!key && key.error().code != Code::refused) return key.error();
  if (!key || !is_client(settings, key->service, peer.name))
    return Error{Code::denied, "access.not_a_client", "no such key, or the service's policy does not name this client"};
  const auto spec = access::dkey_spec(key->suite);
  const auto row = access::dkey_row(key->key_id);
  const auto derived = TF_TRY(context.vault.hkdf_sha256(vault::WrappedRef{key->wrapped, spec, row}, as_bytes(key->key_id), access::label::service, as_bytes(peer.name)));
  // Audited before it leaves.
  TF_CHECK(perform_act(context, {"service:" + peer.name, "access.service_key", key->did, R"({"key_id":")" + key->key_id + "\"}"},
                       [](store::Session&) -> Status { return {}; }));
  std::string text = wire::base64url(derived.reveal());
  JsonWriter writer;
  writer.begin_object().member("key", text).member("key_time", key->ends_ms).member("service", key->service).end_object();
  wipe(text.data(), text.size());
  return writer.take();
}

// The claims of one of our own tickets that is still good, else nothing: RFC 7662 §2.2 says no more than "not active".
Result<std::string> introspect(Context& context, const AccessSettings& settings, const Peer& peer, JsonObject& body) {
  const std::string inactive = R"({"active":false})";
  const std::string token = TF_TRY(body.text("token", 8192));
  TF_CHECK(body.finish());
  const auto kid = crypto::jws_kid(token);
  if (!kid || !kid->starts_with("access.ticket.")) return inactive;
  const auto key = context.vault.public_key(*kid);
  if (!key) return inactive;
  const auto payload = crypto::jwt_verify_es256(*key, access::typ::jwt, *kid, token);
  if (!payload) return inactive;
  auto claims = TF_TRY(JsonObject::parse(*payload));
  const auto binding = living_access_key(context, TF_TRY(claims.text("sub", 64)));
  if (!binding && binding.error().code != Code::refused) return binding.error();
  if (TF_TRY(claims.integer("exp", 0, INT64_MAX)) <= context.clock.now_ms() / 1000 || !binding || !is_client(settings, binding->service, peer.name)) return inactive;
  return R"({"active":true,)" + payload->substr(1);
}

}  // namespace

Result<std::string> serve_business(Context& context, const AccessSettings& settings, const wire::HttpRequest& request) {
  const Peer peer = TF_TRY(business_peer(context, request));
  if (request.content_type != "application/json") return Error{Code::invalid, "access.content_type", "the body must be application/json"};
  auto body = TF_TRY(JsonObject::parse(request.body));
  return request.path == "/access/v1/introspect" ? introspect(context, settings, peer, body) : service_key(context, settings, peer, body);
}

}  // namespace tf::platform
