#include "tests/pcsc/scripted.hpp"

namespace tf::test {

using pcsc::Rc;

std::uint32_t ScriptedPcsc::state_of(const std::string& reader) const {
  const auto found = readers.find(reader);
  if (found == readers.end()) return 0x0004 | 0x0008;  // unknown, unavailable
  const Slot& slot = found->second;
  if (!slot.card) return 0x0010;  // empty
  return pcsc::kStatePresent | (slot.mute ? pcsc::kStateMute : 0) | (slot.exclusive ? pcsc::kStateExclusive : 0);
}

Rc ScriptedPcsc::state_of(pcsc::Handle card) const {
  if (!service) return Rc::service_stopped;
  const auto handle = handles_.find(card);
  if (handle == handles_.end()) return Rc::invalid_handle;
  const auto found = readers.find(handle->second);
  if (found == readers.end()) return Rc::reader_unavailable;
  if (!found->second.card) return Rc::removed_card;
  if (reset_) return Rc::reset_card;
  return Rc::ok;
}

Rc ScriptedPcsc::list_readers(std::vector<std::string>& out) {
  out.clear();
  if (!service) return Rc::no_service;
  if (!allowed) return Rc::security_violation;
  for (const auto& [name, slot] : readers) out.push_back(name);
  return out.empty() ? Rc::no_readers : Rc::ok;
}

Rc ScriptedPcsc::wait_for_change(std::vector<pcsc::ReaderState>& states, std::chrono::milliseconds at_most) {
  if (!service) return Rc::no_service;
  const auto look = [&] {
    bool changed = false;
    for (pcsc::ReaderState& state : states) {
      if (state.name == pcsc::kPlugAndPlay) continue;
      state.now = state_of(state.name);
      changed = changed || state.now != state.known;
      if (state.now != state.known) state.now |= pcsc::kStateChanged;
    }
    return changed;
  };
  for (const pcsc::ReaderState& state : states)
    if (state.name != pcsc::kPlugAndPlay && !readers.contains(state.name)) return Rc::unknown_reader;
  if (look()) return Rc::ok;
  if (at_most.count() == 0) return Rc::timeout;
  if (!while_waiting.empty()) {
    const auto happens = std::move(while_waiting.front());
    while_waiting.pop_front();
    if (happens) happens();
    clock_.set(clock_.now_ms() + 1);
    look();
    return service ? Rc::ok : Rc::service_stopped;
  }
  clock_.set(clock_.now_ms() + at_most.count());
  return Rc::timeout;
}

Rc ScriptedPcsc::connect(const std::string& reader, pcsc::Handle& out) {
  if (!service) return Rc::no_service;
  const auto found = readers.find(reader);
  if (found == readers.end()) return Rc::unknown_reader;
  if (!found->second.card) return Rc::no_smartcard;
  if (found->second.mute) return Rc::unresponsive_card;
  if (found->second.exclusive) return Rc::sharing_violation;
  reset_ = false;
  out = next_++;
  handles_[out] = reader;
  ++connected;
  return Rc::ok;
}

Rc ScriptedPcsc::begin(pcsc::Handle card) {
  if (const Rc rc = state_of(card); rc != Rc::ok) return rc;
  ++held;
  ++transactions;
  return Rc::ok;
}

Rc ScriptedPcsc::end(pcsc::Handle card) {
  --held;
  return state_of(card);
}

Rc ScriptedPcsc::transmit(pcsc::Handle card, ByteView command, Bytes& answer) {
  sent.push_back(to_bytes(command));
  if (before_transmit) before_transmit(static_cast<int>(sent.size()));
  if (const Rc rc = state_of(card); rc != Rc::ok) return rc;
  const Slot& slot = readers.at(handles_.at(card));
  answer = slot.answer ? slot.answer(command) : Bytes{0x90, 0x00};
  return Rc::ok;
}

Rc ScriptedPcsc::reset(pcsc::Handle card) {
  reset_ = false;
  ++resets;
  return state_of(card);
}

void ScriptedPcsc::disconnect(pcsc::Handle card) { connected -= static_cast<int>(handles_.erase(card)); }

}  // namespace tf::test
