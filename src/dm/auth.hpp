// syncml:auth-MAC: each message has the MAC of its whole body in the transport header x-syncml-hmac,
//   mac = B64(H(B64(H(name:password)):nonce:B64(H(body)))), H = MD5, the nonce as bytes,
// made with the nonce that the other side issued in its message before (Chal, NextNonce). MD5 is for interoperability; TLS and
// the seals on what is delivered carry the security. Other forms (basic, auth-md5) are not spoken.
// Source: OMA-TS-DM_Security-V1_2 §5.4.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/md5.hpp"

namespace tf::dm {

inline constexpr std::string_view kMacHeader = "x-syncml-hmac";
inline constexpr std::size_t kNonceSize = 16;  // bytes, of the nonces we issue

// One direction's name and H(name:password), which is all that is needed of the password.
struct Credential {
  std::string name;
  Secret<16> key;

  [[nodiscard]] Credential clone() const { return {name, key.clone()}; }
};
// Code::invalid "dm.name": the name is empty, longer than 255 characters, or has one that a quoted string cannot hold plainly.
Result<Credential> make_credential(std::string name, const SecretBytes& password);

// What a side keeps between sessions about one peer. Empty: none yet.
struct Nonces {
  Bytes send;    // the peer issued it; for our next MAC
  Bytes expect;  // we issued it; the peer's next MAC is made with it

  friend bool operator==(const Nonces&, const Nonces&) = default;
};
Bytes new_nonce(Random& random);

// A message on its way: the body and the value of x-syncml-hmac (empty: the header is not sent).
struct Envelope {
  std::string body;
  std::string mac;

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

// H(B64(key):nonce:B64(H(data))), the digest of messages and of notifications.
crypto::Md5Digest digest_of(const Credential& credential, ByteView nonce, ByteView data);
// The header's value; empty without a nonce.
std::string mac_header(const Credential& credential, ByteView nonce, std::string_view body);
enum class Proof { missing, wrong, good };
// Proof::good when the header is of that name and its MAC is right; constant time in the MAC.
Proof prove(const Envelope& envelope, const Credential& credential, ByteView nonce);
// The name a header says; Code::malformed "dm.mac_header".
Result<std::string> claimed_name(std::string_view mac_header);

}  // namespace tf::dm
