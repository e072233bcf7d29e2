#include "card/onboard/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apdu/onboard.hpp"
#include "apdu/tlv.hpp"
#include "wire/encoding.hpp"
#include "wire/fields.hpp"

namespace tf::card::onboard {
namespace {

constexpr std::string_view kSequences = "usim/sequence/";  // crypto::UsimSequence, by crypto::sequence_owner; nothing erases them

std::string slot_record(std::uint8_t slot) { return fmt::format("onboard/slot/{:02x}", slot); }
std::string sequence_record(const Subscription& own) { return std::string(kSequences) + wire::hex_lower(crypto::sequence_owner(own.key)); }

SecretBytes encode(const Installed& credential) {
  wire::FieldWriter out;
  out.field(credential.own.imsi).field(credential.own.iccid).field(credential.note).field(credential.own.key.k()).field(credential.own.key.opc());
  Bytes bytes = out.take();
  SecretBytes secret{ByteView(bytes)};
  wipe(bytes.data(), bytes.size());
  return secret;
}

bool digits(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Usim usim_with(Subscription own) {
  std::string sequence = sequence_record(own);
  return {std::move(own), std::move(sequence)};
}

}  // namespace

Result<std::optional<Installed>> installed(const Memory& memory, std::uint8_t slot) {
  const SecretBytes* record = memory.find(slot_record(slot));
  if (record == nullptr) return std::nullopt;
  wire::FieldReader in(record->reveal());
  Installed out;
  out.own.imsi = as_text(TF_TRY(in.field(15)));
  out.own.iccid = as_text(TF_TRY(in.field(20)));
  out.note = to_bytes(TF_TRY(in.field(apdu::onboard::kMaxNote)));
  out.own.key = TF_TRY(read_key(in));
  return std::optional(std::move(out));
}

Done install(Memory& memory, std::uint8_t slot, const Installed& credential) {
  if (!digits(credential.own.imsi, 6, 15) || !digits(credential.own.iccid, 0, 20) || credential.note.size() > apdu::onboard::kMaxNote) return StatusWord::wrong_data;
  SecretBytes record = encode(credential);
  if (const SecretBytes* there = memory.find(slot_record(slot))) {
    if (*there == record) return {};
    return StatusWord::exists;
  }
  const std::string sequence = sequence_record(credential.own);
  const bool known = memory.find(sequence) != nullptr;
  if (!known && memory.names(kSequences).size() >= apdu::onboard::kMaxCredentials) return StatusWord::not_enough_memory;
  Memory::Batch batch(memory);
  TF_CHECK(memory.put(slot_record(slot), std::move(record)));
  if (!known) TF_CHECK(memory.put(sequence, SecretBytes(ByteView(crypto::UsimSequence().encode()))));
  TF_CHECK(batch.commit());
  return {};
}

Done erase(Memory& memory, std::uint8_t slot) {
  if (memory.find(slot_record(slot)) == nullptr) return {};
  TF_CHECK(memory.erase(slot_record(slot)));
  return {};
}

Answer<Usim> usim_of_slot(const Memory& memory, std::uint8_t slot) {
  auto found = TF_TRY(installed(memory, slot));
  if (!found) return StatusWord::reference_not_found;
  return usim_with(std::move(found->own));
}

Result<Usim> usim_of(const Memory& memory) {
  for (const std::uint8_t slot : {apdu::onboard::kSlotSubscription, apdu::onboard::kSlotPreliminary})
    if (auto found = TF_TRY(installed(memory, slot))) return usim_with(std::move(found->own));
  return usim_with(TF_TRY(subscription(memory)));
}

Answer<Bytes> authenticate(Memory& memory, const Usim& usim, const crypto::Rand& rand, const crypto::Autn& autn) {
  const SecretBytes* kept = memory.find(usim.sequence);
  crypto::UsimSequence sequence = kept == nullptr ? crypto::UsimSequence() : TF_TRY(crypto::UsimSequence::decode(kept->reveal()));
  const auto answer = crypto::aka_answer(usim.own.key, sequence, rand, autn);
  if (!answer) return StatusWord::mac_wrong;
  if (const auto* late = std::get_if<crypto::AkaOutOfSequence>(&*answer)) return apdu::tlv(0xDC, late->auts);
  TF_CHECK(memory.put(usim.sequence, SecretBytes(ByteView(sequence.encode()))));
  const auto& accepted = std::get<crypto::AkaAccepted>(*answer);
  Bytes out{0xDB};
  for (const ByteView part : {ByteView(accepted.res.reveal()), ByteView(accepted.ck.reveal()), ByteView(accepted.ik.reveal())}) {
    out.push_back(static_cast<std::uint8_t>(part.size()));
    append(out, part);
  }
  return out;
}

}  // namespace tf::card::onboard
