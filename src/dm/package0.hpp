// Package 0: the notification by which a server asks a device to begin a session; it travels by SMS or another push way as
// application/vnd.syncml.notification. Whoever can hear one may send it again: a device runs one session for a session id, and the
// nonce in its digest is renewed by the session.
//
//   digest (16) ‖ version (10 bits) ui-mode (2) initiator (1) future (27) session id (16) length (8) ‖ server id ‖ vendor's bytes
//   digest = H(B64(H(server id:password)):nonce:B64(H(all after the digest))), H = MD5
// Errors: Code::malformed "dm.notification", Code::refused "dm.notification_digest", Code::invalid "dm.notification" when encoding.
// Source: OMA-TS-DM_Notification-V1_2 §6.2.
#pragma once
#include <string>

#include "dm/auth.hpp"

namespace tf::dm {

enum class UiMode : std::uint8_t { not_specified, background, informative, interaction };

struct Notification {
  std::uint16_t version = 11;  // tenths: 1.1, what DM 1.2 says
  UiMode ui_mode = UiMode::not_specified;
  bool by_server = true;       // who wanted the session
  std::uint16_t session = 0;   // 1 … 65535
  std::string server;          // server identifier, 1 … 255 visible characters
  Bytes vendor;                // at most 1,024 bytes

  friend bool operator==(const Notification&, const Notification&) = default;
};

// The session id as SyncHdr has it: upper-case hex without leading zeros.
std::string session_text(std::uint16_t session);

// server.name is the notification's server identifier.
Result<Bytes> encode(const Notification& notification, const Credential& server, ByteView nonce);
// What it says, before anybody proved anything: to find the server's credential by its identifier.
Result<Notification> decode_notification(ByteView bytes);
Result<Notification> open_notification(ByteView bytes, const Credential& server, ByteView nonce);

}  // namespace tf::dm
