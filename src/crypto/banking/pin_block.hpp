// PIN blocks of ISO 9564-1:2017 §9: formats 0 and 3 (8 octets, under TDES) and 4 (16 octets, under AES). A PIN has 4 to
// 12 digits, a PAN 8 to 19; both are ASCII digits. Formats 0 and 3 take the 12 rightmost digits of the PAN without its
// check digit, format 4 the whole PAN; what is shorter than 12 is filled with zeros on the left.
//
// Making one: Code::invalid "crypto.pin", "crypto.pan", "crypto.key_size" (TDES 16 or 24 octets, AES 16, 24 or 32).
// Opening one is strict: control nibble, length, every digit and every fill nibble have to be right. It fails with
// Code::refused "crypto.pin_block" whatever is wrong with block or PAN, and looks at all of the block in any case.
#pragma once
#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::crypto {

inline constexpr std::size_t kMinPin = 4;
inline constexpr std::size_t kMaxPin = 12;
inline constexpr std::size_t kMinPan = 8;
inline constexpr std::size_t kMaxPan = 19;

// Encrypted blocks.
Result<Bytes> pin_block_0(const SecretBytes& key, const SecretBytes& pin, const SecretBytes& pan);
Result<Bytes> pin_block_3(const SecretBytes& key, const SecretBytes& pin, const SecretBytes& pan, Random& random);
Result<Bytes> pin_block_4(const SecretBytes& key, const SecretBytes& pin, const SecretBytes& pan, Random& random);
// The PIN of an encrypted block.
Result<SecretBytes> open_pin_block_0(const SecretBytes& key, ByteView block, const SecretBytes& pan);
Result<SecretBytes> open_pin_block_3(const SecretBytes& key, ByteView block, const SecretBytes& pan);
Result<SecretBytes> open_pin_block_4(const SecretBytes& key, ByteView block, const SecretBytes& pan);

// --- the clear forms ----------------------------------------------------------------------------------------------
// 8 octets, PIN field xor account field.
Result<SecretBytes> encode_pin_block_0(const SecretBytes& pin, const SecretBytes& pan);
Result<SecretBytes> encode_pin_block_3(const SecretBytes& pin, const SecretBytes& pan, Random& random);
Result<SecretBytes> decode_pin_block_0(const SecretBytes& clear, const SecretBytes& pan);
Result<SecretBytes> decode_pin_block_3(const SecretBytes& clear, const SecretBytes& pan);
// The two fields of format 4, 16 octets each; the last 8 of the PIN field are random.
Result<SecretBytes> encode_pin_field_4(const SecretBytes& pin, Random& random);
Result<SecretBytes> decode_pin_field_4(const SecretBytes& field);
Result<SecretBytes> encode_pan_field_4(const SecretBytes& pan);

}  // namespace tf::crypto
