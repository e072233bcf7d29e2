// S319–S322 on the device: keys out of their blocks, the receipt, the acknowledgement.
#include <algorithm>

#include "crypto/banking/key_check_value.hpp"
#include "crypto/jose/jose.hpp"
#include "protocols/rki/keys.hpp"
#include "protocols/rki/terminal_steps.hpp"

namespace tf::rki {
namespace {

// A block is only taken for the slot it is delivered for: its authenticated header must say exactly that.
Result<InstallableKey> open_key(const DeliveredKey& delivered, Suite suite, std::int64_t set, ByteView kbpk) {
  crypto::KeyBlock block = TF_TRY(crypto::unwrap_key_block(kbpk, delivered.block));
  const KeyShape shape = shape_of(suite);
  if (block.header != TF_TRY(header_of(suite, delivered.slot, set)) || block.key.size() != shape.size)
    return Error{Code::refused, "rki.key_for_another_use", "a key block says other than the slot it came for"};
  if (shape.cipher == crypto::BlockCipher::tdes && crypto::is_degenerate(block.key.reveal()))
    return Error{Code::refused, "rki.degenerate_key", "a TDES key with equal parts"};
  std::string kcv = TF_TRY(crypto::key_check_value(shape.cipher, block.key.reveal()));
  return InstallableKey{delivered.slot, std::move(block.header), std::move(block.key), std::move(kcv)};
}

Result<Installation> open_delivery(const Delivery& delivery, Suite suite, const SecretBytes& kbpk) {
  Installation out{suite, delivery.set, delivery.part, delivery.of, {}};
  const SecretBytes* tmk = nullptr;
  out.keys.reserve(delivery.keys.size());
  for (const DeliveredKey& delivered : delivery.keys) {
    const bool repeated = std::ranges::any_of(out.keys, [&](const auto& key) { return key.slot == delivered.slot; });
    if (repeated) return Error{Code::refused, "rki.slot_twice", "two keys for one slot"};
    // Classic: working keys travel under the TMK that came before them in the same pass.
    const bool under_tmk = suite == Suite::classic && tmk != nullptr && is_working_key(delivered.slot);
    out.keys.push_back(TF_TRY(open_key(delivered, suite, delivery.set, under_tmk ? tmk->reveal() : kbpk.reveal())));
    if (delivered.slot == Slot::tmk) tmk = &out.keys.back().key;
  }
  if (out.keys.empty()) return Error{Code::refused, "rki.empty_delivery", "a delivery without keys"};
  return out;
}

Receipt receipt_for(const Installation& installation) {
  Receipt receipt{installation.set, installation.part, {}};
  for (const InstallableKey& key : installation.keys)
    receipt.keys.push_back({key.slot, key.header.usage, key.header.key_version, key.kcv});
  return receipt;
}

}  // namespace

Result<TerminalStep> on_delivery(AwaitingDelivery state, std::string_view body, TerminalPorts) {
  const std::string jws = TF_TRY(decode_wrapped(body, "delivery"));
  const Hash256& th5 = state.transcript.hash();
  const Secret<32> key = transport_subkey(state.suite, state.tk, "rki delivery mac", th5);
  const Delivery delivery = TF_TRY(decode_delivery(TF_TRY(crypto::jws_verify_hs256(key.reveal(), typ::delivery, jws))));
  if (delivery.part != state.part)
    return Error{Code::refused, "rki.other_part", "another part of the set than was asked for"};
  Installation installation = TF_TRY(open_delivery(delivery, state.suite, transport_kbpk(state.suite, state.tk, th5)));
  state.transcript.add(body);
  const Secret<32> receipt_key = transport_subkey(state.suite, state.tk, "rki receipt mac", state.transcript.hash());
  Outgoing out{"receipt", encode_wrapped(state.session, "receipt",
                                         crypto::jws_sign_hs256(receipt_key.reveal(), typ::receipt,
                                                                encode(receipt_for(installation))))};
  state.transcript.add(out.body);
  AwaitingAck next{state.suite, state.transcript, std::move(state.tk), {delivery.set, delivery.part}, delivery.of};
  return TerminalStep{std::move(next), std::move(out), std::move(installation)};
}

Result<TerminalStep> on_ack(AwaitingAck state, std::string_view body) {
  const std::string jws = TF_TRY(decode_wrapped(body, "ack"));
  const Secret<32> key = transport_subkey(state.suite, state.tk, "rki ack mac", state.transcript.hash());
  const Ack ack = TF_TRY(decode_ack(TF_TRY(crypto::jws_verify_hs256(key.reveal(), typ::ack, jws))));
  if (ack.set != state.expected.set || ack.part != state.expected.part)
    return Error{Code::refused, "rki.other_ack", "an acknowledgement of something else"};
  return TerminalStep{Finished{ack.set, ack.part, state.of}, std::nullopt, std::nullopt};
}

}  // namespace tf::rki
