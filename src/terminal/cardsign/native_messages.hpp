// The messages between a browser's extension and the program on this machine: a length of four octets in the machine's order, then JSON
// (Chromium, native messaging). Requests and answers as values; what each does is in bridge.hpp.
//
//   request                                              answer, beside "id"
//   {id, op: "readers", origin}                          readers: [{name, card, in_use}]
//   {id, op: "begin", origin, reader?}                   reader
//   {id, op: "transmit", origin, commands: [b64]}        answers: [b64]
//   {id, op: "display", origin, reply, keys}             platform, user, serial, payee, amount, currency, order, subject, tries?
//        reply: what the platform sent, word for word; keys: its answer to GET keys
//   {id, op: "pin", origin, pin}                         pin_envelope
//   {id, op: "pin_state", origin, container?}            serial, pin_tries, puk_tries
//   {id, op: "unblock", origin, container?, puk, pin}    unblocked; false: the PUK was wrong, and tries are left
//   {id, op: "end", origin}                              nothing
//   any                                                  error: {reason, detail}, of the closed list in bridge.hpp
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::terminal {

inline constexpr std::size_t kMaxNativeMessage = 256 * 1024;  // in; Chromium allows 64 MiB
inline constexpr std::size_t kMaxNativeAnswer = 1024 * 1024;  // out: Chromium's limit

// Length and message; the caller keeps below kMaxNativeAnswer. Code::invalid "bridge.too_long".
Result<Bytes> native_frame(std::string_view message);
// Fills the whole of out, or gives false at the end of the stream before its first octet. Code::malformed "bridge.cut" in the middle.
using ReadAll = std::function<Result<bool>(MutableByteView out)>;
// The next message; empty at a clean end. Code::malformed "bridge.too_long", "bridge.empty", "bridge.cut": the stream is worth nothing then.
Result<SecretBytes> read_native_message(const ReadAll& read);

struct AskReaders {};
struct AskBegin {
  std::string reader;  // empty: the first with a card
};
struct AskTransmit {
  std::vector<Bytes> commands;
};
struct AskDisplay {
  std::string reply, keys;
};
struct AskPin {
  SecretBytes pin;
};
struct AskPinState {
  std::uint8_t container = 0;
};
struct AskUnblock {
  std::uint8_t container = 0;
  SecretBytes puk, pin;  // pin: the new one
};
struct AskEnd {};

struct NativeRequest {
  std::int64_t id = 0;
  std::string origin;  // of the page, as the browser told the extension
  std::variant<AskReaders, AskBegin, AskTransmit, AskDisplay, AskPin, AskPinState, AskUnblock, AskEnd> what;
};
// Strict. Code::malformed "bridge.message" or "json.…".
Result<NativeRequest> decode_native_request(const SecretBytes& message);
// The id alone, of a request that is no good otherwise; 0 when there is none.
std::int64_t native_id(const SecretBytes& message);

}  // namespace tf::terminal
