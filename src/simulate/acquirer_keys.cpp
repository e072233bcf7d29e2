#include "simulate/acquirer_keys.hpp"

#include <algorithm>

#include "crypto/banking/key_block.hpp"
#include "crypto/banking/key_check_value.hpp"
#include "crypto/banking/pin_block.hpp"
#include "crypto/digest.hpp"
#include "wire/encoding.hpp"

namespace tf::simulate::acquirer {
namespace {

using crypto::BlockCipher;

constexpr std::size_t kKept = 2;

crypto::KeyBlockHeader header_of(char version, const char* usage, char mode) {
  crypto::KeyBlockHeader out;
  out.version = version;
  out.usage = usage;
  out.algorithm = 'T';
  out.mode = mode;
  return out;
}

}  // namespace

Result<Keys> Keys::make(const std::vector<SecretBytes>& components, BlockCipher cipher, crypto::MacPadding padding, Random& random) {
  const Error wrong{Code::invalid, "acquirer.components", "two or more components of one size, a size that the cipher has"};
  if (components.size() < 2 || !crypto::valid_key_size(cipher, components[0].size())) return wrong;
  SecretBytes zone(components[0].size());
  for (const SecretBytes& component : components) {
    if (component.size() != zone.size()) return wrong;
    for (std::size_t i = 0; i < zone.size(); ++i) zone.reveal_mutable()[i] ^= component.reveal()[i];
  }
  if (cipher == BlockCipher::tdes) crypto::set_odd_parity(zone.reveal_mutable());
  std::string kcv = TF_TRY(crypto::key_check_value(cipher, zone.reveal()));
  return Keys(std::move(zone), cipher == BlockCipher::aes ? 'D' : 'B', std::move(kcv), padding, random);
}

SecretBytes Keys::fresh_key() {
  SecretBytes out(16);
  do {
    random_.fill(out.reveal_mutable());
    crypto::set_odd_parity(out.reveal_mutable());
  } while (crypto::is_degenerate(out.reveal()));
  return out;
}

Result<std::string> Keys::renew() {
  Pair made{fresh_key(), fresh_key()};
  std::string field_48 = TF_TRY(crypto::wrap_key_block(zone_.reveal(), header_of(version_, "P0", 'E'), made.pin, random_));
  field_48 += TF_TRY(crypto::wrap_key_block(zone_.reveal(), header_of(version_, "M3", 'C'), made.mac, random_));
  pairs_.insert(pairs_.begin(), std::move(made));
  if (pairs_.size() > kKept) pairs_.pop_back();
  return field_48;
}

Status Keys::restore(const std::string& field_48) {
  if (field_48.size() % 2 != 0) return Error{Code::malformed, "acquirer.keys", "two key blocks of one size were written"};
  const std::string_view both(field_48);
  const std::size_t half = both.size() / 2;
  auto pin = TF_TRY(crypto::unwrap_key_block(zone_.reveal(), both.substr(0, half)));
  auto mac = TF_TRY(crypto::unwrap_key_block(zone_.reveal(), both.substr(half)));
  pairs_.insert(pairs_.begin(), {std::move(pin.key), std::move(mac.key)});
  if (pairs_.size() > kKept) pairs_.pop_back();
  return {};
}

std::optional<std::size_t> Keys::maker_of(ByteView data, ByteView mac) const {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const auto right = crypto::retail_mac(pairs_[i].mac.reveal(), data, padding_);
    if (right && equal_in_constant_time(*right, mac)) return i;
  }
  return std::nullopt;
}

Result<ByteArray<8>> Keys::mac(std::size_t which, ByteView data) const {
  if (which >= pairs_.size()) return Error{Code::unavailable, "acquirer.no_keys", {}};
  return crypto::retail_mac(pairs_[which].mac.reveal(), data, padding_);
}

bool Keys::is_pin(std::size_t which, ByteView block, const SecretBytes& pan, std::string_view pin) const {
  if (which >= pairs_.size()) return false;
  const auto opened = crypto::open_pin_block_0(pairs_[which].pin, block, pan);
  return opened && equal_in_constant_time(opened->reveal(), as_bytes(pin));
}

std::string Keys::fingerprint(ByteView pan) const {
  const Secret<32> key = crypto::hkdf_expand<32>(crypto::hkdf_extract({}, zone_.reveal()), "trustferry acquirer simulator card");
  return wire::hex_lower(ByteView(crypto::hmac_sha256(key.reveal(), pan)).first(8));
}

std::string test_pin(ByteView pan) { return std::string(as_text(pan.last(std::min<std::size_t>(4, pan.size())))); }

}  // namespace tf::simulate::acquirer
