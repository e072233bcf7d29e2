#include "tests/support/memory_platform.hpp"

#include <algorithm>
#include <set>

#include "crypto/banking/key_block.hpp"

namespace tf::test {

using rki::KeyRecord;
using rki::KeyStatus;

const wire::Dsn* dsn_of(const rki::PlatformState& state) {
  if (const auto* proof = std::get_if<rki::ExpectProof>(&state)) return &proof->dsn;
  if (const auto* token = std::get_if<rki::ExpectToken>(&state)) return &token->dsn;
  if (const auto* receipt = std::get_if<rki::ExpectReceipt>(&state)) return &receipt->dsn;
  return nullptr;
}

void MemoryPlatform::admit(const wire::Dsn& dsn, std::string_view policy) {
  rki::TerminalRecord record{.dsn = dsn, .group = "default", .policy = must(rki::SuitePolicy::parse(policy))};
  terminals.insert_or_assign(dsn.text(), MemoryTerminal{std::move(record), {}, 0});
}

Result<std::string> MemoryPlatform::handle(std::string_view route, const std::string& body) {
  return noted(route == "hello" ? hello(body) : message(route, body));
}

Result<std::string> MemoryPlatform::noted(Result<std::string> reply) {
  if (!reply) last_refusal = reply.error().reason;
  return reply;
}

Result<std::string> MemoryPlatform::hello(const std::string& body) {
  const rki::Hello hello = TF_TRY(rki::decode_hello(body));
  auto step = TF_TRY(rki::on_hello(hello, body, snapshot_for_hello(hello), ports()));
  if (tamper) tamper(rki::Ended{}, body, step);
  const auto& next = std::get<rki::ExpectProof>(step.next);
  const rki::SessionId session = next.session;
  conversations.insert_or_assign(session, Conversation{std::move(step.next), hello.dsn, {}, {}, false});
  return std::move(step.reply);
}

Result<std::string> MemoryPlatform::message(std::string_view route, const std::string& body) {
  const rki::SessionId session = TF_TRY(rki::session_of(body));
  const auto found = conversations.find(session);
  if (found == conversations.end()) return Error{Code::conflict, "rki.session_unknown", "no such conversation"};
  Conversation& conversation = found->second;
  if (conversation.superseded) return Error{Code::conflict, "rki.superseded", "a newer conversation proved itself"};
  const std::string request = std::string(route) + " " + body;
  if (!conversation.last_reply.empty() && request == conversation.last_request) return conversation.last_reply;
  auto step = step_and_commit(conversation, route, body);
  if (!step) {
    if (step.error().code == Code::refused || step.error().code == Code::malformed) conversation.state = rki::Ended();
    return step.error();
  }
  if (route == "token") {
    for (auto& [id, other] : conversations) {
      const bool proved = std::holds_alternative<rki::ExpectReceipt>(other.state);
      if (id != session && other.dsn == conversation.dsn && proved) {
        other.superseded = true;
        other.state = rki::Ended();
      }
    }
  }
  conversation.state = std::move(step->next);
  conversation.last_request = request;
  conversation.last_reply = step->reply;
  return std::move(step->reply);
}

Result<rki::PlatformStep> MemoryPlatform::step_and_commit(Conversation& conversation, std::string_view route,
                                                          const std::string& body) {
  for (int attempt = 1;; ++attempt) {
    auto step = TF_TRY(rki::step(conversation.state, route, body, snapshot_for(conversation.state), ports()));
    if (tamper) tamper(conversation.state, body, step);
    if (step.writes.action.empty()) return step;
    const Status committed = perform(conversation.dsn, step.writes);
    if (committed) return step;
    if (committed.error().code != Code::conflict || attempt == 3) return committed.error();
  }
}

rki::Snapshot MemoryPlatform::snapshot_for_hello(const rki::Hello& hello) const {
  rki::Snapshot out;
  const auto found = terminals.find(hello.dsn.text());
  if (found == terminals.end()) return out;
  out.terminal = found->second.record;
  const auto suite = rki::choose_suite(hello, *out.terminal);
  if (suite && !without_dik1 && range(kRange).contains(hello.dsn))
    out.dik1 = *suite == rki::Suite::classic ? estate_.classic_dik1_row : estate_.modern_dik1_row;
  return out;
}

rki::Snapshot MemoryPlatform::snapshot_for(const rki::PlatformState& state) const {
  rki::Snapshot out;
  if (const auto* token = std::get_if<rki::ExpectToken>(&state)) {
    const auto found = terminals.find(token->dsn.text());
    if (found != terminals.end()) {
      out.terminal = found->second.record;
      const std::int64_t newest = sets_of(token->dsn);
      for (const KeyRecord& key : found->second.keys)
        if (key.set == newest) out.keys.push_back(key);
    }
    out.plan = plan;
  }
  return out;
}

Status MemoryPlatform::perform(const wire::Dsn& dsn, const rki::Writes& writes) {
  static const Error overtaken{Code::conflict, "rki.overtaken", "the terminal's keys changed meanwhile"};
  MemoryTerminal& terminal = terminals.at(dsn.text());
  if (!writes.remembers.empty() && !terminal.record.device_key.empty()) return overtaken;
  std::vector<KeyRecord> keys = terminal.keys;  // a savepoint
  for (KeyRecord key : writes.new_keys) {
    const bool exists =
        std::ranges::any_of(keys, [&](const KeyRecord& old) { return old.set == key.set && old.slot == key.slot; });
    if (exists) return overtaken;
    key.status = key.part == writes.part ? KeyStatus::delivered : KeyStatus::pending;
    keys.push_back(std::move(key));
  }
  const auto in_part = [&](const KeyRecord& key) { return key.set == writes.set && key.part == writes.part; };
  if (writes.delivers && writes.new_keys.empty())
    for (KeyRecord& key : keys)
      if (in_part(key) && key.status == KeyStatus::pending) key.status = KeyStatus::delivered;
  if (writes.activates) {
    int changed = 0;
    for (KeyRecord& key : keys) {
      if (!in_part(key) || (key.status != KeyStatus::delivered && key.status != KeyStatus::active)) continue;
      for (KeyRecord& old : keys)
        if (old.slot == key.slot && old.set < key.set) old.status = KeyStatus::superseded;
      key.status = KeyStatus::active;
      ++changed;
    }
    if (changed == 0) return overtaken;
    if (writes.completes) terminal.completed_set = writes.set;
    if (writes.proves_modern) terminal.record.proved_modern = true;
  }
  terminal.keys = std::move(keys);
  if (!writes.remembers.empty()) terminal.record.device_key = writes.remembers;
  actions.push_back(writes.action);
  return {};
}

void MemoryPlatform::renew(const wire::Dsn& dsn, rki::Suite suite) {
  const std::int64_t set = sets_of(dsn) + 1;
  for (std::size_t i = 0; i < plan.slots.size(); ++i) {
    const rki::Slot slot = plan.slots[i];
    auto made = must(estate_.vault->generate(rki::spec_of(suite, slot), rki::row_of(dsn, slot, set)));
    terminals.at(dsn.text())
        .keys.push_back(
            {slot, set, plan.part_of(i), suite, std::move(made.wrapped), std::move(made.kcv), KeyStatus::pending});
  }
}

std::string MemoryPlatform::broken_promise() const {
  for (const auto& [text, terminal] : terminals) {
    std::set<rki::Slot> active;
    std::set<std::pair<std::int64_t, rki::Slot>> known;
    for (const KeyRecord& key : terminal.keys) {
      const std::string where = text + " " + std::string(name_of(key.slot));
      if (key.status == KeyStatus::active && !active.insert(key.slot).second) return "two active keys: " + where;
      if (!known.emplace(key.set, key.slot).second) return "one key twice: " + where;
    }
  }
  return {};
}

SecretBytes MemoryPlatform::active_key(const wire::Dsn& dsn, rki::Slot slot) const {
  for (const KeyRecord& key : terminals.at(dsn.text()).keys) {
    if (key.slot != slot || key.status != KeyStatus::active) continue;
    const auto spec = rki::spec_of(key.suite, slot);
    const auto row = rki::row_of(dsn, slot, key.set);
    const auto header = must(rki::header_of(key.suite, slot, key.set));
    const SecretBytes kbpk(as_bytes(std::string_view("a key that only this test uses..").substr(0, spec.size)));
    const auto block = must(estate_.vault->export_block(vault::WrappedRef{key.wrapped, spec, row}, kbpk, header));
    return std::move(must(crypto::unwrap_key_block(kbpk.reveal(), block)).key);
  }
  return {};
}

std::int64_t MemoryPlatform::sets_of(const wire::Dsn& dsn) const {
  std::int64_t newest = 0;
  for (const KeyRecord& key : terminals.at(dsn.text()).keys) newest = std::max(newest, key.set);
  return newest;
}

}  // namespace tf::test
