// S319 and the receipt on the platform: which keys, as which blocks, and when they become active.
#include <algorithm>

#include "crypto/jose/jose.hpp"
#include "protocols/rki/keys.hpp"
#include "protocols/rki/platform_steps.hpp"
#include "wire/json.hpp"

namespace tf::rki {
namespace {

// The terminal's newest set, or a first one: the keys of a set are made once, all together, so that an interrupted
// download continues with the same keys and never with a second set. A set for another suite cannot be delivered under
// this one; the terminal gets a new set then.
struct CurrentSet {
  std::vector<KeyRecord> keys;
  bool is_new = false;
};

Result<CurrentSet> current_set(const Snapshot& snapshot, Suite suite, PlatformPorts ports) {
  if (!snapshot.keys.empty() && snapshot.keys.front().suite == suite) return CurrentSet{snapshot.keys, false};
  CurrentSet out{{}, true};
  const std::int64_t number = snapshot.keys.empty() ? 1 : snapshot.keys.front().set + 1;
  for (std::size_t i = 0; i < snapshot.plan.slots.size(); ++i) {
    const Slot slot = snapshot.plan.slots[i];
    const wire::Dsn& dsn = snapshot.terminal->dsn;
    auto made = TF_TRY(ports.vault.generate(spec_of(suite, slot), row_of(dsn, slot, number)));
    out.keys.push_back({slot, number, snapshot.plan.part_of(i), suite, std::move(made.wrapped), std::move(made.kcv),
                        KeyStatus::pending});
  }
  return out;
}

struct Blocks {
  std::vector<DeliveredKey> keys;
  std::vector<InstalledKey> expected;  // what the receipt must say
};

// Version D under the KBPK from TK (modern); version B, working keys under the TMK of the same pass if there is one
// (classic).
Result<Blocks> blocks_of(const std::vector<const KeyRecord*>& part, const wire::Dsn& dsn, const SecretBytes& kbpk, PlatformPorts ports) {
  Blocks out;
  const KeyRecord* tmk = nullptr;
  for (const KeyRecord* key : part) {
    const crypto::KeyBlockHeader header = TF_TRY(header_of(key->suite, key->slot, key->set));
    const auto spec = spec_of(key->suite, key->slot);
    const auto row = row_of(dsn, key->slot, key->set);
    const vault::WrappedRef ref{key->wrapped, spec, row};
    std::string block;
    if (key->suite == Suite::classic && tmk != nullptr) {
      const auto tmk_spec = spec_of(tmk->suite, tmk->slot);
      const auto tmk_row = row_of(dsn, tmk->slot, tmk->set);
      block = TF_TRY(ports.vault.export_block(ref, vault::WrappedRef{tmk->wrapped, tmk_spec, tmk_row}, header));
    } else {
      block = TF_TRY(ports.vault.export_block(ref, kbpk, header));
    }
    if (key->slot == Slot::tmk) tmk = key;
    out.keys.push_back({key->slot, std::move(block)});
    out.expected.push_back({key->slot, header.usage, header.key_version, key->kcv});
  }
  return out;
}

std::string detail_of(Suite suite, const Receipt& receipt, std::int64_t of, const std::string& remembers = {}) {
  wire::JsonWriter writer;
  writer.begin_object().member("suite", name_of(suite)).member("set", receipt.set).member("part", receipt.part);
  writer.member("of", of).key("keys").begin_array();
  for (const InstalledKey& key : receipt.keys)
    writer.begin_object().member("slot", name_of(key.slot)).member("kcv", key.kcv).end_object();
  writer.end_array();
  if (!remembers.empty()) writer.member("device_key", remembers);
  return writer.end_object().take();
}

}  // namespace

Result<PlatformStep> deliver(const ExpectToken& state, SecretBytes tk, Transcript transcript, const Snapshot& snapshot,
                             PlatformPorts ports) {
  CurrentSet set = TF_TRY(current_set(snapshot, state.suite, ports));
  std::vector<const KeyRecord*> part;
  std::int64_t of = 1;
  for (const KeyRecord& key : set.keys) {
    of = std::max(of, key.part);
    if (key.part == state.part) part.push_back(&key);
  }
  if (part.empty()) return Error{Code::refused, "rki.no_such_part", "the set has fewer parts"};
  std::ranges::sort(part, {}, &KeyRecord::slot);
  const Blocks blocks = TF_TRY(blocks_of(part, state.dsn, transport_kbpk(state.suite, tk, transcript.hash()), ports));

  const std::int64_t number = part.front()->set;
  const Delivery delivery{number, state.part, of, blocks.keys};
  const Secret<32> key = transport_subkey(state.suite, tk, "rki delivery mac", transcript.hash());
  PlatformStep out{Ended{}, encode_wrapped("delivery", crypto::jws_sign_hs256(key.reveal(), typ::delivery, encode(delivery))), {}};
  transcript.add(out.reply);

  Receipt expected{number, state.part, blocks.expected};
  out.writes.set = number;
  out.writes.part = state.part;
  if (snapshot.terminal->device_key.empty()) out.writes.remembers = state.device_key;
  out.writes.action = "rki.deliver";
  out.writes.detail = detail_of(state.suite, expected, of, out.writes.remembers);
  out.writes.delivers = std::ranges::any_of(part, [](const KeyRecord* key) { return key->status == KeyStatus::pending; });
  if (set.is_new) out.writes.new_keys = std::move(set.keys);
  out.next = ExpectReceipt{state.suite, state.session, state.dsn, transcript, std::move(tk), std::move(expected), of};
  return out;
}

Result<PlatformStep> on_receipt(const ExpectReceipt& state, std::string_view body) {
  const SessionMessage message = TF_TRY(decode_session_message(body, "receipt"));
  const Secret<32> key = transport_subkey(state.suite, state.tk, "rki receipt mac", state.transcript.hash());
  const std::string payload = TF_TRY(crypto::jws_verify_hs256(key.reveal(), typ::receipt, message.jose));
  const Receipt& receipt = state.expected;
  if (payload != encode(receipt)) {  // a device may spell the same otherwise
    const Receipt told = TF_TRY(decode_receipt(payload));
    if (told.set != receipt.set || told.part != receipt.part || told.keys != receipt.keys)
      return Error{Code::refused, "rki.wrong_receipt", "the terminal installed other keys than were delivered"};
  }
  Transcript transcript = state.transcript;
  transcript.add(body);
  const Secret<32> ack_key = transport_subkey(state.suite, state.tk, "rki ack mac", transcript.hash());
  PlatformStep out{Ended{}, encode_wrapped("ack", crypto::jws_sign_hs256(ack_key.reveal(), typ::ack,
                                                                       encode(Ack{receipt.set, receipt.part}))), {}};
  out.writes.set = receipt.set;
  out.writes.part = receipt.part;
  out.writes.completes = receipt.part == state.of;
  out.writes.action = "rki.receipt";
  out.writes.detail = detail_of(state.suite, receipt, state.of);
  out.writes.proves_modern = state.suite == Suite::modern;
  out.writes.activates = true;
  return out;
}

}  // namespace tf::rki
