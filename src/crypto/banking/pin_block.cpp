#include "crypto/banking/pin_block.hpp"

#include <algorithm>
#include <functional>

#include "crypto/block_cipher.hpp"

namespace tf::crypto {
namespace {

using Nibbles = Secret<16>;  // one nibble an octet: the first 8 octets of a PIN field

const Error kBadBlock{Code::refused, "crypto.pin_block", "the PIN block does not open"};

bool digits(const SecretBytes& text, std::size_t min, std::size_t max) {
  unsigned bad = 0;
  for (const std::uint8_t c : text.reveal()) bad |= static_cast<unsigned>(c < '0') | static_cast<unsigned>(c > '9');
  return bad == 0 && text.size() >= min && text.size() <= max;
}

Status check_pin(const SecretBytes& pin) {
  if (digits(pin, kMinPin, kMaxPin)) return {};
  return Error{Code::invalid, "crypto.pin", "a PIN has 4 to 12 digits"};
}

Status check_pan(const SecretBytes& pan) {
  if (digits(pan, kMinPan, kMaxPan)) return {};
  return Error{Code::invalid, "crypto.pan", "an account number has 8 to 19 digits"};
}

// Two nibbles to an octet; out has half the size of in.
void pack(ByteView in, MutableByteView out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(in[2 * i] << 4 | in[2 * i + 1]);
}

void unpack(ByteView in, MutableByteView out) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[2 * i] = in[i] >> 4;
    out[2 * i + 1] = in[i] & 0x0f;
  }
}

void add(SecretBytes& block, const SecretBytes& other) {
  std::ranges::transform(block.reveal(), other.reveal(), block.reveal_mutable().begin(), std::bit_xor<std::uint8_t>());
}

// Control, length, PIN, fill; the fill of each place comes from the caller.
template <class Fill>
void write_pin(std::uint8_t control, const SecretBytes& pin, Fill fill, MutableByteView octets) {
  Nibbles nibbles;
  const auto out = nibbles.reveal_mutable();
  out[0] = control;
  out[1] = static_cast<std::uint8_t>(pin.size());
  for (std::size_t i = 2; i < 16; ++i)
    out[i] = i - 2 < pin.size() ? static_cast<std::uint8_t>(pin.reveal()[i - 2] - '0') : fill();
  pack(nibbles.reveal(), octets);
}

// The PIN of 8 octets. Every nibble is looked at; where the first wrong one stands does not show in the time it takes.
Result<SecretBytes> read_pin(std::uint8_t control, std::uint8_t least_fill, std::uint8_t most_fill, ByteView octets) {
  Nibbles nibbles;
  unpack(octets, nibbles.reveal_mutable());
  const auto in = nibbles.reveal();
  const unsigned size = in[1];
  unsigned bad = static_cast<unsigned>(in[0] ^ control) | static_cast<unsigned>(size < kMinPin) | static_cast<unsigned>(size > kMaxPin);
  SecretBytes pin(kMaxPin);
  for (unsigned i = 0; i < 14; ++i) {
    const unsigned nibble = in[i + 2];
    const unsigned is_fill = static_cast<unsigned>(i >= size);
    const unsigned bad_digit = static_cast<unsigned>(nibble > 9);
    const unsigned bad_fill = static_cast<unsigned>(nibble < least_fill) | static_cast<unsigned>(nibble > most_fill);
    bad |= (is_fill & bad_fill) | ((1U - is_fill) & bad_digit);
    if (i < kMaxPin) pin.reveal_mutable()[i] = static_cast<std::uint8_t>('0' + nibble);
  }
  if (bad != 0) return kBadBlock;
  pin.shorten(size);
  return pin;
}

// 0000 and the 12 rightmost digits without the check digit, 8 octets.
Result<SecretBytes> account_field(const SecretBytes& pan) {
  TF_CHECK(check_pan(pan));
  Nibbles nibbles;
  const ByteView body = pan.reveal().first(pan.size() - 1);
  const std::size_t count = std::min<std::size_t>(body.size(), 12);
  const auto out = nibbles.reveal_mutable();
  for (std::size_t i = 0; i < count; ++i) out[16 - count + i] = body[body.size() - count + i] - '0';
  SecretBytes field(8);
  pack(nibbles.reveal(), field.reveal_mutable());
  return field;
}

template <class Fill>
Result<SecretBytes> encode_short(std::uint8_t control, const SecretBytes& pin, const SecretBytes& pan, Fill fill) {
  TF_CHECK(check_pin(pin));
  const SecretBytes account = TF_TRY(account_field(pan));
  SecretBytes block(8);
  write_pin(control, pin, fill, block.reveal_mutable());
  add(block, account);
  return block;
}

