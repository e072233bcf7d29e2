// What both ends of SCP03 share: derivation, MACs, encryption (scp03_parts.hpp).
#include "apdu/scp03.hpp"

#include <algorithm>

#include "apdu/scp03_parts.hpp"
#include "crypto/block_cipher.hpp"

namespace tf::apdu::scp03 {

using crypto::BlockCipher;
using crypto::Direction;

bool StaticKeys::valid() const {
  return crypto::valid_key_size(BlockCipher::aes, enc.size()) && mac.size() == enc.size() && dek.size() == enc.size();
}

SecretBytes derive(ByteView key, std::uint8_t constant, ByteView context, std::size_t size) {
  SecretBytes out((size + 15) / 16 * 16);
  for (std::size_t i = 0; i * 16 < size; ++i) {
    Bytes data(11);
    data.push_back(constant);
    data.push_back(0);
    data.push_back(static_cast<std::uint8_t>(size * 8 >> 8));
    data.push_back(static_cast<std::uint8_t>(size * 8));
    data.push_back(static_cast<std::uint8_t>(i + 1));
    append(data, context);
    crypto::cmac_each(BlockCipher::aes, key, {data}, out.reveal_mutable().subspan(i * 16, 16));
  }
  out.shorten(size);
  return out;
}

Bytes cmac(ByteView key, std::initializer_list<ByteView> parts) {
  Bytes data;
  for (const ByteView part : parts) append(data, part);
  Bytes out(16);
  crypto::cmac_each(BlockCipher::aes, key, {data}, out);
  return out;
}

Session make_session(const StaticKeys& keys, ByteView context, std::uint8_t level) {
  const std::size_t size = keys.enc.size();
  Session out;
  out.s_enc = derive(keys.enc.reveal(), 0x04, context, size);
  out.s_mac = derive(keys.mac.reveal(), 0x06, context, size);
  out.s_rmac = derive(keys.mac.reveal(), 0x07, context, size);
  out.level = level;
  return out;
}

Bytes cryptogram(const Session& session, std::uint8_t constant, ByteView context) {
  return to_bytes(derive(session.s_mac.reveal(), constant, context, kMacSize).reveal());
}

Bytes command_mac(const Session& session, const CommandApdu& command, ByteView data) {
  const std::size_t lc = data.size() + kMacSize;
  Bytes head{static_cast<std::uint8_t>(command.base_class() | 0x04), command.ins, command.p1, command.p2};
  if (lc > 255) {
    head.push_back(0);
    head.push_back(static_cast<std::uint8_t>(lc >> 8));
  }
  head.push_back(static_cast<std::uint8_t>(lc));
  return cmac(session.s_mac.reveal(), {session.chaining, head, data});
}

Bytes answer_mac(const Session& session, ByteView chaining, ByteView data, StatusWord status) {
  const ByteArray<2> word{static_cast<std::uint8_t>(number_of(status) >> 8), static_cast<std::uint8_t>(number_of(status))};
  Bytes mac = cmac(session.s_rmac.reveal(), {chaining, data, word});
  mac.resize(kMacSize);
  return mac;
}

// §6.2.6, §6.2.7: the counter's block under S-ENC is the IV; answers set its first bit.
SecretBytes iv_for(const Session& session, std::uint64_t counter, bool answer) {
  ByteArray<16> block{};
  for (std::size_t i = 0; i < 8; ++i) block[15 - i] = static_cast<std::uint8_t>(counter >> (8 * i));
  if (answer) block[0] = 0x80;
  auto iv = crypto::ecb(BlockCipher::aes, Direction::encrypt, session.s_enc.reveal(), block);
  return iv ? std::move(*iv) : SecretBytes(16);
}

Result<Bytes> encrypt(const Session& session, std::uint64_t counter, bool answer, ByteView plain) {
  SecretBytes padded((plain.size() / 16 + 1) * 16);
  std::ranges::copy(plain, padded.reveal_mutable().begin());
  padded.reveal_mutable()[plain.size()] = 0x80;
  const SecretBytes iv = iv_for(session, counter, answer);
  return to_bytes(TF_TRY(crypto::cbc(BlockCipher::aes, Direction::encrypt, session.s_enc.reveal(), iv.reveal(), padded.reveal())).reveal());
}

Result<SecretBytes> decrypt(const Session& session, std::uint64_t counter, bool answer, ByteView octets) {
  const Error bad{Code::refused, "scp03.padding", "not padded as it should be"};
  if (octets.empty() || octets.size() % 16 != 0) return bad;
  const SecretBytes iv = iv_for(session, counter, answer);
  SecretBytes out = TF_TRY(crypto::cbc(BlockCipher::aes, Direction::decrypt, session.s_enc.reveal(), iv.reveal(), octets));
  std::size_t end = out.size();
  while (end > 0 && out.reveal()[end - 1] == 0) --end;
  if (end == 0 || out.reveal()[end - 1] != 0x80 || out.size() - end >= 16) return bad;
  out.shorten(end - 1);
  return out;
}

bool is_protected(StatusWord status) {
  const unsigned high = number_of(status) >> 8;
  return status == StatusWord::ok || high == 0x62 || high == 0x63;
}

Result<SecretBytes> decrypt_sensitive(const StaticKeys& keys, ByteView encrypted) {
  if (encrypted.empty() || encrypted.size() % 16 != 0) return Error{Code::malformed, "scp03.sensitive", "not whole blocks"};
  return crypto::cbc(BlockCipher::aes, Direction::decrypt, keys.dek.reveal(), ByteArray<16>{}, encrypted);
}

}  // namespace tf::apdu::scp03
