// Wrapping and unwrapping of key blocks (X9.143 §7): keys from the KBPK, a MAC over header and clear payload, CBC with the
// MAC as its IV.
#include "crypto/banking/key_block.hpp"

#include <algorithm>

#include "crypto/banking/key_block_header.hpp"
#include "crypto/block_cipher.hpp"
#include "wire/encoding.hpp"

namespace tf::crypto {
namespace {

const Error kBlockNotAuthentic{Code::refused, "crypto.key_block_mac", "the key block does not authenticate"};
const Error kBadPayload{Code::malformed, "crypto.key_block_length", "the payload is not whole blocks of hexadecimal digits"};

BlockCipher cipher_of(char version) { return version == 'D' ? BlockCipher::aes : BlockCipher::tdes; }
// Versions A and C bind the MAC by variants of the KBPK, B and D by derivation.
bool by_variants(char version) { return version == 'A' || version == 'C'; }
std::size_t mac_size(char version) { return version == 'D' ? 16 : version == 'B' ? 8 : 4; }

struct BlockKeys {
  SecretBytes encryption;  // KBEK
  SecretBytes mac;         // KBAK
};

// Counter ‖ usage ‖ 00 ‖ algorithm ‖ bits, for as many rounds as the KBPK is long (X9.143 §7.2); AES-192 leaves the right
// half of its second block.
BlockKeys derive(BlockCipher cipher, ByteView kbpk) {
  const std::size_t size = kbpk.size();
  const auto bits = static_cast<unsigned>(size * 8);
  const auto algorithm = static_cast<std::uint8_t>(size / 8 - (cipher == BlockCipher::tdes ? 2 : 0));
  const auto input = [&](std::uint8_t counter, std::uint8_t usage) {
    return ByteArray<8>{counter, 0, usage, 0, 0, algorithm, static_cast<std::uint8_t>(bits >> 8),
                        static_cast<std::uint8_t>(bits)};
  };
  const std::size_t block = block_size(cipher);
  const std::size_t rounds = (size + block - 1) / block;
  const std::array<ByteArray<8>, 6> in{input(1, 0), input(1, 1), input(2, 0), input(2, 1), input(3, 0), input(3, 1)};
  Secret<64> macs;
  const MutableByteView out = macs.reveal_mutable().first(2 * rounds * block);
  if (rounds == 1) cmac_each(cipher, kbpk, {in[0], in[1]}, out);
  if (rounds == 2) cmac_each(cipher, kbpk, {in[0], in[2], in[1], in[3]}, out);
  if (rounds == 3) cmac_each(cipher, kbpk, {in[0], in[2], in[4], in[1], in[3], in[5]}, out);
  return {SecretBytes(ByteView(out).first(size)), SecretBytes(ByteView(out).subspan(rounds * block, size))};
}

BlockKeys variants(ByteView kbpk) {
  BlockKeys keys{SecretBytes(kbpk), SecretBytes(kbpk)};
  for (std::uint8_t& byte : keys.encryption.reveal_mutable()) byte ^= 0x45;
  for (std::uint8_t& byte : keys.mac.reveal_mutable()) byte ^= 0x4d;
  return keys;
}

// The payload as it would be if the block were authentic, and whether it is.
struct Opened {
  SecretBytes payload;
  bool authentic = false;
};

Result<Opened> open_derived(BlockCipher cipher, ByteView kbpk, std::string_view header, ByteView ciphertext, ByteView mac) {
  const CmacKeyEraser eraser(cipher, kbpk.size());
  const BlockKeys keys = derive(cipher, kbpk);
  SecretBytes payload = TF_TRY(cbc(cipher, Direction::decrypt, keys.encryption.reveal(), mac, ciphertext));
  SecretBytes message(header.size() + payload.size());
  std::ranges::copy(as_bytes(header), message.reveal_mutable().begin());
  std::ranges::copy(payload.reveal(), message.reveal_mutable().begin() + static_cast<std::ptrdiff_t>(header.size()));
  ByteArray<16> expected{};
  const MutableByteView view = MutableByteView(expected).first(mac.size());
  cmac_each(cipher, keys.mac.reveal(), {message.reveal()}, view);
  return Opened{std::move(payload), equal_in_constant_time(view, mac)};
}

// The MAC is the left half of a CBC-MAC over header and ciphertext; the header's first characters are the IV.
Result<Opened> open_variants(ByteView kbpk, std::string_view header, ByteView ciphertext, ByteView mac) {
  const BlockKeys keys = variants(kbpk);
  Bytes message = to_bytes(as_bytes(header));
  append(message, ciphertext);
  const SecretBytes chain = TF_TRY(cbc(BlockCipher::tdes, Direction::encrypt, keys.mac.reveal(), ByteArray<8>{}, message));
  const ByteView iv = as_bytes(header).first(8);
  return Opened{TF_TRY(cbc(BlockCipher::tdes, Direction::decrypt, keys.encryption.reveal(), iv, ciphertext)),
                equal_in_constant_time(chain.reveal().last(8).first(mac.size()), mac)};
}

// Key sizes in bytes; 0 stands for the asymmetric and HMAC keys, whose size is their own.
bool key_fits(char algorithm, std::size_t size) {
  switch (algorithm) {
    case 'A': return valid_key_size(BlockCipher::aes, size);
    case 'T': return valid_key_size(BlockCipher::tdes, size);
    case 'D': return size == 8;
    default: return size > 0;
  }
}

std::size_t padded_size(char algorithm, std::size_t key_size, std::size_t multiple) {
  const std::size_t longest = algorithm == 'A' ? 32 : algorithm == 'T' ? 24 : key_size;
  return (2 + longest + multiple - 1) / multiple * multiple;
}

// The key in an authentic payload: bit length, key, padding.
Result<SecretBytes> key_in(char algorithm, ByteView payload) {
  const std::size_t bits = static_cast<std::size_t>(payload[0]) << 8 | payload[1];
  if (bits % 8 != 0 || bits / 8 > payload.size() - 2 || !key_fits(algorithm, bits / 8)) return kBlockNotAuthentic;
  return SecretBytes(payload.subspan(2, bits / 8));
}

Status check_kbpk(char version, ByteView kbpk) {
  if (valid_key_size(cipher_of(version), kbpk.size())) return {};
  return Error{Code::invalid, "crypto.kbpk_size", "a key block protection key of that size does not fit the version"};
}

}  // namespace

Result<KeyBlock> unwrap_key_block(ByteView kbpk, std::string_view block) {
  ParsedKeyBlock parsed = TF_TRY(parse_key_block(block));
  const char version = parsed.header.version;
  TF_CHECK(check_kbpk(version, kbpk));
  const std::string_view header = block.substr(0, parsed.header_size);
  const Bytes body = TF_TRY(wire::from_hex(block.substr(parsed.header_size)));
  const std::size_t multiple = key_block_multiple(version);
  if (body.size() < mac_size(version) + multiple || (body.size() - mac_size(version)) % multiple != 0) return kBadPayload;
  const ByteView ciphertext = ByteView(body).first(body.size() - mac_size(version));
  const ByteView mac = ByteView(body).last(mac_size(version));
  const Opened opened = TF_TRY(by_variants(version) ? open_variants(kbpk, header, ciphertext, mac)
                                                    : open_derived(cipher_of(version), kbpk, header, ciphertext, mac));
  if (!opened.authentic) return kBlockNotAuthentic;
  return KeyBlock{std::move(parsed.header), TF_TRY(key_in(parsed.header.algorithm, opened.payload.reveal()))};
}

Result<std::string> wrap_key_block(ByteView kbpk, const KeyBlockHeader& header, const SecretBytes& key, Random& random) {
  if (header.version != 'B' && header.version != 'D')
    return Error{Code::invalid, "crypto.key_block_version", "key blocks are written in version B or D only"};
  TF_CHECK(check_kbpk(header.version, kbpk));
  if (!key_fits(header.algorithm, key.size()) || key.size() > kKeyBlockMax / 2)
    return Error{Code::invalid, "crypto.key_size", "the key's size does not fit its algorithm"};
  const BlockCipher cipher = cipher_of(header.version);
  const std::size_t payload_size = padded_size(header.algorithm, key.size(), block_size(cipher));
  std::string out = TF_TRY(write_key_block_header(header, 2 * (payload_size + mac_size(header.version))));

  SecretBytes message(out.size() + payload_size);
  const MutableByteView payload = message.reveal_mutable().last(payload_size);
  std::ranges::copy(as_bytes(out), message.reveal_mutable().begin());
  payload[0] = static_cast<std::uint8_t>(key.size() * 8 >> 8);
  payload[1] = static_cast<std::uint8_t>(key.size() * 8);
  std::ranges::copy(key.reveal(), payload.begin() + 2);
  random.fill(payload.subspan(2 + key.size()));

  const CmacKeyEraser eraser(cipher, kbpk.size());
  const BlockKeys keys = derive(cipher, kbpk);
  ByteArray<16> mac{};
  const MutableByteView mac_view = MutableByteView(mac).first(mac_size(header.version));
  cmac_each(cipher, keys.mac.reveal(), {message.reveal()}, mac_view);
  const SecretBytes ciphertext = TF_TRY(cbc(cipher, Direction::encrypt, keys.encryption.reveal(), mac_view, payload));
  out.append(wire::hex_upper(ciphertext.reveal())).append(wire::hex_upper(mac_view));
  return out;
}

}  // namespace tf::crypto
