#include "protocols/rki/terminal.hpp"

#include "protocols/rki/terminal_steps.hpp"

namespace tf::rki {

std::string_view name_of(Staple staple) {
  if (staple == Staple::none) return "none";
  return staple == Staple::ask ? "ask" : "require";
}

Result<Staple> parse_staple(std::string_view name) {
  for (const Staple staple : {Staple::none, Staple::ask, Staple::require})
    if (name == name_of(staple)) return staple;
  return Error{Code::invalid, "rki.unknown_staple", "write none, ask or require"};
}

Result<TerminalStep> begin(const Identity& identity, std::int64_t part, TerminalPorts ports) {
  Hello hello{.dsn = identity.dsn, .suites = {}, .nonce = ports.random.array<32>(), .part = part, .certificates = {}};
  for (const Suite suite : identity.suites) hello.suites.emplace_back(name_of(suite));
  if (identity.staple != Staple::none) hello.suites.emplace_back(kStapleWord);
  if (identity.device_key)
    for (const pki::Certificate& certificate : identity.device_chain) hello.certificates.push_back(certificate.der());
  Outgoing out{"hello", encode(hello)};
  AwaitingServerHello next{.transcript = {}, .offered = hello.suites, .part = part};
  next.transcript.add(out.body);
  return TerminalStep{std::move(next), std::move(out), std::nullopt};
}

Result<TerminalStep> step(TerminalState state, std::string_view body, const Identity& identity, TerminalPorts ports) {
  if (auto* hello = std::get_if<AwaitingServerHello>(&state)) return on_server_hello(std::move(*hello), body, identity, ports);
  if (auto* token = std::get_if<AwaitingToken>(&state)) return on_token(std::move(*token), body, identity, ports);
  if (auto* delivery = std::get_if<AwaitingDelivery>(&state)) return on_delivery(std::move(*delivery), body, ports);
  if (auto* ack = std::get_if<AwaitingAck>(&state)) return on_ack(std::move(*ack), body);
  return Error{Code::invalid, "rki.finished", "the conversation has ended"};
}

}  // namespace tf::rki
