#include "protocols/rki/platform.hpp"

#include <algorithm>

#include "protocols/rki/keys.hpp"
#include "protocols/rki/platform_steps.hpp"

namespace tf::rki {
namespace {

Error refused(const char* reason, std::string detail) { return {Code::refused, reason, std::move(detail)}; }

Status check_terminal(const Snapshot& snapshot) {
  if (!snapshot.terminal) return refused("rki.unknown_dsn", "no such terminal in the estate");
  if (snapshot.terminal->denied) return refused("rki.denied_dsn", "the terminal is denied");
  return {};
}

// The key that the terminal first proved itself with stays its key: who can make certificates does not get another's keys.
Status check_device_key(const ExpectToken& state, const TerminalRecord& terminal) {
  if (state.suite != Suite::modern || terminal.device_key.empty() || terminal.device_key == state.device_key) return {};
  return refused("rki.other_device_key", "device key " + state.device_key + " where " + terminal.device_key + " is remembered");
}

Result<PlatformStep> on_token(const ExpectToken& state, std::string_view body, const Snapshot& snapshot, PlatformPorts ports) {
  TF_CHECK(check_terminal(snapshot));
  Transcript transcript = state.transcript;
  transcript.add(body);
  SecretBytes tk = state.suite == Suite::classic ? TF_TRY(classic_tk(state, body, ports))
                                                 : TF_TRY(modern_tk_from(state, body, transcript.hash()));
  TF_CHECK(check_device_key(state, *snapshot.terminal));
  return deliver(state, std::move(tk), transcript, snapshot, ports);
}

}  // namespace

// Modern needs a device certificate; a device without one proves
// itself by DIK2 alone, which the policy must allow by naming classic.
Result<Suite> choose_suite(const Hello& hello, const TerminalRecord& terminal) {
  const auto offered = [&](Suite suite) {
    return std::ranges::find(hello.suites, name_of(suite)) != hello.suites.end();
  };
  for (const Suite suite : terminal.policy.suites()) {
    if (!offered(suite) || (suite == Suite::modern && hello.certificates.empty())) continue;
    if (suite == Suite::classic && terminal.proved_modern)
      return refused("rki.downgrade", "this terminal has used modern before and now offers less");
    return suite;
  }
  return refused("rki.no_common_suite", "policy " + terminal.policy.text() + " and the offer share no suite");
}

Result<PlatformStep> on_hello(const Hello& hello, std::string_view body, const Snapshot& snapshot, PlatformPorts ports) {
  TF_CHECK(check_terminal(snapshot));
  const Suite suite = TF_TRY(choose_suite(hello, *snapshot.terminal));
  const WorkCertificate work = TF_TRY(ports.credentials.work_certificate(suite, hello.dsn));
  return suite == Suite::classic ? classic_hello(hello, body, work, snapshot, ports)
                                : modern_hello(hello, body, work, snapshot, ports);
}

Result<PlatformStep> step(const PlatformState& state, std::string_view route, std::string_view body,
                          const Snapshot& snapshot, PlatformPorts ports) {
  if (const auto* proof = std::get_if<ExpectProof>(&state); proof != nullptr && route == "proof")
    return proof->suite == Suite::classic ? classic_proof(*proof, body, ports)
                                          : modern_proof(*proof, body, ports);
  if (const auto* token = std::get_if<ExpectToken>(&state); token != nullptr && route == "token")
    return on_token(*token, body, snapshot, ports);
  if (const auto* receipt = std::get_if<ExpectReceipt>(&state); receipt != nullptr && route == "receipt")
    return on_receipt(*receipt, body);
  return refused("rki.out_of_order", "a message that this state does not expect");
}

std::optional<Bytes> staple_for(const Hello& hello, const WorkCertificate& work) {
  if (work.ocsp.empty() || !asks_for_staple(hello)) return std::nullopt;
  return work.ocsp;
}

Status check_factor(ByteView factor) {
  if (factor.size() < kFactorMin || factor.size() > kFactorMax)
    return refused("rki.wrong_factor", "a diversification factor of that size does not exist");
  return {};
}

SecretBytes fresh_token(Random& random, std::size_t tk_size) {
  SecretBytes at_tk1(kAtSize + tk_size);
  random.fill(at_tk1.reveal_mutable());
  return at_tk1;
}

}  // namespace tf::rki
