// Text forms of bytes: hex, base64 (RFC 4648 §4) and base64url without padding (§5). Decoders accept exactly one
// spelling of each value (hex: either case) and refuse everything else with Code::malformed.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::wire {

std::string hex_upper(ByteView bytes);
std::string hex_lower(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);
Result<SecretBytes> secret_from_hex(std::string_view text);

std::string base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);
std::string base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

}  // namespace tf::wire