Result<SecretBytes> decode_short(std::uint8_t control, std::uint8_t least_fill, const SecretBytes& clear, const SecretBytes& pan) {
  const auto account = account_field(pan);
  if (!account || clear.size() != 8) return kBadBlock;
  SecretBytes field = clear.clone();
  add(field, *account);
  return read_pin(control, least_fill, 0x0f, field.reveal());
}

Result<Bytes> seal_short(const SecretBytes& key, const SecretBytes& clear) {
  return to_bytes(TF_TRY(ecb(BlockCipher::tdes, Direction::encrypt, key.reveal(), clear.reveal())).reveal());
}

Result<SecretBytes> open_short(const SecretBytes& key, ByteView block) {
  if (block.size() != 8) return kBadBlock;
  return ecb(BlockCipher::tdes, Direction::decrypt, key.reveal(), block);
}

}  // namespace

Result<SecretBytes> encode_pin_block_0(const SecretBytes& pin, const SecretBytes& pan) {
  return encode_short(0, pin, pan, [] { return std::uint8_t{0x0f}; });
}

Result<SecretBytes> encode_pin_block_3(const SecretBytes& pin, const SecretBytes& pan, Random& random) {
  // A to F, each as likely as the others: 252 is the largest multiple of 6 in an octet.
  return encode_short(3, pin, pan, [&random] {
    for (;;)
      if (const std::uint8_t drawn = random.array<1>()[0]; drawn < 252) return static_cast<std::uint8_t>(0x0a + drawn % 6);
  });
}

Result<SecretBytes> decode_pin_block_0(const SecretBytes& clear, const SecretBytes& pan) { return decode_short(0, 0x0f, clear, pan); }
Result<SecretBytes> decode_pin_block_3(const SecretBytes& clear, const SecretBytes& pan) { return decode_short(3, 0x0a, clear, pan); }

Result<SecretBytes> encode_pin_field_4(const SecretBytes& pin, Random& random) {
  TF_CHECK(check_pin(pin));
  SecretBytes field(16);
  write_pin(4, pin, [] { return std::uint8_t{0x0a}; }, field.reveal_mutable().first(8));
  random.fill(field.reveal_mutable().last(8));
  return field;
}

Result<SecretBytes> decode_pin_field_4(const SecretBytes& field) {
  if (field.size() != 16) return kBadBlock;
  return read_pin(4, 0x0a, 0x0a, field.reveal().first(8));
}

Result<SecretBytes> encode_pan_field_4(const SecretBytes& pan) {
  TF_CHECK(check_pan(pan));
  Secret<32> nibbles;
  const auto out = nibbles.reveal_mutable();
  const std::size_t zeros = pan.size() < 12 ? 12 - pan.size() : 0;
  out[0] = static_cast<std::uint8_t>(pan.size() + zeros - 12);
  for (std::size_t i = 0; i < pan.size(); ++i) out[1 + zeros + i] = pan.reveal()[i] - '0';
  SecretBytes field(16);
  pack(nibbles.reveal(), field.reveal_mutable());
  return field;
}

Result<Bytes> pin_block_0(const SecretBytes& key, const SecretBytes& pin, const SecretBytes& pan) {
  return seal_short(key, TF_TRY(encode_pin_block_0(pin, pan)));
}

Result<Bytes> pin_block_3(const SecretBytes& key, const SecretBytes& pin, const SecretBytes& pan, Random& random) {
  return seal_short(key, TF_TRY(encode_pin_block_3(pin, pan, random)));
}

Result<Bytes> pin_block_4(const SecretBytes& key, const SecretBytes& pin, const SecretBytes& pan, Random& random) {
  const SecretBytes account = TF_TRY(encode_pan_field_4(pan));
  const SecretBytes field = TF_TRY(encode_pin_field_4(pin, random));
  SecretBytes block = TF_TRY(ecb(BlockCipher::aes, Direction::encrypt, key.reveal(), field.reveal()));
  add(block, account);
  return to_bytes(TF_TRY(ecb(BlockCipher::aes, Direction::encrypt, key.reveal(), block.reveal())).reveal());
}

Result<SecretBytes> open_pin_block_0(const SecretBytes& key, ByteView block, const SecretBytes& pan) {
  return decode_pin_block_0(TF_TRY(open_short(key, block)), pan);
}

Result<SecretBytes> open_pin_block_3(const SecretBytes& key, ByteView block, const SecretBytes& pan) {
  return decode_pin_block_3(TF_TRY(open_short(key, block)), pan);
}

Result<SecretBytes> open_pin_block_4(const SecretBytes& key, ByteView block, const SecretBytes& pan) {
  const auto account = encode_pan_field_4(pan);
  if (!account || block.size() != 16) return kBadBlock;
  SecretBytes inner = TF_TRY(ecb(BlockCipher::aes, Direction::decrypt, key.reveal(), block));
  add(inner, *account);
  return decode_pin_field_4(TF_TRY(ecb(BlockCipher::aes, Direction::decrypt, key.reveal(), inner.reveal())));
}

}  // namespace tf::crypto
