#include "frontends/card/key_ring.hpp"

#include <algorithm>

namespace tf::frontends::card {
namespace {

using vault::SymmetricAlgorithm;
using vault::SymmetricPurpose;

Error not_key_blocks(const char* why) { return {Code::malformed, "card.key_field", why}; }

// The first key block of a text that begins with one: its header states its length (X9.143 §6.2).
Result<std::string> next_block(std::string_view& rest) {
  if (rest.size() < 16) return not_key_blocks("shorter than a key block's header");
  std::size_t size = 0;
  for (const char c : rest.substr(1, 4)) {
    if (c < '0' || c > '9') return not_key_blocks("no key block begins there");
    size = size * 10 + static_cast<std::size_t>(c - '0');
  }
  if (size < 16 || size > rest.size()) return not_key_blocks("a key block's length");
  std::string out(rest.substr(0, size));
  rest.remove_prefix(size);
  return out;
}

struct Blocks {
  std::string pin, mac;
};
Result<Blocks> split(std::string_view rest) {
  Blocks out;
  while (!rest.empty()) {
    std::string block = TF_TRY(next_block(rest));
    const auto header = crypto::read_key_block_header(block);
    if (!header) return not_key_blocks("no key block");
    std::string* place = header->usage == "P0" ? &out.pin : header->usage == "M3" ? &out.mac : nullptr;
    if (place == nullptr || !place->empty()) return not_key_blocks("one PIN key and one MAC key are expected");
    *place = std::move(block);
  }
  if (out.pin.empty() || out.mac.empty()) return not_key_blocks("one PIN key and one MAC key are expected");
  return out;
}

bool same(const WorkingKeys& keys, const StoredKey& pin, const StoredKey& mac) { return keys.pin.kcv == pin.kcv || keys.mac.kcv == mac.kcv; }

}  // namespace

KeyRing::KeyRing(const vault::Vault& vault, Keys& keys, const Clock& clock, const Profile& profile)
    : vault_(vault), keys_(keys), clock_(clock), profile_(profile) {}

std::shared_ptr<const KeyRing::State> KeyRing::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

Status KeyRing::load() {
  std::vector<WorkingKeys> kept = TF_TRY(keys_.working());
  auto read = std::make_shared<State>();
  if (!kept.empty()) read->newest = std::move(kept[0]);
  if (kept.size() > 1) read->before = std::move(kept[1]);
  const std::scoped_lock lock(mutex_);
  state_ = std::move(read);
  return {};
}

Result<StoredKey> KeyRing::take_in(const std::string& block, const StoredKey& zone, const char* suffix, std::int64_t generation) const {
  const bool pin = suffix == std::string_view(".pin");
  const vault::SymmetricSpec spec(SymmetricAlgorithm::tdes, pin ? profile_.pin_key_size : 16,
                                  pin ? SymmetricPurpose::zone_pin : SymmetricPurpose::zone_mac);
  const vault::RowId row{kKeyTable, profile_.name + suffix, generation};
  vault::Imported imported = TF_TRY(vault_.import_block(block, zone.ref(), spec, row));
  return StoredKey{std::move(imported.wrapped), spec, row, std::move(imported.kcv)};
}

Status KeyRing::install(std::string_view field_48) {
  const Blocks blocks = TF_TRY(split(field_48));
  const StoredKey zone = TF_TRY(keys_.zone());
  const auto now = state();
  WorkingKeys made;
  made.generation = now->newest ? now->newest->generation + 1 : 1;
  made.made_ms = clock_.now_ms();
  made.pin = TF_TRY(take_in(blocks.pin, zone, ".pin", made.generation));
  made.mac = TF_TRY(take_in(blocks.mac, zone, ".mac", made.generation));
  if (made.pin.kcv == made.mac.kcv) return Error{Code::refused, "card.same_key", "one key for two purposes"};
  for (const auto* known : {&now->newest, &now->before})
    if (*known && same(**known, made.pin, made.mac)) return Error{Code::refused, "card.same_key", "a key that was there before"};
  TF_CHECK(keys_.keep(made));
  auto next = std::make_shared<State>();
  next->before = now->newest;
  next->newest = std::move(made);
  const std::scoped_lock lock(mutex_);
  state_ = std::move(next);
  return {};
}

bool KeyRing::fresh() const {
  const auto now = state();
  return now->newest && clock_.now_ms() - now->newest->made_ms < profile_.key_lifetime.count();
}

std::int64_t KeyRing::generation() const {
  const auto now = state();
  return now->newest ? now->newest->generation : 0;
}

Result<ByteArray<8>> KeyRing::mac(ByteView data, std::int64_t generation) const {
  const auto now = state();
  if (generation != 0 && now->before && now->before->generation == generation)
    return vault_.zone_mac(now->before->mac.ref(), data, profile_.mac_padding);
  if (!now->newest || (generation != 0 && now->newest->generation != generation)) return Error{Code::unavailable, "card.no_keys", profile_.name};
  return vault_.zone_mac(now->newest->mac.ref(), data, profile_.mac_padding);
}

Status KeyRing::verify(ByteView data, ByteView mac) const {
  const auto now = state();
  if (!now->newest) return Error{Code::unavailable, "card.no_keys", profile_.name};
  Status status = vault_.verify_zone_mac(now->newest->mac.ref(), data, profile_.mac_padding, mac);
  if (!status && now->before) status = vault_.verify_zone_mac(now->before->mac.ref(), data, profile_.mac_padding, mac);
  return status;
}

Result<KeyRing::Pin> KeyRing::translate(const payment::PinBlock& pin, const SecretBytes& pan) const {
  const auto now = state();
  if (!now->newest) return Error{Code::unavailable, "card.no_keys", profile_.name};
  const Bytes block = TF_TRY(vault_.translate_pin({pin.key, pin.spec, pin.row}, pin.block, pan, now->newest->pin.ref()));
  if (block.size() != 8) return Error{Code::internal, "card.pin_block", "not of field 52's size"};
  Pin out{.block = {}, .generation = now->newest->generation};
  std::ranges::copy(block, out.block.begin());
  return out;
}

}  // namespace tf::frontends::card
