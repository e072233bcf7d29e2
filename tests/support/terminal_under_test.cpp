#include "tests/support/terminal_under_test.hpp"

namespace tf::test {

rki::TerminalState clone(const rki::TerminalState& state) {
  if (const auto* token = std::get_if<rki::AwaitingToken>(&state)) {
    rki::AwaitingToken out{token->suite, token->session, token->transcript, token->part, token->work_key, std::nullopt};
    if (token->k) out.k = token->k->clone();
    return out;
  }
  if (const auto* delivery = std::get_if<rki::AwaitingDelivery>(&state))
    return rki::AwaitingDelivery{delivery->suite, delivery->session, delivery->transcript, delivery->part,
                                 delivery->tk.clone()};
  if (const auto* ack = std::get_if<rki::AwaitingAck>(&state))
    return rki::AwaitingAck{ack->suite, ack->transcript, ack->tk.clone(), ack->expected, ack->of};
  if (const auto* hello = std::get_if<rki::AwaitingServerHello>(&state)) return *hello;
  return std::get<rki::Finished>(state);
}

Result<std::string> TerminalUnderTest::exchange_patiently(const Exchange& exchange, const rki::Outgoing& message) {
  for (int attempt = 1;; ++attempt) {
    auto reply = exchange(message.route, message.body);
    if (reply || reply.error().code != Code::unavailable || attempt == 3) return reply;
  }
}

Result<rki::Finished> TerminalUnderTest::converse(std::int64_t part, const Exchange& exchange) {
  auto at = TF_TRY(rki::begin(identity, part, ports()));
  if (tamper) tamper(rki::Finished{}, "", at);
  while (true) {
    const std::string body = TF_TRY(exchange_patiently(exchange, *at.send));
    const rki::TerminalState before = clone(at.next);
    at = TF_TRY(rki::step(std::move(at.next), body, identity, ports()));
    if (tamper) tamper(before, body, at);
    if (at.install) install(std::move(*at.install));
    if (const auto* finished = std::get_if<rki::Finished>(&at.next)) {
      confirm(*finished);
      return *finished;
    }
  }
}

Status TerminalUnderTest::download(const Exchange& exchange, int conversations) {
  Error last{Code::unavailable, "test.gave_up", "too few conversations were allowed"};
  const auto first_missing = [this] { return complete() || parts == 0 ? 1 : parts_done + 1; };
  std::int64_t part = first_missing();
  while (conversations-- > 0) {
    const std::int64_t set_before = set;
    const auto finished = converse(part, exchange);
    // A new set was made while we were between parts: its first part comes first.
    const bool other_set = part > 1 && set != set_before;
    if (finished && finished->part == finished->of && !other_set) return {};
    if (finished && other_set) parts_done = 0;
    if (!finished) last = finished.error();
    part = finished && !other_set ? finished->part + 1 : first_missing();
  }
  return last;
}

void TerminalUnderTest::install(rki::Installation installation) {
  if (installation.set != set) {
    parts_done = 0;
    arrived.clear();
  }
  set = installation.set;
  parts = installation.of;
  for (rki::InstallableKey& key : installation.keys)
    arrived.insert_or_assign(key.slot, HeldKey{installation.set, key.header.key_version, key.kcv, std::move(key.key)});
}

void TerminalUnderTest::confirm(const rki::Finished& finished) {
  for (auto& [slot, key] : arrived) in_use.insert_or_assign(slot, std::move(key));
  arrived.clear();
  parts_done = std::max(parts_done, finished.part);
}

std::string TerminalUnderTest::disagreement(const MemoryPlatform& platform) const {
  for (const rki::Slot slot : {rki::Slot::tmk, rki::Slot::pin, rki::Slot::mac, rki::Slot::data}) {
    const auto held = in_use.find(slot);
    const SecretBytes theirs = platform.active_key(identity.dsn, slot);
    if ((held == in_use.end()) != theirs.empty()) return "only one side has the key of " + std::string(name_of(slot));
    if (held != in_use.end() && held->second.key != theirs) return "different keys for " + std::string(name_of(slot));
  }
  return {};
}

}  // namespace tf::test
