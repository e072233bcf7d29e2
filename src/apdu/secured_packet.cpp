#include "apdu/secured_packet.hpp"

#include <algorithm>

#include "crypto/block_cipher.hpp"

namespace tf::apdu::ota {
namespace {

using crypto::BlockCipher;
using crypto::Direction;

constexpr std::size_t kChecksum = 8;
constexpr std::uint8_t kSpi1 = 0x16;   // cryptographic checksum, ciphering, counter higher than before
constexpr std::uint8_t kSpi2 = 0x19;   // proof of receipt always, with a checksum, ciphered
constexpr std::uint8_t kAes = 0x02;    // low half of KIc (AES-CBC) and KID (AES-CMAC)
constexpr std::uint8_t kCommandHeader = 0x0D + kChecksum;   // SPI to CC
constexpr std::uint8_t kResponseHeader = 0x0A + kChecksum;  // TAR to CC
constexpr std::array<std::uint8_t, 3> kResponseIdentifier = {0x02, 0x71, 0x00};

Error malformed(const char* reason, const char* what) { return Error{Code::malformed, reason, what}; }

void put_two(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put_counter(Bytes& out, std::uint64_t counter) {
  for (int shift = 32; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(counter >> shift));
}

std::uint64_t counter_of(ByteView octets) {
  std::uint64_t out = 0;
  for (const std::uint8_t octet : octets) out = out << 8 | octet;
  return out;
}

Bytes checksum(const Keys& keys, std::initializer_list<ByteView> parts) {
  Bytes data;
  for (const ByteView part : parts) append(data, part);
  Bytes out(16);
  crypto::cmac_each(BlockCipher::aes, keys.kid.reveal(), {data}, out);
  out.resize(kChecksum);
  return out;
}

// head (what is not ciphered, lengths included) and the ciphered counter, [status,] checksum and data. begin: what the checksum also covers.
struct Body {
  std::uint64_t counter = 0;
  std::optional<std::uint8_t> status = {};
  ByteView data = {};
};

Result<Bytes> seal(ByteView begin, ByteView head, const Body& body, const Keys& keys) {
  const std::size_t before = 6 + (body.status ? 1 : 0) + kChecksum;
  const std::size_t padding = (16 - (before + body.data.size()) % 16) % 16;
  Bytes data = to_bytes(body.data);
  data.resize(data.size() + padding);
  Bytes plain;
  put_counter(plain, body.counter);
  plain.push_back(static_cast<std::uint8_t>(padding));
  if (body.status) plain.push_back(*body.status);
  Bytes whole;
  put_two(whole, head.size() + before + data.size());
  append(whole, head);
  const Bytes cc = checksum(keys, {begin, whole, plain, data});
  append(plain, cc);
  append(plain, data);
  append(whole, TF_TRY(crypto::cbc(BlockCipher::aes, Direction::encrypt, keys.kic.reveal(), ByteArray<16>{}, plain)).reveal());
  return whole;
}

struct Opened {
  std::uint64_t counter = 0;
  std::uint8_t status = 0;
  Bytes data = {};
};

Result<Opened> open(ByteView begin, ByteView whole, std::size_t head, bool with_status, const Keys& keys) {
  const ByteView sealed = whole.subspan(head);
  const std::size_t fixed = 6 + (with_status ? 1 : 0);
  if (sealed.size() < fixed + kChecksum || sealed.size() % 16 != 0) return Error{Code::refused, "ota.ciphering", "not whole blocks"};
  const SecretBytes plain = TF_TRY(crypto::cbc(BlockCipher::aes, Direction::decrypt, keys.kic.reveal(), ByteArray<16>{}, sealed));
  const ByteView octets = plain.reveal();
  const ByteView data = octets.subspan(fixed + kChecksum);
  const Bytes expected = checksum(keys, {begin, whole.first(head), octets.first(fixed), data});
  if (!equal_in_constant_time(expected, octets.subspan(fixed, kChecksum))) return Error{Code::refused, "ota.checksum", "the checksum is wrong"};
  const std::size_t padding = octets[5];
  if (padding > 15 || padding > data.size()) return Error{Code::refused, "ota.ciphering", "more padding than a block"};
  return Opened{counter_of(octets.first(5)), with_status ? octets[6] : std::uint8_t{0}, to_bytes(data.first(data.size() - padding))};
}

Error wrong_keys() { return Error{Code::invalid, "ota.packet", "keys of no AES size, or a content too large"}; }

}  // namespace

bool Keys::valid() const {
  return crypto::valid_key_size(BlockCipher::aes, kic.size()) && crypto::valid_key_size(BlockCipher::aes, kid.size()) && index >= 1 && index <= 15;
}

std::string_view name_of(ResponseStatus status) {
  switch (status) {
    case ResponseStatus::ok: return "ok";
    case ResponseStatus::checksum_failed: return "checksum_failed";
    case ResponseStatus::counter_low: return "counter_low";
    case ResponseStatus::counter_high: return "counter_high";
    case ResponseStatus::counter_blocked: return "counter_blocked";
    case ResponseStatus::ciphering_error: return "ciphering_error";
    case ResponseStatus::unidentified_security_error: return "unidentified_security_error";
    case ResponseStatus::insufficient_memory: return "insufficient_memory";
    case ResponseStatus::tar_unknown: return "tar_unknown";
    case ResponseStatus::insufficient_security: return "insufficient_security";
  }
  return "unknown";
}

Result<Bytes> seal_command(const CommandPacket& packet, const Keys& keys) {
  if (!keys.valid() || packet.counter > kMaxCounter || packet.data.empty() || packet.data.size() > kMaxPacket - 64) return wrong_keys();
  const auto key = static_cast<std::uint8_t>(keys.index << 4 | kAes);
  Bytes head{kCommandHeader, kSpi1, kSpi2, key, key};
  append(head, packet.tar);
  return seal({}, head, {packet.counter, {}, packet.data}, keys);
}

Result<CommandPacket> open_command(ByteView octets, const Keys& keys) {
  constexpr std::size_t kHead = 10;  // CPL to TAR
  if (!keys.valid()) return wrong_keys();
  if (octets.size() < kHead || octets.size() > kMaxPacket) return malformed("ota.packet", "no command packet");
  if (counter_of(octets.first(2)) != octets.size() - 2) return malformed("ota.packet", "CPL does not fit");
  const auto key = static_cast<std::uint8_t>(keys.index << 4 | kAes);
  if (octets[2] != kCommandHeader || octets[3] != kSpi1 || octets[4] != kSpi2 || octets[5] != key || octets[6] != key)
    return Error{Code::refused, "ota.security", "checksum, ciphering, counter and proof are asked for, by AES"};
  Opened opened = TF_TRY(open({}, octets, kHead, false, keys));
  CommandPacket out{.tar = {octets[7], octets[8], octets[9]}, .counter = opened.counter, .data = std::move(opened.data)};
  return out;
}

ResponseStatus status_for(const Error& error) {
  const std::string_view reason = error.reason;
  if (reason == "ota.checksum") return ResponseStatus::checksum_failed;
  if (reason == "ota.ciphering") return ResponseStatus::ciphering_error;
  if (reason == "ota.security") return ResponseStatus::insufficient_security;
  return ResponseStatus::unidentified_security_error;
}

Result<Bytes> seal_response(const ResponsePacket& packet, const Keys& keys) {
  if (!keys.valid() || packet.counter > kMaxCounter || packet.data.size() > kMaxPacket - 64) return wrong_keys();
  Bytes head{kResponseHeader};
  append(head, packet.tar);
  Bytes out = to_bytes(kResponseIdentifier);
  append(out, TF_TRY(seal(kResponseIdentifier, head, {packet.counter, static_cast<std::uint8_t>(packet.status), packet.data}, keys)));
  return out;
}

Result<ResponsePacket> open_response(ByteView octets, const Keys& keys, const Tar& tar, std::uint64_t counter) {
  constexpr std::size_t kHead = 6;  // RPL to TAR
  if (!keys.valid()) return wrong_keys();
  if (octets.size() < 3 + kHead || octets.size() > kMaxPacket || !std::ranges::equal(octets.first(3), kResponseIdentifier))
    return malformed("ota.response", "no response packet");
  const ByteView whole = octets.subspan(3);
  if (counter_of(whole.first(2)) != whole.size() - 2) return malformed("ota.response", "RPL does not fit");
  const Error unproved{Code::refused, "ota.proof", "it proves nothing"};
  if (whole[2] != kResponseHeader || !std::ranges::equal(whole.subspan(3, 3), tar)) return unproved;
  auto opened = open(kResponseIdentifier, whole, kHead, true, keys);
  if (!opened || opened->counter != counter) return unproved;
  return ResponsePacket{tar, opened->counter, static_cast<ResponseStatus>(opened->status), std::move(opened->data)};
}

Bytes plain_response(const Tar& tar, ResponseStatus status) {
  Bytes out = to_bytes(kResponseIdentifier);
  put_two(out, 11);
  out.push_back(0x0A);
  append(out, tar);
  out.resize(out.size() + 6);  // counter and padding are nought
  out.push_back(static_cast<std::uint8_t>(status));
  return out;
}

}  // namespace tf::apdu::ota
