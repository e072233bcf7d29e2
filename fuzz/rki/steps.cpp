// Both sides at each of their states, given arbitrary bodies. The first byte says which state; the second how the rest
// is used: as the body itself, as one member of an honest body, or as a payload authenticated with the conversation's
// own keys, as only a peer that proved itself could send. Nothing but an honest body may be accepted before the peer
// has proved itself.
#include <cstdlib>

#include "crypto/jose/jose.hpp"
#include "protocols/rki/keys.hpp"
#include "tests/support/terminal_under_test.hpp"

namespace {

using namespace tf;
using namespace tf::rki;
using namespace tf::test;

// One conversation of a suite, with both sides' states as they waited for each message.
struct Story {
  explicit Story(Suite suite)
      : platform(shared_estate(), random),
        terminal(shared_estate().device(kDsn, {suite}), shared_estate().clock, random) {
    platform.admit(kDsn);
    TerminalStep at = must(begin(terminal.identity, 1, terminal.ports()));
    const Hello hello = must(decode_hello(at.send->body));
    Result<PlatformStep> answer = on_hello(hello, at.send->body, platform.snapshot_for_hello(hello), platform.ports());
    while (at.send) {
      PlatformStep reply = must(std::move(answer));
      if (!reply.writes.action.empty()) must(platform.perform(kDsn, reply.writes));
      replies.push_back(reply.reply);
      waiting_terminals.push_back(clone(at.next));
      at = must(step(std::move(at.next), reply.reply, terminal.identity, terminal.ports()));
      waiting_platforms.push_back(std::move(reply.next));
      if (!at.send) break;
      requests.push_back(*at.send);
      answer = step(waiting_platforms.back(), at.send->route, at.send->body,
                    platform.snapshot_for(waiting_platforms.back()), platform.ports());
    }
  }

  DeterministicRandom random{"fuzz"};
  MemoryPlatform platform;
  TerminalUnderTest terminal;
  std::vector<TerminalState> waiting_terminals;  // for server hello, token, delivery, ack
  std::vector<std::string> replies;
  std::vector<PlatformState> waiting_platforms;  // for proof, token, receipt
  std::vector<Outgoing> requests;
};

void demand(bool promise) {
  if (!promise) std::abort();
}

// The n-th string value of an honest body, replaced.
std::string with_member(const std::string& honest, std::size_t n, std::string_view text) {
  std::size_t at = 0;
  for (std::size_t i = 0; i <= n % 4; ++i)
    at = honest.find("\":\"", at) == std::string::npos ? at : honest.find("\":\"", at) + 3;
  return honest.substr(0, at) + std::string(text) + honest.substr(std::min(honest.find('"', at), honest.size()));
}

std::string authenticated_reply(const TerminalState& state, std::string_view payload) {
  if (const auto* delivery = std::get_if<AwaitingDelivery>(&state)) {
    const Secret<32> key =
        transport_subkey(delivery->suite, delivery->tk, "rki delivery mac", delivery->transcript.hash());
    return encode_wrapped("delivery", crypto::jws_sign_hs256(key.reveal(), typ::delivery, payload));
  }
  if (const auto* ack = std::get_if<AwaitingAck>(&state)) {
    const Secret<32> key = transport_subkey(ack->suite, ack->tk, "rki ack mac", ack->transcript.hash());
    return encode_wrapped("ack", crypto::jws_sign_hs256(key.reveal(), typ::ack, payload));
  }
  return std::string(payload);
}

std::string authenticated_request(const PlatformState& state, std::string_view payload) {
  const auto* receipt = std::get_if<ExpectReceipt>(&state);
  if (receipt == nullptr) return std::string(payload);
  const Secret<32> key = transport_subkey(receipt->suite, receipt->tk, "rki receipt mac", receipt->transcript.hash());
  return encode_wrapped(receipt->session, "receipt", crypto::jws_sign_hs256(key.reveal(), typ::receipt, payload));
}

void try_terminal(Story& story, std::size_t at, unsigned how, std::string_view text) {
  const TerminalState& state = story.waiting_terminals[at];
  const std::string& honest = story.replies[at];
  const bool authentic = how % 8 == 1;
  const std::string body = how % 8 == 0 ? std::string(text)
                           : authentic  ? authenticated_reply(state, text)
                                        : with_member(honest, how, text);
  const auto next = step(clone(state), body, story.terminal.identity, story.terminal.ports());
  // A classic server hello is bound to the conversation only by what follows it.
  const bool binding =
      !std::holds_alternative<AwaitingServerHello>(state) || story.terminal.identity.classic_dik2.empty();
  demand(!next || authentic || body == honest || !binding || std::holds_alternative<AwaitingAck>(state));
}

void try_platform(Story& story, std::size_t at, unsigned how, std::string_view text) {
  const PlatformState& state = story.waiting_platforms[at];
  const Outgoing& honest = story.requests[at];
  const bool authentic = how % 8 == 1;
  const std::string body = how % 8 == 0 ? std::string(text)
                           : authentic  ? authenticated_request(state, text)
                                        : with_member(honest.body, how, text);
  const auto next = step(state, honest.route, body, story.platform.snapshot_for(state), story.platform.ports());
  demand(!next || authentic || body == honest.body || next->writes.action.empty() ||
         std::holds_alternative<ExpectReceipt>(state));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Story stories[] = {Story(Suite::classic), Story(Suite::modern)};
  if (size < 2) return 0;
  Story& story = stories[data[0] & 1U];
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t place = (data[0] >> 1U) % 8;
  if (place < 4) {
    try_terminal(story, place, data[1], text);
  } else if (place < 7) {
    try_platform(story, place - 4, data[1], text);
  } else {
    const auto hello = decode_hello(text);
    if (hello) (void)on_hello(*hello, text, story.platform.snapshot_for_hello(*hello), story.platform.ports());
  }
  return 0;
}
