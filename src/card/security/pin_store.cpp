#include "card/security/pin_store.hpp"

namespace tf::card {
namespace {

// Record "pin/NAME": all tries ‖ tries left ‖ 1 when the value is personalisation's ‖ value.
constexpr std::size_t kPinHead = 3;
constexpr unsigned kMaxTries = 15;

std::string record_of(std::string_view name) { return "pin/" + std::string(name); }

SecretBytes encode(unsigned tries, unsigned left, bool given, ByteView value) {
  SecretBytes out(kPinHead + value.size());
  const MutableByteView bytes = out.reveal_mutable();
  bytes[0] = static_cast<std::uint8_t>(tries);
  bytes[1] = static_cast<std::uint8_t>(left);
  bytes[2] = given ? 1 : 0;
  std::copy(value.begin(), value.end(), bytes.begin() + kPinHead);
  return out;
}

ByteView record_of(const Memory& memory, std::string_view name) {
  const SecretBytes* record = memory.find(record_of(name));
  return record == nullptr || record->size() < kPinHead ? ByteView() : record->reveal();
}

Changes one(std::string_view name, SecretBytes value) {
  Changes changes;
  changes.emplace(record_of(name), std::move(value));
  return changes;
}

}  // namespace

Status PinStore::create(std::string_view name, ByteView value, unsigned tries) {
  if (tries < 1 || tries > kMaxTries || value.empty()) return Error{Code::invalid, "card.pin", "1 to 15 tries and a value"};
  return memory_.commit(one(name, encode(tries, tries, true, value)));
}

bool PinStore::exists(std::string_view name) const { return !record_of(memory_, name).empty(); }

Answer<unsigned> PinStore::tries_left(std::string_view name) const {
  const ByteView record = record_of(memory_, name);
  if (record.empty()) return StatusWord::reference_not_found;
  return unsigned{record[1]};
}

Answer<unsigned> PinStore::tries_of(std::string_view name) const {
  const ByteView record = record_of(memory_, name);
  if (record.empty()) return StatusWord::reference_not_found;
  return unsigned{record[0]};
}

Done PinStore::verify(std::string_view name, ByteView value) {
  const ByteView record = record_of(memory_, name);
  if (record.empty()) return StatusWord::reference_not_found;
  const unsigned tries = record[0];
  const unsigned left = record[1];
  const bool given = record[2] == 1;
  if (left == 0) return StatusWord::blocked;
  const SecretBytes kept(record.subspan(kPinHead));
  TF_CHECK(memory_.commit_now(one(name, encode(tries, left - 1, given, kept.reveal()))));
  if (!equal_in_constant_time(kept.reveal(), value)) return left == 1 ? StatusWord::blocked : apdu::tries_left(left - 1);
  TF_CHECK(memory_.commit_now(one(name, encode(tries, tries, given, kept.reveal()))));
  return {};
}

Done PinStore::change(std::string_view name, ByteView value, ByteView fresh) {
  TF_CHECK(verify(name, value));
  TF_CHECK(set(name, fresh));
  return {};
}

Done PinStore::unblock(std::string_view name, std::string_view puk, ByteView puk_value, ByteView fresh) {
  if (!exists(name)) return StatusWord::reference_not_found;
  TF_CHECK(verify(puk, puk_value));
  TF_CHECK(set(name, fresh));
  return {};
}

Status PinStore::set(std::string_view name, ByteView fresh) {
  const ByteView record = record_of(memory_, name);
  if (record.empty()) return Error{Code::not_found, "card.no_pin", std::string(name)};
  if (fresh.empty()) return Error{Code::invalid, "card.pin", "empty"};
  return memory_.commit(one(name, encode(record[0], record[0], false, fresh)));
}

Status PinStore::set_tries(std::string_view name, unsigned tries) {
  const ByteView record = record_of(memory_, name);
  if (record.empty()) return Error{Code::not_found, "card.no_pin", std::string(name)};
  if (tries < 1 || tries > kMaxTries) return Error{Code::invalid, "card.pin", "1 to 15 tries"};
  return memory_.commit(one(name, encode(tries, tries, record[2] == 1, record.subspan(kPinHead))));
}

bool PinStore::is_default(std::string_view name) const {
  const ByteView record = record_of(memory_, name);
  return !record.empty() && record[2] == 1;
}

}  // namespace tf::card
