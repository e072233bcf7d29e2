// Machines that call the platform with a client certificate of the operations CA: gateways, business services.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/context.hpp"

namespace tf::platform {

enum class PeerKind { gateway, service };
std::string_view name_of(PeerKind kind);
Result<PeerKind> parse_peer_kind(std::string_view name);  // Code::invalid "peers.kind"

struct Peer {
  std::string name;
  PeerKind kind;
  bool revoked = false;
};
// The peer behind a client certificate; nothing for strangers and revoked ones.
Result<std::optional<Peer>> find_peer(store::Session& session, const std::optional<Bytes>& client_certificate);
Result<std::vector<Peer>> list_peers(Context& context);
// Issues a certificate for the key in the request; DER. Code::conflict when the name is taken.
Result<Bytes> enrol_peer(Context& context, const std::string& actor, const Peer& peer, ByteView request);
Status revoke_peer(Context& context, const std::string& actor, const std::string& name);

}  // namespace tf::platform
