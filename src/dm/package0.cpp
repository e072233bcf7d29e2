#include "dm/package0.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tf::dm {
namespace {

constexpr std::size_t kDigest = 16;
constexpr std::size_t kHeader = 8;
constexpr std::size_t kMostVendor = 1'024;
constexpr std::uint16_t kVersion = 11;

bool sound(const Notification& notification) {
  const bool visible = std::ranges::all_of(notification.server, [](char each) { return each > 0x20 && each < 0x7F; });
  return notification.version == kVersion && notification.session != 0 && !notification.server.empty() && notification.server.size() <= 255 && visible &&
         notification.vendor.size() <= kMostVendor;
}

}  // namespace

std::string session_text(std::uint16_t session) { return fmt::format("{:X}", session); }

Result<Bytes> encode(const Notification& notification, const Credential& server, ByteView nonce) {
  if (!sound(notification) || server.name != notification.server || nonce.empty()) return Error{Code::invalid, "dm.notification", notification.server};
  const std::uint64_t header = std::uint64_t{notification.version} << 54U | std::uint64_t{static_cast<std::uint8_t>(notification.ui_mode)} << 52U |
                               std::uint64_t{notification.by_server} << 51U | std::uint64_t{notification.session} << 8U | notification.server.size();
  Bytes trigger;
  for (int shift = 56; shift >= 0; shift -= 8) trigger.push_back(static_cast<std::uint8_t>(header >> shift));
  append(trigger, as_bytes(notification.server));
  append(trigger, notification.vendor);
  Bytes out = to_bytes(digest_of(server, nonce, trigger));
  append(out, trigger);
  return out;
}

Result<Notification> decode_notification(ByteView bytes) {
  const Error malformed{Code::malformed, "dm.notification", ""};
  if (bytes.size() < kDigest + kHeader) return malformed;
  std::uint64_t header = 0;
  for (const std::uint8_t each : bytes.subspan(kDigest, kHeader)) header = header << 8U | each;
  const ByteView rest = bytes.subspan(kDigest + kHeader);
  const std::size_t length = header & 0xFFU;
  if (length > rest.size() || (header >> 24U & 0x7FF'FFFFU) != 0) return malformed;  // the bits kept for later are zero
  Notification out{.version = static_cast<std::uint16_t>(header >> 54U), .ui_mode = static_cast<UiMode>(header >> 52U & 3U),
                   .by_server = (header >> 51U & 1U) != 0, .session = static_cast<std::uint16_t>(header >> 8U),
                   .server = std::string(as_text(rest.first(length))), .vendor = to_bytes(rest.subspan(length))};
  if (!sound(out)) return malformed;
  return out;
}

Result<Notification> open_notification(ByteView bytes, const Credential& server, ByteView nonce) {
  Notification out = TF_TRY(decode_notification(bytes));
  const bool good = out.server == server.name && !nonce.empty() &&
                    equal_in_constant_time(bytes.first(kDigest), digest_of(server, nonce, bytes.subspan(kDigest)));
  if (!good) return Error{Code::refused, "dm.notification_digest", out.server};
  return out;
}

}  // namespace tf::dm
