// SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC 2104), HKDF-SHA256 (RFC 5869).
#pragma once
#include <initializer_list>
#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

Hash256 sha256(ByteView data);
Hash256 sha256(std::initializer_list<ByteView> parts);  // of the parts one after another

Hash256 hmac_sha256(ByteView key, ByteView data);
// True when mac is the HMAC of data; constant time.
bool verify_hmac_sha256(ByteView key, ByteView data, ByteView mac);

Secret<32> hkdf_extract(ByteView salt, ByteView input_key);
// info = label ‖ context: the label says what the key is for, the context binds it to one conversation.
void hkdf_expand(ByteView prk, std::string_view label, ByteView context, MutableByteView out);
template <std::size_t N>
Secret<N> hkdf_expand(const Secret<32>& prk, std::string_view label, ByteView context = {}) {
  Secret<N> out;
  hkdf_expand(prk.reveal(), label, context, out.reveal_mutable());
  return out;
}

}  // namespace tf::crypto
