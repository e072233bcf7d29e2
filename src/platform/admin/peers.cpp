#include "platform/admin/peers.hpp"

#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

std::string fingerprint_of(ByteView certificate) { return wire::hex_lower(crypto::sha256(certificate)); }

}  // namespace

std::string_view name_of(PeerKind kind) { return kind == PeerKind::gateway ? "gateway" : "service"; }

Result<PeerKind> parse_peer_kind(std::string_view name) {
  for (const auto kind : {PeerKind::gateway, PeerKind::service})
    if (name == name_of(kind)) return kind;
  return Error{Code::invalid, "peers.kind", "a peer is a gateway or a service, not " + log::quoted(name)};
}

Result<std::optional<Peer>> find_peer(store::Session& session, const std::optional<Bytes>& client_certificate) {
  std::optional<Peer> out;
  if (!client_certificate) return out;
  const std::string fingerprint = fingerprint_of(*client_certificate);
  TF_CHECK(session.query("SELECT name, kind FROM peers WHERE fingerprint = $1 AND revoked = 0", {std::string_view(fingerprint)},
                         [&](const store::Row& row) -> Status {
                           out = Peer{row.text(0), TF_TRY(parse_peer_kind(row.text(1))), false};
                           return {};
                         }));
  return out;
}

Result<std::vector<Peer>> list_peers(Context& context) {
  std::vector<Peer> out;
  TF_CHECK(context.database.read([&](store::Session& session) -> Status {
    return session.query("SELECT name, kind, revoked FROM peers ORDER BY name", {}, [&](const store::Row& row) -> Status {
      out.push_back({row.text(0), TF_TRY(parse_peer_kind(row.text(1))), row.integer(2) != 0});
      return {};
    });
  }));
  return out;
}

Result<Bytes> enrol_peer(Context& context, const std::string& actor, const Peer& peer, ByteView request) {
  const Bytes certificate = TF_TRY(context.certificates.issue_operator(context.vault, context.random, context.clock.now_ms(), peer.name, request));
  const std::string fingerprint = fingerprint_of(certificate);
  TF_CHECK(perform_act(context, {actor, "peers.enrol", peer.name, R"({"kind":")" + std::string(name_of(peer.kind)) + "\"}"},
                       [&](store::Session& session) -> Status {
                         TF_TRY(session.execute("INSERT INTO peers (fingerprint, name, kind) VALUES ($1, $2, $3)",
                                                {std::string_view(fingerprint), std::string_view(peer.name), name_of(peer.kind)}));
                         return {};
                       }));
  return certificate;
}

Status revoke_peer(Context& context, const std::string& actor, const std::string& name) {
  return perform_act(context, {actor, "peers.revoke", name}, [&](store::Session& session) -> Status {
    const auto changed = TF_TRY(session.execute("UPDATE peers SET revoked = 1 WHERE name = $1 AND revoked = 0", {std::string_view(name)}));
    if (changed == 1) return {};
    return Error{Code::not_found, "peers.unknown", "no peer " + log::quoted(name) + " in service"};
  });
}

}  // namespace tf::platform
