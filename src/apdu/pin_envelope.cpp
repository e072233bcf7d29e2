#include "apdu/pin_envelope.hpp"

#include <algorithm>

#include "apdu/tlv.hpp"
#include "crypto/aead.hpp"
#include "crypto/digest.hpp"

namespace tf::apdu {
namespace {

constexpr std::string_view kLabel = "cardsign pin";
constexpr std::string_view kInfo = "cardsign pin envelope";
constexpr std::size_t kTagSize = 16;
enum : std::uint32_t { kLabelTag = 0x80, kSerial, kContainer, kPin, kBinding, kNonceTag, kPuk };

Secret<32> envelope_key(const Secret<32>& agreed, const CardNonce& nonce, ByteView ephemeral, ByteView channel) {
  Bytes context = to_bytes(ephemeral);
  append(context, channel);
  return crypto::hkdf_expand<32>(crypto::hkdf_extract(nonce, agreed.reveal()), kInfo, context);
}

SecretBytes encode(const PinLetter& letter) {
  TlvWriter out;
  out.put(kLabelTag, as_bytes(kLabel)).put(kSerial, as_bytes(letter.serial)).put(kContainer, ByteView(&letter.container, 1));
  out.put(kPin, letter.pin.reveal()).put(kBinding, letter.bound_to).put(kNonceTag, letter.nonce);
  if (letter.puk) out.put(kPuk, letter.puk->reveal());
  Bytes octets = out.take();
  SecretBytes kept{ByteView(octets)};
  wipe(octets.data(), octets.size());
  return kept;
}

template <std::size_t N>
Result<std::span<const std::uint8_t, N>> sized(TlvReader& reader, std::uint32_t tag) {
  const ByteView value = TF_TRY(reader.expect(tag));
  if (value.size() != N) return Error{Code::malformed, "cardsign.envelope", "a member of another size"};
  return value.first<N>();
}

Result<PinLetter> decode(const SecretBytes& plain) {
  PinLetter out;
  TlvReader reader(plain.reveal());
  if (as_text(TF_TRY(reader.expect(kLabelTag))) != kLabel) return Error{Code::malformed, "cardsign.envelope", "another label"};
  out.serial = std::string(as_text(TF_TRY(reader.expect(kSerial))));
  out.container = TF_TRY(sized<1>(reader, kContainer))[0];
  out.pin = PinBlock8(TF_TRY(sized<8>(reader, kPin)));
  std::ranges::copy(TF_TRY(sized<32>(reader, kBinding)), out.bound_to.begin());
  std::ranges::copy(TF_TRY(sized<16>(reader, kNonceTag)), out.nonce.begin());
  if (!reader.at_end()) out.puk = PinBlock8(TF_TRY(sized<8>(reader, kPuk)));
  TF_CHECK(reader.finish());
  return out;
}

}  // namespace

Result<PinBlock8> pin_block(std::string_view text) {
  if (text.size() < 4 || text.size() > 8 || !std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; }))
    return Error{Code::invalid, "cardsign.pin", "4 to 8 characters of ASCII"};
  PinBlock8 out;
  std::ranges::fill(out.reveal_mutable(), std::uint8_t{0xFF});
  std::ranges::copy(as_bytes(text), out.reveal_mutable().begin());
  return out;
}

Hash256 unblock_binding() { return crypto::sha256(as_bytes("cardsign unblock")); }

Result<Bytes> seal_pin(const PinLetter& letter, const crypto::PublicKey& channel) {
  if (channel.kind() != crypto::KeyKind::p256) return Error{Code::invalid, "cardsign.channel_key", "not a P-256 key"};
  const auto ephemeral = crypto::PrivateKey::generate_p256();
  const crypto::EcPoint point = ephemeral.public_key().point();
  const Secret<32> agreed = TF_TRY(crypto::ecdh_p256(ephemeral, channel));
  const SecretBytes plain = encode(letter);
  const auto sealed = crypto::aes256_gcm_seal(envelope_key(agreed, letter.nonce, point, channel.point()), {}, {}, plain.reveal());
  Bytes out = to_bytes(point);
  append(out, sealed.ciphertext);
  append(out, sealed.tag);
  return out;
}

Result<PinLetter> open_pin(ByteView envelope, const crypto::EcPoint& channel, const CardNonce& nonce, const Agree& agree) {
  const Error refused{Code::refused, "cardsign.envelope", "not an envelope for this key and nonce"};
  if (envelope.size() < 65 + kTagSize || envelope.size() > kMaxPinEnvelope) return refused;
  const auto peer = crypto::PublicKey::from_point(envelope.first(65));
  if (!peer) return refused;
  const auto agreed = agree(*peer);
  if (!agreed) return refused;
  const ByteView sealed = envelope.subspan(65);
  const auto plain = crypto::aes256_gcm_open(envelope_key(*agreed, nonce, envelope.first(65), channel), ByteArray<12>{}, {},
                                             sealed.first(sealed.size() - kTagSize), sealed.last(kTagSize));
  if (!plain) return refused;
  auto letter = decode(*plain);
  if (!letter) return refused;
  return letter;
}

bool matches(const PinLetter& letter, std::string_view serial, std::uint8_t container, const Hash256& bound_to, const CardNonce& nonce, bool with_puk) {
  return letter.serial == serial && letter.container == container && letter.bound_to == bound_to && letter.nonce == nonce && letter.puk.has_value() == with_puk;
}

}  // namespace tf::apdu
