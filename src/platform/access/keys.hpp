// The platform's own keys for access, in the vault: what terminals encrypt to (P-256 and RSA) and what signs tickets. The
// name of a key is its kid. The newest is handed out; older ones keep working while they are in the vault.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "vault/vault.hpp"

namespace tf::platform {

// Makes what is missing.
Status ensure_access_keys(vault::Vault& vault);
// A new key of each kind beside the old ones.
Status rotate_access_keys(vault::Vault& vault, std::int64_t now_ms);
// For a kid that terminals encrypt to; nothing for any other name.
std::optional<std::pair<std::string, crypto::KeyKind>> access_platform_key(const vault::Vault& vault, std::string_view kid);
Result<std::string> newest_ticket_key(const vault::Vault& vault);
// RFC 7517 sets: the keys to encrypt to, and those to verify tickets with.
Result<std::string> access_key_set(const vault::Vault& vault);
Result<std::string> ticket_key_set(const vault::Vault& vault);

}  // namespace tf::platform
